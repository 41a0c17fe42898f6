/** Counts and prints test results of all levels, in one form whoever ran them. */

import { stripVTControlCharacters } from 'node:util';

/** @typedef {{ name: string, file: string, outcome: 'passed' | 'failed' | 'skipped', milliseconds?: number, detail?: string }} Result */

export class Report {
  /** @type {Record<Result['outcome'], Result[]>} */
  results = { passed: [], failed: [], skipped: [] };
  #file = '';
  #started = Date.now();

  /** Announces a level. */
  level(name, what) {
    this.#file = '';
    console.log(`\n== ${name}: ${what} (after ${this.#minutes()})`);
  }

  /** @param {Result} result */
  add(result) {
    this.results[result.outcome].push(result);
    if (result.file !== this.#file) console.log(`  ${(this.#file = result.file)}`);
    const mark = { passed: '✓', failed: '✗', skipped: '-' }[result.outcome];
    const time = result.milliseconds === undefined ? '' : ` (${duration(result.milliseconds)})`;
    const reason = result.outcome === 'skipped' && result.detail ? `: skipped, ${result.detail}` : '';
    console.log(`    ${mark} ${result.name}${reason}${time}`);
    if (result.outcome === 'failed' && result.detail) console.log(indented(result.detail, 8));
  }

  /** Runs one test of a level that has no runner of its own. Its function throws what is wrong, or returns it. */
  async check(file, name, body) {
    const started = Date.now();
    const result = { file, name, outcome: /** @type {Result['outcome']} */ ('passed') };
    try {
      await body();
      this.add({ ...result, milliseconds: Date.now() - started });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      this.add({ ...result, outcome: 'failed', milliseconds: Date.now() - started, detail });
    }
  }

  /** Prints what failed and, as the very last line, the counts. Returns the exit code. */
  close() {
    const { passed, failed, skipped } = this.results;
    if (failed.length) console.log(`\nWhat failed, after ${this.#minutes()}:`);
    for (const { file, name, detail } of failed)
      console.log(`  ✗ ${file}: ${name}\n${indented(detail ?? 'no detail', 6)}`);
    if (!failed.length) console.log(`\nDone after ${this.#minutes()}`);
    const last = skipped.length ? `, ${skipped.length} skipped` : '';
    console.log(`${passed.length} passed, ${failed.length} failed${last}`);
    return failed.length > 0 || passed.length === 0 ? 1 : 0;
  }

  #minutes() {
    const seconds = Math.round((Date.now() - this.#started) / 1000);
    return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  }
}

function duration(milliseconds) {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** What a test says of its failure, so far in from the left. */
export function indented(text, columns) {
  return stripVTControlCharacters(text)
    .trimEnd()
    .split('\n')
    .slice(0, 60)
    .map((line) => ' '.repeat(columns) + line)
    .join('\n');
}
