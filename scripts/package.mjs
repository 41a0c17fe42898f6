/** `npm run package`: writes dist/headlight-<version>.vsix, and refuses one that is too large or holds too much. */
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';
import { root } from './npm.mjs';

const megabytes = 30;

/** What may be in the archive, by its path there. */
const shipped = [
  /^\[Content_Types\]\.xml$/,
  /^extension\.vsixmanifest$/,
  /^extension\/(package\.json|readme\.md|changelog\.md|LICENSE\.txt)$/i,
  /^extension\/dist\/(extension|extension\.browser|page|worker-(wasm|jspi|asyncify))\.(js|css|wasm\.gz)$/,
  /^extension\/dist\/[\w-]+\.ttf$/,
  /^extension\/dist\/THIRD_PARTY_NOTICES\.txt$/,
  /^extension\/media\/[\w./-]+\.(png|svg|md|json|onnx|data|txt|css|py|ts)$/,
];

/** What must be there, or the extension does not work or is not as it says; * is any name. */
const needed = [
  ...['package.json', 'readme.md', 'changelog.md', 'LICENSE.txt', 'dist/THIRD_PARTY_NOTICES.txt'],
  ...['dist/extension.js', 'dist/extension.browser.js', 'dist/page.js', 'dist/page.css'],
  ...['wasm', 'jspi', 'asyncify'].flatMap((name) => [
    `dist/worker-${name}.js`,
    `dist/worker-${name}.wasm.gz`,
  ]),
  ...['config.json', 'tokenizer.json', 'onnx/model.onnx'].map((name) => `media/models/*/${name}`),
];

export async function vsixPath() {
  const { name, version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return join(root, 'dist', `${name}-${version}.vsix`);
}

let made;

/**
 * Packages what a production build left in dist/, once per process.
 * @returns {Promise<{ name: string, problem?: string }[]>} each thing that was looked at, and what is wrong with it
 */
export function makePackage() {
  return (made ??= make());
}

async function make() {
  const { writeNotices } = await import('./notices.mjs');
  const licences = await writeNotices().then(
    () => ({}),
    (error) => ({ problem: error.message }),
  );
  const path = await vsixPath();
  await rm(path, { force: true });
  await createQuietly(path);
  const names = await namesIn(path);
  const extra = names.filter((name) => !shipped.some((pattern) => pattern.test(name)));
  const has = (name) => names.some((one) => matches(one, `extension/${name}`));
  const missing = needed.filter((name) => !has(name));
  const size = (await stat(path)).size / 1e6;
  return [
    { name: 'every licence in what ships is known', ...licences },
    { name: 'nothing ships that need not', ...(extra.length && { problem: extra.join('\n') }) },
    {
      name: 'all that is needed ships',
      ...(missing.length && { problem: `missing: ${missing.join(', ')}` }),
    },
    {
      name: `the archive is at most ${megabytes} MB (${size.toFixed(1)} MB)`,
      ...(size > megabytes && { problem: `${path} has ${size.toFixed(1)} MB` }),
    },
  ];
}

function matches(name, pattern) {
  const [head, tail] = pattern.split('*');
  return tail === undefined ? name === pattern : name.startsWith(head) && name.endsWith(tail);
}

/** vsce prints the whole archive; what matters about that is checked, so only its errors are let through. */
async function createQuietly(packagePath) {
  const { createVSIX } = await import('@vscode/vsce');
  const print = console.log;
  console.log = () => {};
  try {
    await createVSIX({
      cwd: root,
      packagePath,
      // Everything is bundled: nothing of node_modules goes along.
      dependencies: false,
      allowMissingRepository: true,
      rewriteRelativeLinks: false,
    });
  } finally {
    console.log = print;
  }
}

/** The paths in a zip archive, from its central directory. */
async function namesIn(path) {
  const zip = await readFile(path);
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06'));
  const names = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const length = zip.readUInt16LE(at + 28);
    names.push(zip.toString('utf8', at + 46, at + 46 + length));
    at += 46 + length + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return names.sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await install();
  const { build } = await import('./build.mjs');
  await build({ production: true });
  const steps = await makePackage();
  for (const { name, problem } of steps) console.log(problem ? `✗ ${name}\n${problem}` : `✓ ${name}`);
  const path = await vsixPath();
  console.log([...(await namesIn(path)).map((name) => `  ${name}`), path].join('\n'));
  process.exitCode = steps.some(({ problem }) => problem) ? 1 : 0;
}
