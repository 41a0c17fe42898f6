/** Bad input and broken parts: one clear sentence, a Retry that works, and nothing lost. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inPanel, PanelPage } from './browser';
import type { PageOptions } from './browser';

const text = 'def f(x):\n    return x\n';
const model = '/media/models/headlight-small';
const file = (path: string) => new Uint8Array(readFileSync(`.${path}`));

/** Shows a text where `path` answers with something broken, then mends it and retries. */
async function brokenThenMended(
  path: string,
  answer: number | Uint8Array,
  sentence: RegExp,
  options: PageOptions = {},
) {
  let broken = true;
  const panel = await PanelPage.open({
    ...options,
    answer: (asked) => (broken && asked === path ? answer : null),
  });
  try {
    await panel.show(text, { wait: false });
    const alert = panel.page.locator('[role=alert]');
    await panel.page.waitForFunction(() => document.querySelector('[role=alert]')!.textContent !== '', null, {
      timeout: 60_000,
    });
    assert.match((await alert.textContent())!, sentence);
    assert.equal(
      await panel.page
        .getByRole('grid', { name: 'Heads by layers', includeHidden: true })
        .getAttribute('aria-busy'),
      'false',
    );
    const logged = (await panel.sent()).filter(
      (message) => message.type === 'log' && message.level === 'error',
    );
    assert.ok(logged.length > 0, 'the detail is in the log');
    for (const message of logged)
      assert.ok(!JSON.stringify(message).includes('return x'), 'no text is logged');
    broken = false;
    await panel.page.getByRole('button', { name: 'Retry' }).click();
    await panel.settled();
    assert.equal(await alert.textContent(), '');
  } finally {
    await panel.close();
  }
}

const damaged = /install the extension again/;
test('the engine is missing', () => brokenThenMended('/dist/worker-wasm.wasm.gz', 404, damaged));
test('the engine is something else', () =>
  brokenThenMended('/dist/worker-wasm.wasm.gz', new TextEncoder().encode('<html>'), damaged));
test('the engine is cut short', () =>
  brokenThenMended(
    '/dist/worker-wasm.wasm.gz',
    file('/dist/worker-wasm.wasm.gz').subarray(0, 1_000_000),
    damaged,
  ));
test('the worker’s script is missing', () => brokenThenMended('/dist/worker-wasm.js', 404, damaged));
test('the model is missing', () =>
  brokenThenMended(
    `${model}/onnx/model.onnx`,
    404,
    /headlight-small cannot be opened: onnx\/model.onnx cannot be read/,
  ));
test('the model is cut short', () =>
  brokenThenMended(
    `${model}/onnx/model.onnx`,
    file(`${model}/onnx/model.onnx`).subarray(0, 1_000_000),
    /\.$/,
  ));
test('the model is something else', () =>
  brokenThenMended(`${model}/onnx/model.onnx`, new TextEncoder().encode('<!doctype html>'), /\.$/));
test('the configuration is not JSON', () =>
  brokenThenMended(`${model}/config.json`, new TextEncoder().encode('{'), /config\.json cannot be read/));
test('the tokenizer is not JSON', () =>
  brokenThenMended(`${model}/tokenizer.json`, new TextEncoder().encode('[1,'), /tokenizer cannot be read/));
test('the tokenizer is of another kind', () =>
  brokenThenMended(
    `${model}/tokenizer.json`,
    new TextEncoder().encode('{"model": {"type": "Nonsense"}}'),
    /tokenizer cannot be read/,
  ));

const tokenizer = () => JSON.parse(readFileSync(`.${model}/tokenizer.json`, 'utf8'));
const bytes = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));
test('a pattern of the tokenizer takes for ever', () => {
  const pattern = { Regex: '(?:(?:[^#]|[^#])+)+#' };
  const pre_tokenizer = { type: 'Split', pattern, behavior: 'Isolated', invert: false };
  return brokenThenMended(
    `${model}/tokenizer.json`,
    bytes({ ...tokenizer(), pre_tokenizer }),
    /^The model's tokenizer gave no answer within 15 seconds/,
  );
});
test('the tokenizer has more tokens than the model', () => {
  const file = tokenizer();
  const letters = Object.entries<number>(file.model.vocab).filter(([name]) => name.length === 1);
  file.model.vocab = Object.fromEntries(letters.map(([name, id]) => [name, id + 1e6]));
  file.model.merges = [];
  return brokenThenMended(
    `${model}/tokenizer.json`,
    bytes(file),
    /^The tokenizer does not fit the model: it has a token 10\d+, and the model knows \d+\.$/,
  );
});

test(
  'no WebGPU where it is asked for',
  inPanel({}, async (panel) => {
    await panel.show(text, { device: 'webgpu', wait: false });
    await panel.page.waitForFunction(() => document.querySelector('[role=alert]')!.textContent !== '');
    assert.match(
      (await panel.page.locator('[role=alert]').textContent())!,
      /has no WebGPU; set "headlight.device"/,
    );
    await panel.post({ type: 'device', device: 'wasm' });
    await panel.settled();
    assert.equal(await panel.page.locator('[role=alert]').textContent(), '');
  }),
);

test(
  'auto takes no software adapter',
  inPanel({ webgpu: true }, async (panel) => {
    await panel.show(text, { device: 'auto' });
    await panel.show(`${text}\n`, { device: 'auto' });
    assert.match((await panel.page.getByRole('status').textContent())!, /WASM/);
    const workers = await panel.page.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => name),
    );
    assert.ok(!workers.some((name) => /jspi|asyncify/.test(name)), 'a WebGPU build is not even loaded');
  }),
);

