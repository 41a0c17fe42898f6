/** Runs the Mocha suite of test/host/suite inside the extension host of the VS Code from npm. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { launchOptions } from './browser.mjs';
import { bundle, sourceOf } from './bundle.mjs';
import { startEditor, workbenchUrl } from './editor.mjs';
import { root } from './npm.mjs';
import { copySample } from './sample.mjs';

const entry = 'test/host/suite/index.ts';
const minutes = 8;

/** Bundles the suite; what it finds out it writes to a file, whose name it is told in the environment. */
export async function bundleSuite(files) {
  const [testsPath] = await bundle([entry, ...files], { level: 'suite', host: true });
  const folder = join(root, '.cache', 'run', `suite-${process.pid}-results`);
  await mkdir(folder, { recursive: true });
  const results = join(folder, 'results.jsonl');
  await rm(results, { force: true });
  return { testsPath, results, env: { HEADLIGHT_TEST_RESULTS: results } };
}

/** Passes what the suite wrote on to the report; a suite that came to no end is a failure of its own. */
export async function readResults(report, results, code, log) {
  const text = await readFile(results, 'utf8').catch(() => '');
  const lines = text.split('\n').filter(Boolean);
  for (const line of lines) {
    const { file, ...result } = JSON.parse(line);
    report.add({ file: file ? sourceOf(file) : entry, ...result });
  }
  const failed = lines.some((line) => JSON.parse(line).outcome === 'failed');
  if (lines.length && (code === 0 || failed)) return;
  const detail = `The extension host ended with ${code} after ${lines.length} tests.\n${log}`;
  report.add({ file: entry, name: 'the suite as a whole', outcome: 'failed', detail });
}

/** @param {import('./report.mjs').Report} report */
export async function runMocha(report, files) {
  const { testsPath, results, env } = await bundleSuite(files);
  const folder = await copySample(join(root, '.cache', 'run', `suite-${process.pid}-workspace`, 'sample'));
  const editor = await startEditor({ env });
  let log = '';
  let code;
  try {
    const browser = await chromium.launch(launchOptions());
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      code = await new Promise((resolve, reject) => {
        // VS Code calls these two, where they exist, for what tests print and for how they end.
        const ready = [
          page.exposeFunction('codeAutomationLog', (type, args) => (log += `[${type}] ${args.join(' ')}\n`)),
          page.exposeFunction('codeAutomationExit', resolve),
        ];
        setTimeout(() => resolve(`no answer in ${minutes} minutes`), minutes * 60_000).unref();
        page.on('crash', () => resolve('a crash of the workbench'));
        const url = workbenchUrl(editor, { folder, developmentPath: root, testsPath });
        Promise.all(ready)
          .then(() => page.goto(url))
          .catch(reject);
      });
    } finally {
      await browser.close();
    }
  } finally {
    await editor.stop();
  }
  await readResults(report, results, code, log.slice(-4000));
}
