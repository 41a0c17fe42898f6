/**
 * `npm run test:electron`: the Mocha suite of test/host/suite in a desktop VS Code, which @vscode/test-electron
 * downloads. For machines that can; `npm test` runs the same suite in the VS Code from npm.
 *
 * A machine without a screen needs one pretended: xvfb-run -a npm run test:electron
 */
import { join } from 'node:path';
import { install } from './install.mjs';
import { root } from './npm.mjs';

/** The version that the VS Code from npm has, so that both runs of the suite mean the same. */
const version = '1.139.1';

await install();
const { runTests } = await import('@vscode/test-electron');
const { build } = await import('./build.mjs');
const { findFiles } = await import('./bundle.mjs');
const { bundleSuite, readResults } = await import('./mocha.mjs');
const { Report } = await import('./report.mjs');
const { copySample } = await import('./sample.mjs');

await build();
const files = await findFiles('test/host/suite', '.test.ts');
const { testsPath, results, env } = await bundleSuite(files);
const folder = await copySample(join(root, '.cache', 'run', `suite-${process.pid}-workspace`, 'sample'));

const report = new Report();
report.level('electron', `the suite in VS Code ${version} for the desktop`);
let code;
let log = '';
try {
  code = await runTests({
    version,
    cachePath: join(root, '.cache', 'electron'),
    extensionDevelopmentPath: root,
    extensionTestsPath: testsPath,
    extensionTestsEnv: env,
    launchArgs: [folder, '--disable-extensions', '--disable-workspace-trust'],
  });
} catch (error) {
  code = 1;
  log = error.message;
}
await readResults(report, results, code, log);
process.exitCode = report.close();