test(
  'auto times an adapter that says it is real, and keeps the faster device',
  inPanel({ webgpu: true }, async (panel) => {
    // The only adapter here is a software one; it is made to deny it, and is slower all the same.
    await panel.page.evaluate(() =>
      Object.defineProperty(GPUAdapterInfo.prototype, 'isFallbackAdapter', { get: () => false }),
    );
    await panel.show('total = first + second\n'.repeat(20), { device: 'auto' });
    await panel.page.waitForFunction(
      () => window.sent.some((message) => message.type === 'log' && /WebGPU/.test(message.line)),
      null,
      { timeout: 120_000 },
    );
    const log = (await panel.sent()).find((message) => message.type === 'log' && /WebGPU/.test(message.line));
    assert.ok(log?.type === 'log');
    const [, gpu, wasm] = /^\d+ tokens: WebGPU (\d+) ms, WASM (\d+) ms$/.exec(log.line) ?? [];
    assert.ok(Number(gpu) > Number(wasm), log.line);
    await panel.show(text, { device: 'auto' });
    assert.match((await panel.page.getByRole('status').textContent())!, /WASM/);
  }),
);

test(
  'the worker is killed in the middle of a run',
  inPanel({}, async (panel) => {
    await panel.page.evaluate(() => {
      const post = Worker.prototype.postMessage;
      Worker.prototype.postMessage = function (this: Worker, ...args: Parameters<typeof post>) {
        window.worker = this;
        return post.apply(this, args);
      } as typeof post;
    });
    await panel.show(text);
    await panel.page.evaluate(() => {
      const post = Worker.prototype.postMessage;
      Worker.prototype.postMessage = function (this: Worker, ...args: Parameters<typeof post>) {
        const sent = post.apply(this, args);
        // As the system does to a process that takes too much: no event, no word.
        if ((args[0] as { method: string }).method === 'run') this.terminate();
        Worker.prototype.postMessage = post;
        return sent;
      } as typeof post;
    });
    await panel.page.getByRole('switch', { name: 'Causal mask' }).click();
    await panel.page.waitForFunction(() => document.querySelector('[role=alert]')!.textContent !== '', null, {
      timeout: 30_000,
    });
    assert.match(
      (await panel.page.locator('[role=alert]').textContent())!,
      /no answer within \d+ seconds, so it was stopped/,
    );
    assert.ok((await panel.tokens()).length > 3, 'the old picture stands');
    await panel.page.getByRole('button', { name: 'Retry' }).click();
    await panel.page.waitForFunction(() =>
      /bidirectional/.test(document.querySelector('[role=status]')!.textContent!),
    );
  }),
);

test(
  'a run that is cancelled leaves the old picture, and the next one comes',
  inPanel({}, async (panel) => {
    await panel.show('first text');
    await panel.show('x = 1\n'.repeat(3000), { wait: false });
    await panel.page.getByRole('button', { name: 'Cancel' }).click();
    assert.equal((await panel.tokens()).map((token) => token.text).join(''), '<s>first text');
    assert.equal(await panel.page.getByRole('grid').getAttribute('aria-busy'), 'false');
    const standing = (await panel.sent()).filter((message) => message.type === 'standing').at(-1)!;
    assert.equal(standing.id, 1, 'the host follows the text that is shown');

    // The worker went with the run; a head that was never looked at is made anew.
    await panel.page.getByRole('gridcell', { name: 'Layer 4 head 6', exact: true }).click();
    await panel.page.mouse.move(1, 1);
    await panel.page.getByRole('option').nth(2).hover();
    assert.ok(Math.abs((await panel.weights()).reduce((sum, weight) => sum + weight, 0) - 1) < 1e-5);

    await panel.show('second text');
    assert.equal((await panel.tokens()).map((token) => token.text).join(''), '<s>second text');
  }),
);

test(
  'a cancelled toggle leaves the switch at what is shown',
  inPanel({}, async (panel) => {
    await panel.show('x = 1\n'.repeat(400));
    const mask = panel.page.getByRole('switch', { name: 'Causal mask' });
    await mask.click();
    await panel.page.getByRole('button', { name: 'Cancel' }).click();
    assert.equal(await mask.getAttribute('aria-checked'), 'true');
    assert.match((await panel.page.getByRole('status').textContent())!, / causal/);
  }),
);

test(
  'cancelled while it loads: nothing runs, and the next request does',
  inPanel({}, async (panel) => {
    await panel.show('never', { wait: false });
    await panel.page.getByRole('button', { name: 'Cancel' }).click();
    await panel.page.waitForTimeout(1500);
    assert.equal(await panel.page.getByRole('option').count(), 0);
    await panel.show('but this');
    assert.equal((await panel.tokens()).map((token) => token.text).join(''), '<s>but this');
  }),
);

test(
  'nothing is asked of anyone but the extension itself',
  inPanel({}, async (panel) => {
    const asked: string[] = [];
    panel.page.on('request', (request) => asked.push(request.url()));
    await panel.show(text);
    await panel.page.getByRole('switch', { name: 'Causal mask' }).click();
    await panel.settled();
    const own = new URL(panel.page.url()).origin;
    assert.deepEqual(
      asked.filter((url) => !url.startsWith(own) && !url.startsWith(`blob:${own}`)),
      [],
    );
    assert.ok(!asked.some((url) => url.includes('return')));
  }),
);

declare global {
  interface Window {
    worker: Worker;
  }
}
