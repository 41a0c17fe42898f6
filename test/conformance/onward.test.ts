/** Reading on from the text before: what comes out is what a whole run gives, for any edit, and for no model otherwise. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import * as ort from 'onnxruntime-web/wasm';
import { readConfig } from '../../webview/engine/config';
import { fedOf, type ModelFiles, unchanged, untyped } from '../../webview/engine/engine';
import { type Pass, planGraphs } from '../../webview/engine/graph';
import { openModel, type OpenModel, openStack } from '../../webview/engine/model';
import { Onward } from '../../webview/engine/onward';
import { casesIn } from './disk';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';
// What the build sets for each worker.
Object.assign(globalThis, { HEADLIGHT_WEBGPU: false });

/** Of f32 numbers that are computed in products of other sizes. */
const TOLERANCE = 1e-5;

function folder(path: string): ModelFiles {
  const text = (name: string) => readFileSync(`${path}/${name}`, 'utf8');
  return {
    ...{ graph: new Uint8Array(readFileSync(`${path}/onnx/model.onnx`)), weights: [], decoder: null },
    ...{ config: text('config.json'), tokenizer: text('tokenizer.json') },
    ...{ tokenizerConfig: '{}', preprocessor: '{}' },
  };
}

describe('the bundled model', () => {
  const files = folder('media/models/headlight-small');
  let model: OpenModel;
  /** The same model, which never reads in pieces. */
  let whole: Awaited<ReturnType<typeof openStack>>;
  before(async () => {
    model = await openModel(files);
    const [planned] = await planGraphs(files);
    whole = await openStack(planned, readConfig(files.config));
    await whole.run(untyped([1, 2, 3, 4]), 'causal');
  });
  after(async () => {
    await model.release();
    await whole.release();
  });

  const fed = (text: string, second: string | null = null) => fedOf(model.read(text, second).tokens);

  /** Types until the model has learnt to go on. */
  async function begun(text: string): Promise<void> {
    for (let letters = 1; ; letters++) {
      assert.ok(letters < 20, 'it does not go on');
      if ((await model.run(fed(text + 'x'.repeat(letters % 2)), 'causal')).known > 0) return;
      // As where the difference between the masks is shown.
      await model.run(fed(text), 'bidirectional');
      await pause(1000);
    }
  }

  async function agree(text: string, second: string | null = null): Promise<Pass> {
    const one = await model.run(fed(text, second), 'causal');
    const other = await whole.run(fed(text, second), 'causal');
    assert.equal(other.known, 0);
    await areSame(one, other);
    return one;
  }

  const code = readFileSync('test/conformance/onward.test.ts', 'utf8');

  test('typing at the end, in the middle, and taking away', async () => {
    const text = code.slice(0, 900);
    await begun(text);
    const edited = [text, `${text} const`, `${text} const more`, text.slice(0, 500)];
    for (const one of [...edited, `${text.slice(0, 300)}!${text.slice(300)}`, text]) {
      const { known, attentions } = await agree(one);
      assert.ok(known > 50 && known < attentions[0].overview.queries, `${known} known`);
    }
  });

  test('the same text again, with a second one, and one token', async () => {
    const text = code.slice(0, 600);
    await agree(text);
    const { known, attentions } = await agree(text);
    assert.equal(known, attentions[0].overview.queries - 1);
    assert.ok((await agree(text, 'a second text')).known > 50);
    assert.ok((await agree(text, 'another one')).known > 50);
    await agree('');
    await agree(text);
  });

  test('another text begins anew, but for its first token', async () => {
    await agree(code.slice(0, 600));
    const { known } = await agree(code.slice(700, 1200));
    assert.ok(known <= 1, `${known} known`);
  });

  test('several tokens a cell: whole cells are known', async () => {
    const text = code.slice(0, 2700);
    const { attentions } = await agree(text);
    assert.equal(attentions[0].overview.cell, 2);
    const { known } = await agree(`${text} and more`);
    assert.ok(known > 400 && known % 2 === 0, `${known} known`);
  });

  test('a text under no mask, changed on purpose, aside, or longer than those of the training goes on from none', async () => {
    const long = code.slice(0, 4500);
    assert.ok(fed(long).ids.length > 1024);
    const text = code.slice(0, 600);
    const scaled = { scores: 2, positions: 'given', window: null } as const;
    for (const pass of [
      await model.run(fed(text), 'bidirectional'),
      await model.run(fed(`${text}.`), 'causal', scaled),
      await model.run(fed(`${text}.`), 'causal', undefined, null, true),
      await model.run(fed(long), 'causal'),
      await model.run(fed(`${long}.`), 'causal'),
    ])
      assert.equal(pass.known, 0);
    await agree(`${text}..`);
  });

  test('a long text is read in pieces at once, and what comes next by the same session', async () => {
    await model.release();
    model = await openModel(files);
    const { attentions, known } = await agree(code.slice(0, 6400));
    assert.ok(attentions[0].overview.queries > 1500);
    assert.equal(known, 0);
    const text = code.slice(0, 600);
    assert.equal((await agree(text)).known, 0);
    assert.ok((await agree(`${text}.`)).known > 50);
  });
});

