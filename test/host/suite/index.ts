/**
 * The entry that VS Code loads into its extension host: runs Mocha on every test file beside it.
 * Each result goes as one line of JSON to the file that HEADLIGHT_TEST_RESULTS names, whatever the host does to stdout.
 */
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';

export function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000 });
  for (const name of readdirSync(__dirname).sort()) {
    if (name.endsWith('.test.js')) mocha.addFile(join(__dirname, name));
  }
  return new Promise((resolve, reject) => {
    const runner = mocha.run((failures) => {
      if (failures) reject(new Error(`${failures} failed`));
      else resolve();
    });
    runner.on('pass', (test) => write(test, 'passed'));
    runner.on('pending', (test) => write(test, 'skipped'));
    runner.on('fail', (test, error) => write(test, 'failed', error.stack ?? String(error)));
  });
}

function write(test: Mocha.Runnable, outcome: 'passed' | 'failed' | 'skipped', detail?: string): void {
  const results = process.env['HEADLIGHT_TEST_RESULTS'];
  const result = { file: test.file, name: test.fullTitle(), outcome, milliseconds: test.duration, detail };
  if (results) appendFileSync(results, `${JSON.stringify(result)}\n`);
}
