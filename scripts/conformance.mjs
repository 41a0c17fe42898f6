/**
 * `npm run conformance -- DIR ...`: every case folder under DIR, through the product's own reader, rewriter and
 * onnxruntime-web. test/fixtures/onnx/README.md describes the format.
 *
 *   --device webgpu   in a real Chromium, on software WebGPU where there is no other; else on WASM in Node
 *   --json FILE       the results as JSON too
 *   --grep TEXT       only cases with that in their path
 *   --seconds N       the most that one case may take (60)
 *
 * `npm run conformance -- --large` makes a model of 500 MB in a temporary folder, in one file and with its weights in a
 * second, and says what reading and rewriting cost beside the session that onnxruntime makes of it. Give it a quiet
 * machine. `--width N`: not GPT-2's 768.
 *
 * One line a case: `ok NAME KIND MAX-ERROR`, `FAIL NAME WHY`, or `skip NAME WHY` where the device cannot run it; then
 * `N passed, N failed`. The exit code is 1 where one failed, 2 where there was none.
 */
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { install } from './install.mjs';
import { root } from './npm.mjs';

const { values, positionals } = parse();
await install();
const { bundle } = await import('./bundle.mjs');
if (values.large) process.exit(await large());
const { casesIn } = await import(await compiled('test/conformance/disk.ts'));
const folders = positionals
  .flatMap((folder) => casesIn(resolve(folder)))
  .filter((folder) => folder.includes(values.grep));
if (folders.length === 0) fail(`There are no cases under ${positionals.join(', ')}.`);

const device = values.device === 'webgpu' ? await browserDevice() : nodeDevice();
const results = [];
for (const folder of folders) {
  const result = { folder, ...(await device.check(folder)) };
  results.push(result);
  console.log(line(result));
}
await device.close();
const count = (outcome) => results.filter((result) => result.outcome === outcome).length;
const skipped = count('skipped');
console.log(`${count('ok')} passed, ${count('failed')} failed` + (skipped > 0 ? `, ${skipped} skipped` : ''));
if (values.json) await writeFile(values.json, JSON.stringify(results, null, 1) + '\n');
process.exit(count('failed') > 0 ? 1 : 0);

function parse() {
  try {
    const parsed = parseArgs({
      allowPositionals: true,
      options: {
        device: { type: 'string', default: 'wasm' },
        json: { type: 'string' },
        large: { type: 'boolean', default: false },
        width: { type: 'string', default: '768' },
        grep: { type: 'string', default: '' },
        seconds: { type: 'string', default: '60' },
      },
    });
    if (!['wasm', 'webgpu'].includes(parsed.values.device)) fail('The devices are wasm and webgpu.');
    if (!(Number(parsed.values.seconds) > 0)) fail('--seconds wants a number above 0.');
    if (!/^[1-9]\d{0,3}$/.test(parsed.values.width)) fail('--width wants a whole number from 1 to 9999.');
    if (parsed.positionals.length === 0 && !parsed.values.large)
      fail('Say where the cases are: npm run conformance -- DIR');
    return parsed;
  } catch (error) {
    return fail(error.message);
  }
}

function fail(sentence) {
  console.error(sentence);
  process.exit(2);
}

function line({ name, outcome, kind, error, why }) {
  if (outcome === 'ok') return `ok ${name} ${kind} ${error.toExponential(1)}`;
  return `${outcome === 'skipped' ? 'skip' : 'FAIL'} ${name} ${why}`;
}

async function compiled(file) {
  const [path] = await bundle([file], { level: 'conformance' });
  return path;
}

/** A process checks the cases; one that ends or hangs is replaced, and only its case fails. */
function nodeDevice() {
  let script;
  let child = null;
  return {
    async check(folder) {
      const { fork } = await import('node:child_process');
      script ??= await compiled('test/conformance/child.ts');
      child ??= fork(script, { execArgv: ['--enable-source-maps'], cwd: root });
      const current = child;
      const answer = new Promise((settle) => {
        current.once('message', settle);
        current.once('exit', (code, signal) =>
          settle(failed(folder, `the process ended ${signal ? `by ${signal}` : `with ${code}`}`)),
        );
        current.send(folder);
      });
      const result = await withDeadline(answer, folder);
      current.removeAllListeners();
      if (result.gone) {
        current.kill('SIGKILL');
        child = null;
      }
      return result;
    },
    async close() {
      child?.kill();
    },
  };
}

