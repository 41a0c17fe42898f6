/**
 * `npm run bench`: measures, and prints every target with its figure, its floor, and whether it is met.
 *
 *   npm run bench                    everything
 *   npm run bench -- --json FILE     the rows as JSON too: {name, n, value, unit, floor, target, pass}
 *   npm run bench -- --quick         one short length, once: whether the bench itself works
 *   npm run bench -- --inference [FILE.onnx ...]
 *                                    instead, what makes the bundled model's run faster in one thread, tried one by one;
 *                                    the files are other graphs of it, run as they are
 */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { install } from './install.mjs';
import { root } from './npm.mjs';

const args = process.argv.slice(2);
const at = args.indexOf('--json');
const [, json] = at < 0 ? [] : args.splice(at, 2);
const quick = args.includes('--quick');
const inference = args[0] === '--inference';
if ((at >= 0 && !json) || (!inference && args.some((one) => one !== '--quick'))) {
  console.error('npm run bench -- [--quick] [--json FILE]\nnpm run bench -- --inference [FILE.onnx ...]');
  process.exit(2);
}
// npm runs scripts in the repository's folder: a name is meant where npm was called.
const from = (name) => resolve(process.env.INIT_CWD ?? root, name);
const file = json && from(json);

await install();
const { build } = await import('./build.mjs');
const { bundle } = await import('./bundle.mjs');
const { makePackage } = await import('./package.mjs');
process.chdir(root);
await build({ production: true });
if (inference) {
  const [trials] = await bundle(['test/bench/inference.ts'], { level: 'bench' });
  const tried = await import(pathToFileURL(trials).href);
  console.log(
    `\n${await tried.inference(args.slice(1).map(from), (what) => console.log(`Opening it: ${what}`))}`,
  );
  process.exit();
}
if (!quick) await makePackage();
const [bench, table] = await bundle(['test/bench/bench.ts', 'test/bench/rows.ts'], { level: 'bench' });
const options = quick
  ? { sizes: [64], repeats: 1, hovers: 5, idle: 1, editor: false, native: false }
  : { sizes: [64, 256, 512, 1024, 2048], repeats: 5, hovers: 40, idle: 10, editor: true, native: true };
const started = Date.now();
const { rows, skipped } = await (
  await import(pathToFileURL(bench).href)
).bench(options, (what) =>
  console.log(`Measuring ${what} (after ${Math.round((Date.now() - started) / 1000)} s)`),
);
if (file) await writeFile(file, `${JSON.stringify(rows, null, 2)}\n`);
console.log(`\n${(await import(pathToFileURL(table).href)).table(rows)}\n`);
for (const line of skipped) console.log(`NOT MEASURED: ${line}`);
const missed = rows.filter(({ pass }) => pass === false).length;
const met = rows.filter(({ pass }) => pass === true).length;
const [{ model }] = cpus();
console.log(
  `${met} targets met, ${missed} missed; ${cpus().length} x ${model}, Node ${process.versions.node}`,
);
process.exit();
