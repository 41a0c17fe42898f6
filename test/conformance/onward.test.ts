/** Reading on from the text before: what comes out is what a whole run gives, for any edit, and for no model otherwise. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import * as ort from 'onnxruntime-web/wasm';
import { fedOf, type ModelFiles } from '../../webview/engine/engine';
import type { Pass } from '../../webview/engine/graph';
import { openModel, type OpenModel } from '../../webview/engine/model';

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
  let typed: OpenModel;
  let whole: OpenModel;
  before(async () => {
    [typed, whole] = [
      await openModel(folder('media/models/headlight-small')),
      await openModel(folder('media/models/headlight-small')),
    ];
  });
  after(async () => {
    await typed.release();
    await whole.release();
  });

  const run = (model: OpenModel, text: string, typed: boolean) =>
    model.run(fedOf(model.read(text).tokens), 'causal', undefined, null, typed);

  /** Types until the model has learnt to go on. */
  async function begun(text: string): Promise<void> {
    for (let letters = 1; ; letters++) {
      assert.ok(letters < 20, 'it does not go on');
      if ((await run(typed, text + 'x'.repeat(letters % 2), true)).known > 0) return;
      await pause(1000);
    }
  }

  async function agree(text: string): Promise<Pass> {
    const [one, other] = [await run(typed, text, true), await run(whole, text, false)];
    assert.equal(other.known, 0);
    const [a, b] = [one, other].map(({ attentions: [attention] }) => attention);
    const { layers, heads, queries, keys, cell } = b.overview;
    assert.deepEqual({ ...a.overview, bytes: null }, { ...b.overview, bytes: null });
    const bytes = worst(a.overview.bytes, b.overview.bytes);
    assert.ok(bytes <= 1, `a cell is off by ${bytes} of 255`);
    for (const [i, { layer, head, ...measures }] of a.measures.entries()) {
      const { layer: _, head: __, ...expected } = b.measures[i];
      const off = worst(Object.values(measures), Object.values(expected));
      // The distance is in tokens.
      assert.ok(off <= TOLERANCE * queries, `measures of ${layer}.${head} are off by ${off}`);
    }
    for (let layer = 0; layer < layers; layer++)
      for (let head = 0; head < heads; head++) {
        const [mine, theirs] = [await a.weightsOf({ layer, head }), await b.weightsOf({ layer, head })];
        assert.equal(mine.length, queries * keys);
        const off = worst(mine, theirs);
        assert.ok(off <= TOLERANCE, `${layer}.${head} is off by ${off}, in cells of ${cell}`);
      }
    return one;
  }

  const code = readFileSync('test/conformance/onward.test.ts', 'utf8');

  test('typing at the end, in the middle, and taking away', async () => {
    const text = code.slice(0, 900);
    await begun(text);
    const lengths = [text, `${text} const`, `${text} const more`, text.slice(0, 500)].map((one) => one);
    for (const one of [...lengths, `${text.slice(0, 300)}!${text.slice(300)}`, text]) {
      const { known, attentions } = await agree(one);
      assert.ok(known > 50 && known < attentions[0].overview.queries, `${known} known`);
    }
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

  test('a text under no mask, changed on purpose, or longer than those of the training is run whole', async () => {
    const fed = (text: string) => fedOf(typed.read(text).tokens);
    const long = code.slice(0, 4500);
    assert.ok(fed(long).ids.length > 1024);
    const text = code.slice(0, 600);
    const scaled = { scores: 2, positions: 'given', window: null } as const;
    for (const pass of [
      await typed.run(fed(text), 'bidirectional', undefined, null, true),
      await typed.run(fed(`${text}.`), 'causal', scaled, null, true),
      await typed.run(fed(long), 'causal', undefined, null, true),
      await typed.run(fed(`${long}.`), 'causal', undefined, null, true),
    ])
      assert.equal(pass.known, 0);
    await agree(`${text}..`);
  });
});

function worst(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = Math.abs(a.length - b.length);
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
}
