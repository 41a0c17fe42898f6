/** Runs files of node:test, each in a process of its own, and passes their leaf tests on to the report. */
import { run } from 'node:test';
import { bundle, sourceOf } from './bundle.mjs';

/**
 * @param {import('./report.mjs').Report} report
 * @param {string[]} files TypeScript files
 * @param {{ level: string, concurrency: number, seconds: number }} options `seconds`: the most that one file may take
 */
export async function runNodeTests(report, files, { level, concurrency, seconds }) {
  const bundled = await bundle(files, { level });
  // A stack in a failure then names the TypeScript line.
  process.env.NODE_OPTIONS = '--enable-source-maps';
  /** For each depth, whether the test begun last there has tests inside: then it is no leaf. */
  let parents = [];
  const events = run({ files: bundled, concurrency, timeout: seconds * 1000 });
  for await (const { type, data } of events) {
    if (type === 'test:stdout' || type === 'test:stderr') process.stdout.write(data.message);
    if (type === 'test:start') {
      parents[data.nesting] = false;
      if (data.nesting > 0) parents[data.nesting - 1] = true;
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const result = outcome(type === 'test:pass', data, parents[data.nesting]);
    if (result) report.add({ file: sourceOf(data.file ?? data.name), ...result });
  }
  delete process.env.NODE_OPTIONS;
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