/** A page does; the product's WebGPU build of onnxruntime, from the same files. */
async function browserDevice() {
  const { build } = await import('esbuild');
  const { createServer } = await import('node:http');
  const { createReadStream } = await import('node:fs');
  const { chromium } = await import('playwright-core');
  const { launchOptions } = await import('./browser.mjs');
  const { outputFiles } = await build({
    entryPoints: [join(root, 'test/conformance/page.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    alias: { 'onnxruntime-web/wasm': 'onnxruntime-web/webgpu' },
    define: { HEADLIGHT_WEBGPU: 'true' },
    logLevel: 'warning',
  });
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://here').pathname);
    const answer = (type, body) => response.writeHead(200, { 'content-type': type }).end(body);
    if (path === '/')
      return answer('text/html', '<!doctype html><script type="module" src="/page.js"></script>');
    if (path === '/page.js') return answer('text/javascript', outputFiles[0].contents);
    const [, first, ...rest] = path.split('/');
    const base = first === 'ort' ? join(root, 'node_modules/onnxruntime-web/dist') : folders[Number(first)];
    if (!base || rest.includes('..')) return response.writeHead(404).end();
    const type = path.endsWith('.mjs')
      ? 'text/javascript'
      : path.endsWith('.wasm')
        ? 'application/wasm'
        : 'application/octet-stream';
    createReadStream(join(base, ...rest))
      .on('error', () => response.headersSent || response.writeHead(404).end())
      .once('open', () => response.writeHead(200, { 'content-type': type }))
      .pipe(response);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const browser = await chromium.launch(launchOptions({ webgpu: true }));
  let page = null;
  async function openPage() {
    const opened = await browser.newPage();
    await opened.goto(origin, { timeout: 120_000 });
    await opened.waitForFunction(() => 'check' in window);
    return opened;
  }
  return {
    async check(folder) {
      try {
        page ??= await openPage();
      } catch (error) {
        return failed(folder, `no page could be opened: ${error.message.split('\n')[0]}`);
      }
      const url = `${origin}/${folders.indexOf(folder)}`;
      const name = folder.split(/[\\/]/).at(-1);
      const current = page;
      const answer = current
        .evaluate(([name, url]) => window.check(name, url), [name, url])
        .catch((error) => failed(folder, `the page ended: ${error.message.split('\n')[0]}`));
      const result = await withDeadline(answer, folder);
      if (result.gone) {
        await current.close().catch(() => {});
        page = null;
      }
      return result;
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}

function failed(folder, why) {
  return { name: folder.split(/[\\/]/).at(-1), kind: '?', outcome: 'failed', why, gone: true };
}

async function withDeadline(answer, folder) {
  let timer;
  const late = new Promise((settle) => {
    timer = setTimeout(
      () => settle(failed(folder, `not done after ${values.seconds} seconds`)),
      Number(values.seconds) * 1000,
    );
  });
  const result = await Promise.race([answer, late]);
  clearTimeout(timer);
  return result;
}

/** @returns {Promise<number>} 1 where rewriting takes over 5 % of the session's time, or memory over 1.1 of its own */
async function large() {
  const { execFile } = await import('node:child_process');
  const { mkdtemp, rm, stat } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  const { promisify } = await import('node:util');
  const script = await compiled('test/conformance/large.ts');
  const folder = await mkdtemp(join(tmpdir(), 'headlight-'));
  const run = async (...task) => (await promisify(execFile)(process.execPath, [script, ...task])).stdout;
  let isOver = false;
  try {
    await run('make', folder, values.width);
    const megabytes = Math.round((await stat(join(folder, 'inline.onnx'))).size / 2 ** 20);
    for (const [name, where] of [
      ['inline.onnx', 'in one file'],
      ['external.onnx', 'with weights in a second file'],
    ]) {
      const plain = JSON.parse(await run('plain', join(folder, name)));
      const rewritten = JSON.parse(await run('rewritten', join(folder, name)));
      const time = rewritten.rewriting / plain.session;
      const memory = rewritten.peak / plain.peak;
      isOver ||= time > 0.05 || memory > 1.1;
      console.log(
        `${megabytes} MB ${where}; onnxruntime alone: ${Math.round(plain.session)} ms, ${Math.round(plain.peak)} MB at most`,
      );
      console.log(
        `reading and rewriting ${rewritten.sites} layers: ${Math.round(rewritten.rewriting)} ms, ` +
          `${(100 * time).toFixed(1)} % of that; ` +
          `then ${Math.round(rewritten.session)} ms, ${Math.round(rewritten.peak)} MB at most, ${memory.toFixed(2)} times`,
      );
    }
    return isOver ? 1 : 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
