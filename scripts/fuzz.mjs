/**
 * `npm run fuzz -- --count N --seed S`: damages the committed models with knowledge of the format, and counts what
 * becomes of each file: opened, refused in one sentence, or failed (anything else was thrown, or it hung).
 *
 *   --count N    how many files (2000)
 *   --seed S     of the first file; the others follow it (0)
 *   --share P    which share of what opens onnxruntime makes a session of, in a process with a deadline (0.02)
 *   --seconds N  the most that one file may take (10)
 *
 * The exit code is 1 where one failed.
 */
import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { install } from './install.mjs';
import { root } from './npm.mjs';

const { count, seed, share, seconds } = parse();
await install();
const { bundle } = await import('./bundle.mjs');
const [script] = await bundle(['test/fuzz/child.ts'], { level: 'fuzz' });

const counts = { opened: 0, refused: 0, failed: 0, hung: 0 };
const sessions = { made: 0, refused: 0, crashed: 0, hung: 0 };
const sentences = new Map();
let slowest = { ms: 0 };
const started = Date.now();
for (let next = seed; next < seed + count;) next = await goThrough(next);
report();
process.exit(counts.failed + counts.hung > 0 ? 1 : 0);

function parse() {
  const options = { count: '2000', seed: '0', share: '0.02', seconds: '10' };
  try {
    const { values } = parseArgs({
      options: Object.fromEntries(
        Object.entries(options).map(([name, value]) => [name, { type: 'string', default: value }]),
      ),
    });
    const numbers = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
    const wrong = Object.keys(numbers).find((name) => !(numbers[name] >= 0));
    if (wrong) throw new Error(`--${wrong} wants a number.`);
    return numbers;
  } catch (error) {
    console.error(error.message);
    process.exit(2);
  }
}

/** One process, from file `first` until it is through or gone. @returns the first file that nobody looked at */
function goThrough(first) {
  return new Promise((settle) => {
    const child = fork(script, {
      execArgv: ['--enable-source-maps'],
      cwd: root,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    let next = first;
    let timer;
    let reason = '';
    const watch = (limit = seconds) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        reason = `not done after ${limit} seconds`;
        child.kill('SIGKILL');
      }, limit * 1000);
    };
    // To start takes a busy machine longer than any file does.
    watch(30 * seconds);
    child.on('message', (said) => {
      if (said === 'started') return watch();
      next = said.seed + 1;
      take(said);
      if (next === seed + count) child.kill();
      else watch();
    });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (next < seed + count && code !== 3) {
        counts.hung++;
        console.log(
          `FAIL seed ${next}: ${reason || `the process ended ${signal ? `by ${signal}` : `with ${code}`}`}`,
        );
        next++;
      }
      settle(next);
    });
    child.send({ from: first, to: seed + count, share });
  });
}

function take({ seed, outcome, damage, ms, detail, session }) {
  counts[outcome]++;
  if (session) sessions[session]++;
  if (ms > slowest.ms) slowest = { ms, seed };
  if (outcome === 'failed') console.log(`FAIL seed ${seed} (${damage.join(', ')}): ${detail}`);
  if (outcome === 'refused') {
    const form = detail.replace(/"[^"]*"|\d[\d.,x ]*/g, '…').slice(0, 90);
    sentences.set(form, (sentences.get(form) ?? 0) + 1);
  }
}

function report() {
  console.log(`${count} files from seed ${seed} in ${Math.round((Date.now() - started) / 1000)} s`);
  console.log(
    `${counts.opened} opened, ${counts.refused} refused in one sentence, ${counts.failed} failed, ${counts.hung} hung or crashed`,
  );
  const asked = sessions.made + sessions.refused + sessions.crashed;
  console.log(
    `Of ${asked} opened ones onnxruntime made ${sessions.made} into sessions, refused ${sessions.refused}, crashed on ${sessions.crashed}`,
  );
  if (slowest.ms > 0) console.log(`The slowest took ${Math.round(slowest.ms)} ms (seed ${slowest.seed})`);
  for (const [form, times] of [...sentences].sort((a, b) => b[1] - a[1]).slice(0, 12))
    console.log(`${String(times).padStart(7)}  ${form}`);
}
