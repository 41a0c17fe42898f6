/** The levels of `npm test`: what each runs, in which order, and for how long at most. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { findBrowser } from './browser.mjs';
import { build } from './build.mjs';
import { findFiles } from './bundle.mjs';
import { fetchEditor } from './fetch.mjs';
import { brokenRules } from './imports.mjs';
import { runMocha } from './mocha.mjs';
import { runNodeTests } from './nodetests.mjs';
import { root } from './npm.mjs';
import { makePackage } from './package.mjs';
import { Report } from './report.mjs';

/** The node:test levels: how many files at a time, the most seconds that one file may take, and how often one is run that fails. */
const nodeLevels = {
  unit: { concurrency: 2, seconds: 180 },
  conformance: { concurrency: 1, seconds: 300 },
  page: { concurrency: 1, seconds: 420, tries: 3 },
  host: { concurrency: 1, seconds: 600, tries: 3 },
  training: { concurrency: 1, seconds: 600 },
};

/** The levels that look at what ships, and so need it built. */
const built = ['package', 'page', 'host', 'suite'];

/** @returns {Promise<number>} the exit code */
export async function runLevels({ levels, wanted, grep }) {
  const report = new Report();
  const matches = (file) => file.includes(grep);
  let building;
  for (const level of Object.keys(levels).filter((name) => wanted.includes(name))) {
    report.level(level, levels[level]);
    try {
      if (built.includes(level)) await (building ??= build({ production: true }));
      if (level === 'check') await check(report);
      else if (level === 'package') await packaged(report);
      else if (level === 'suite') await suite(report, matches);
      else await nodeLevel(report, level, matches);
    } catch (error) {
      // The level itself broke: no browser, no editor, a test file that does not compile.
      report.add({ file: level, name: 'the level as a whole', outcome: 'failed', detail: error.stack });
    }
  }
  return report.close();
}

async function check(report) {
  await report.check('tsconfig.json', 'types are right (tsc -b)', () =>
    tool('typescript', 'bin/tsc', ['-b']),
  );
  await report.check('package.json', 'formatting is right (prettier --check)', () =>
    tool('prettier', 'bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']),
  );
  for (const [rule, breaches] of Object.entries(await brokenRules()))
    await report.check('scripts/imports.mjs', rule, () => {
      if (breaches.length) throw new Error(breaches.join('\n'));
    });
}

/** Every sentence of makePackage that holds is a test that passed; the first that does not ends the package. */
async function packaged(report) {
  const steps = await makePackage();
  for (const { name, problem } of steps)
    await report.check('scripts/package.mjs', name, () => {
      if (problem) throw new Error(problem);
    });
}

async function suite(report, matches) {
  const files = (await findFiles('test/host/suite', '.test.ts')).filter(matches);
  if (!files.length) return console.log('  no files');
  await runMocha(report, files);
}

async function nodeLevel(report, level, matches) {
  const all = await findFiles(`test/${level}`, '.test.ts');
  const files = all.filter((file) => matches(file) && !file.startsWith('test/host/suite/'));
  if (!files.length) return console.log('  no files');
  if (level === 'page' || level === 'host') findBrowser();
  if (level === 'host') {
    await fetchEditor();
    // What is wrong with the archive is for the level "package" to say; it can be installed all the same.
    await makePackage();
  }
  await runNodeTests(report, files, { level, ...nodeLevels[level] });
}

/** Runs a tool from node_modules; what it printed is the failure. */
async function tool(name, script, args) {
  const child = spawn(process.execPath, [join(root, 'node_modules', name, script), ...args], { cwd: root });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(output.trim() || `${name} ended with ${code}`);
}