/** Of those in test/fixtures/onnx whose feeds are made here. */
test('of other models, those that are told where their tokens stand', async () => {
  const ids = (n: number) => Array.from({ length: n }, (_, i) => 1 + ((i * i * 7 + i * 3) % 4));
  const able: string[] = [];
  for (const folder of casesIn('test/fixtures/onnx')) {
    const name = basename(folder);
    const { heads } = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8'));
    const config = readConfig(JSON.stringify({ num_attention_heads: heads, hidden_size: 32 }));
    const graph = new Uint8Array(readFileSync(join(folder, 'model.onnx')));
    // Some are no models of one text, and have tests of their own.
    const planned = await planGraphs({ graph, weights: [], decoder: null }).catch(() => null);
    if (planned?.length !== 1) continue;
    const stack = await openStack(planned[0], config).catch(() => null);
    const onward = stack && (await Onward.open(planned[0], stack.give, {}));
    if (!onward) continue;
    able.push(name);
    // An edit at the end, one in the middle, less, and another text; of one model also in pieces, and cells that divide none.
    const middle = ids(24).map((id, i) => (i === 11 ? (id % 4) + 1 : id));
    const long = [
      [ids(1100), 0],
      [ids(1200), 1098],
    ] as const;
    for (const [text, known] of [
      ...(name === 'qwen3-dynamo-sdpa' ? long : []),
      [ids(20), 0],
      [ids(24), 20],
      [middle, 11],
      [middle.slice(0, 15), 14],
    ] as const) {
      const fed = untyped(text);
      const asked = { fed, mask: 'causal', experiment: unchanged, target: null } as const;
      const one: Pass = await onward.run(asked, stack.heads);
      const other: Pass = await stack.run(fed, 'causal');
      assert.equal(one.known, known, name);
      await areSame(one, other, name);
    }
    await onward.release();
    await stack.release();
  }
  const expected = [
    // With a cache of its own and without, its positions learnt, rotary and both; windows; queries in groups.
    ...['gpt2-past-prefill', 'gpt2-torchscript-eager-padded', 'llama-merged-prefill', 'llama-dynamo-eager'],
    ...['falcon-multi-query-torchscript-eager', 'gemma2-torchscript-eager-padded', 'gpt-neox-int4'],
    ...['mistral-torchscript-sdpa-padded', 'phi3-dynamo-sdpa', 'qwen3-dynamo-sdpa'],
  ];
  assert.ok(able.length >= 34, `${able.length} can be read on: ${able}`);
  for (const name of expected) assert.ok(able.includes(name), `${name} cannot be read on`);
  // These count their tokens themselves, or lose more digits than may be lost.
  for (const name of [
    'nanogpt-dynamo-tril',
    'opt-torchscript-sdpa-padded',
    'bloom-torchscript-eager-padded',
    'llama-int8',
  ])
    assert.ok(!able.includes(name), `${name} is read on`);
});

/** All that is told of two passes. */
async function areSame(one: Pass, other: Pass, name = ''): Promise<void> {
  const [a, b] = [one, other].map(({ attentions: [attention] }) => attention);
  const { layers, heads, queries, keys } = b.overview;
  assert.deepEqual({ ...a.overview, bytes: null }, { ...b.overview, bytes: null });
  const bytes = worst(a.overview.bytes, b.overview.bytes);
  assert.ok(bytes <= 1, `${name}: a cell is off by ${bytes} of 255`);
  assert.equal(a.measures.length, layers * heads);
  for (const [i, { layer, head, ...measures }] of a.measures.entries()) {
    const { layer: _, head: __, ...expected } = b.measures[i];
    const off = worst(Object.values(measures), Object.values(expected));
    // The distance is in tokens.
    assert.ok(off <= TOLERANCE * queries, `${name}: measures of ${layer}.${head} are off by ${off}`);
  }
  for (let layer = 0; layer < layers; layer++)
    for (let head = 0; head < heads; head++) {
      const [mine, theirs] = [await a.weightsOf({ layer, head }), await b.weightsOf({ layer, head })];
      assert.equal(mine.length, queries * keys);
      const off = worst(mine, theirs);
      assert.ok(off <= TOLERANCE, `${name}: ${layer}.${head} is off by ${off}`);
    }
}

function worst(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = Math.abs(a.length - b.length);
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
}
