/** Runs files of node:test, each in a process of its own, and passes their leaf tests on to the report. */
import { run } from 'node:test';
import { bundle, sourceOf } from './bundle.mjs';
import { indented } from './report.mjs';

/**
 * @param {import('./report.mjs').Report} report
 * @param {string[]} files TypeScript files
 * @param {{ level: string, concurrency: number, seconds: number, tries?: number }} options `seconds`: the most that one
 *   file may take. `tries`: how often a file is run that fails; each time is told, and the last one counts
 */
export async function runNodeTests(report, files, { level, concurrency, seconds, tries = 1 }) {
  const bundled = await bundle(files, { level });
  // A stack in a failure then names the TypeScript line.
  process.env.NODE_OPTIONS = '--enable-source-maps';
  const options = { concurrency, timeout: seconds * 1000 };
  if (tries === 1) await runFiles({ ...options, files: bundled }, (result) => report.add(result));
  else for (const file of bundled) await runPatiently(report, { ...options, files: [file] }, tries);
  delete process.env.NODE_OPTIONS;
}

/** For files that drive a whole browser or editor: on a busy machine one can lose the focus, or the time, to another. */
async function runPatiently(report, options, tries) {
  const results = [];
  await runFiles(options, (result) => results.push(result));
  const failed = results.filter(({ outcome }) => outcome === 'failed');
  if (failed.length === 0 || tries === 1) return results.forEach((result) => report.add(result));
  console.log(`  ${failed[0].file} is run again:`);
  for (const { name, detail } of failed) console.log(`    ${name}\n${indented(String(detail), 8)}`);
  await runPatiently(report, options, tries - 1);
}

async function runFiles(options, tell) {
  /** For each depth, whether the test begun last there has tests inside: then it is no leaf. */
  let parents = [];
  for await (const { type, data } of run(options)) {
    if (type === 'test:stdout' || type === 'test:stderr') process.stdout.write(data.message);
    if (type === 'test:start') {
      parents[data.nesting] = false;
      if (data.nesting > 0) parents[data.nesting - 1] = true;
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const result = outcome(type === 'test:pass', data, parents[data.nesting]);
    if (result) tell({ file: sourceOf(data.file ?? data.name), ...result });
  }
}

/** What an event says about a leaf test; null when it only sums up the tests inside. */
function outcome(passed, data, isParent) {
  const { error, duration_ms: milliseconds } = data.details;
  // A file is reported as a test of its own when its process failed, or when it held no test.
  if (data.name === data.file)
    return {
      name: 'the file as a whole',
      outcome: 'failed',
      milliseconds,
      detail: fileFailure(passed, error),
    };
  const isSuite = data.details.type === 'suite' || isParent;
  const { name } = data;
  if (data.skip !== undefined || data.todo !== undefined) {
    const reason = data.skip ?? data.todo;
    return { name, outcome: 'skipped', detail: typeof reason === 'string' ? reason : 'to be written' };
  }
  if (passed) return isSuite ? null : { name, outcome: 'passed', milliseconds };
  if (error?.failureType === 'subtestsFailed') return null;
  return { name, outcome: 'failed', milliseconds, detail: describe(error) };
}

function fileFailure(passed, error) {
  if (passed) return 'it holds no test';
  const ending = error?.signal ? `by signal ${error.signal}` : `with exit code ${error?.exitCode}`;
  if (error?.failureType === 'testTimeoutFailure') return `${error.message}, and was ended`;
  return `its process ended ${ending}; what it printed is above`;
}

/** The message and the stack of the thrown value, which node:test wraps. */
function describe(error) {
  const thrown = error?.cause ?? error;
  if (!(thrown instanceof Error) && !thrown?.stack) return String(thrown?.message ?? thrown);
  return thrown.stack.includes(thrown.message) ? thrown.stack : `${thrown.message}\n${thrown.stack}`;
}
