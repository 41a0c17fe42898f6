/** A head opened by the engine: what its steps compute, against what the model computed, and against PyTorch. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import * as ort from 'onnxruntime-web/wasm';
import type { Mask } from '../../webview/core/attention';
import { measureHeads } from '../../webview/core/measures';
import { asTheModel, stepsOf } from '../../webview/core/row';
import { spreadOf } from '../../webview/core/vector';
import { type HeadInside, unchanged, untyped } from '../../webview/engine/engine';
import type { Pass } from '../../webview/engine/graph';
import { openModel, type OpenModel } from '../../webview/engine/model';
import { studied } from '../../webview/engine/study';
import { findMasks, planModel, readModel, rewrite } from '../../webview/onnx';
import { readCase } from './case';
import { onDisk } from './disk';
import { readFloats } from './tensors';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';
// What the build sets for each worker.
Object.assign(globalThis, { HEADLIGHT_WEBGPU: false });

const FOLDER = 'media/models/headlight-small';
const GOLDEN = 'test/golden';
const masks: readonly Mask[] = ['causal', 'bidirectional'];

interface Golden {
  readonly ids: readonly number[];
  readonly layers: number;
  readonly heads: number;
  readonly n: number;
  readonly hidden: number;
  readonly files: Record<Mask, Record<string, string>>;
}

const golden = JSON.parse(readFileSync(join(GOLDEN, 'cat.json'), 'utf8')) as Golden;
const { ids, layers, heads, n, hidden } = golden;

function near(a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number, what: string): void {
  assert.equal(a.length, b.length, what);
  for (let i = 0; i < a.length; i++)
    assert.ok(Math.abs(a[i] - b[i]) <= tolerance, `${what}: ${a[i]} and ${b[i]} at ${i}`);
}

/** Every head of a run, computed one by one: [heads, n, n] a layer. */
async function layersOf({ attentions: [attention] }: Pass): Promise<Float32Array[]> {
  const { layers, heads, queries, keys } = attention.overview;
  const found: Float32Array[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const weights = new Float32Array(heads * queries * keys);
    for (let head = 0; head < heads; head++)
      weights.set(await attention.weightsOf({ layer, head }), head * queries * keys);
    found.push(weights);
  }
  return found;
}

/** PyTorch's: [layers, heads, n, d] each, but `written`, which is of the last token: [layers, heads, hidden]. */
type Parts = Record<'queries' | 'keys' | 'values' | 'outputs' | 'written', Float32Array>;

/** The heads of one layer, for the last token, against PyTorch. */
function equalGolden(
  found: readonly HeadInside[],
  { queries, keys, values, outputs, written }: Parts,
  { layer, heads, n, d, hidden }: Record<'layer' | 'heads' | 'n' | 'd' | 'hidden', number>,
): void {
  assert.equal(found.length, heads);
  found.forEach(({ feed, output, written: writes }, head) => {
    const at = (layer * heads + head) * n * d;
    const row = (layer * heads + head) * hidden;
    const [last, end] = [at + (n - 1) * d, at + n * d];
    const name = `${layer}.${head}`;
    near(feed.query, queries.subarray(last, end), 1e-4, `query of ${name}`);
    near(feed.keys, keys.subarray(at, end), 1e-4, `keys of ${name}`);
    near(feed.values, values.subarray(at, end), 1e-4, `values of ${name}`);
    near(output, outputs.subarray(last, end), 1e-4, `output of ${name}`);
    near(writes!, written.subarray(row, row + hidden), 1e-4, `what ${name} writes`);
  });
}

describe('the bundled model, opened for study', () => {
  let model: OpenModel;
  before(async () => {
    const text = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
    model = await openModel({
      config: text('config.json'),
      tokenizer: text('tokenizer.json'),
      tokenizerConfig: text('tokenizer_config.json'),
      preprocessor: '{}',
      graph: new Uint8Array(readFileSync(join(FOLDER, 'onnx/model.onnx'))),
      weights: [],
      decoder: null,
    });
  });
  after(() => model?.release());

  for (const mask of masks) {
    const file = (what: string) => readFloats(GOLDEN, golden.files[mask][what]);

    test(`${mask}: queries, keys, values, outputs and what is written are PyTorch's`, async () => {
      const study = await model.study();
      const [queries, keys, values, outputs, written] = [
        'queries',
        'keys',
        'values',
        'outputs',
        'written',
      ].map(file);
      const d = queries.length / (layers * heads * n);
      const token = n - 1;
      for (let layer = 0; layer < layers; layer++) {
        const { heads: found, shared } = await study.layer(untyped(ids), mask, layer, token);
        assert.equal(shared, 1);
        equalGolden(found, { queries, keys, values, outputs, written }, { layer, heads, n, d, hidden });
      }
    });

    test(`${mask}: the steps lead to the weights and the output that the model has`, async () => {
      const study = await model.study();
      for (const token of [0, 5, n - 1])
        for (let layer = 0; layer < layers; layer++)
          for (const { feed, weights, output } of (await study.layer(untyped(ids), mask, layer, token))
            .heads) {
            assert.equal(feed.scale, 1 / Math.sqrt(feed.query.length));
            const steps = stepsOf(feed, asTheModel);
            near(steps.weights, weights, 1e-5, 'weights');
            near(steps.output, output, 1e-5, 'output');
            assert.ok(feed.bias.every((bias) => Math.abs(bias) < 1e-3));
          }
    });

    test(`${mask}: the lengths of what keys hand over are PyTorch's`, async () => {
      const lengths = file('lengths');
      const found = await (await model.study()).valueLengths(untyped(ids), mask);
      assert.equal(found.length, layers);
      found.forEach((layer, i) =>
        near(layer, lengths.subarray(i * heads * n, (i + 1) * heads * n), 1e-4, `lengths of layer ${i}`),
      );
    });

    test(`${mask}: a picture and every head of it are PyTorch's`, async () => {
      const golden = readFloats(GOLDEN, `cat.${mask}.attention.f32`);
      const pass = await model.run(untyped(ids), mask);
      const found = await layersOf(pass);
      const [{ overview, measures }] = pass.attentions;
      const size = heads * n * n;
      found.forEach((layer, i) => {
        near(layer, golden.subarray(i * size, (i + 1) * size), 1e-4, `layer ${i}`);
        const told = measures.filter((one) => one.layer === i);
        measureHeads(layer, i, overview).forEach((expected, head) => {
          const { distance, sink, confidence } = told[head];
          near(
            [distance, sink, confidence],
            [expected.distance, expected.sink, expected.confidence],
            1e-5,
            `${i}.${head}`,
          );
        });
      });
      assert.equal(overview.cell, 1);
      overview.bytes.forEach((byte, i) => assert.ok(Math.abs(byte - 255 * golden[i]) < 0.55));
    });

    test(`${mask}: a word's way through the layers is PyTorch's`, async () => {
      const states = file('hidden');
      const { hidden: found, spreads, written } = await (await model.study()).word(untyped(ids), mask, 7);
      assert.equal(found.length, layers);
      found.forEach((vector, layer) => {
        const at = (layer * n + 7) * hidden;
        near(vector, states.subarray(at, at + hidden), 1e-4, `hidden state before layer ${layer}`);
        const all = states.subarray(layer * n * hidden, (layer + 1) * n * hidden);
        const { mean, square } = spreadOf(all, hidden);
        near(spreads[layer].mean, mean, 1e-4, `means before layer ${layer}`);
        spreads[layer].square.forEach((value, i) =>
          assert.ok(Math.abs(value - square[i]) <= 1e-4 * (1 + square[i]), `squares before layer ${layer}`),
        );
      });
      assert.ok(written.every((layer) => layer.length === heads));
    });
  }

  test('nothing is put in the way of the maps that no experiment changes', () => {
    const read = readModel(new Uint8Array(readFileSync(join(FOLDER, 'onnx/model.onnx'))));
    const plan = planModel(read);
    const { gateInputs, scaleInputs } = rewrite(read, plan, findMasks(read, plan, {}), studied);
    assert.deepEqual([gateInputs.length, scaleInputs.length], [0, layers]);
  });

  test('an experiment that changes nothing gives the weights of a plain run', async () => {
    const study = await model.study();
    const plain = await layersOf(await model.run(untyped(ids), 'causal'));
    const weights = await layersOf(await study.run(untyped(ids), 'causal', unchanged));
    weights.forEach((layer, i) => near(layer, plain[i], 1e-5, `layer ${i}`));
  });

  test('without 1/√d rows are sharper, at a high temperature flatter; layer 0 as its own steps say', async () => {
    const study = await model.study();
    const d = (await study.layer(untyped(ids), 'causal', 0, 3)).heads[0].feed.query.length;
    const spread = (weights: readonly Float32Array[]) =>
      weights.reduce(
        (sum, layer) => sum - layer.reduce((inner, w) => inner + (w > 0 ? w * Math.log(w) : 0), 0),
        0,
      );
    const usual = spread(await layersOf(await model.run(untyped(ids), 'causal')));
    const scaled = async (scores: number) =>
      layersOf(await model.run(untyped(ids), 'causal', { ...unchanged, scores }));
    const unscaled = await scaled(Math.sqrt(d));
    const warm = await scaled(0.25);
    assert.ok(spread(unscaled) < usual && usual < spread(warm));
    const { heads: first } = await study.layer(untyped(ids), 'causal', 0, 9);
    first.forEach(({ feed }, head) => {
      const { weights } = stepsOf(feed, { ...asTheModel, scaled: false });
      near(weights, unscaled[0].subarray((head * n + 9) * n, (head * n + 10) * n), 1e-4, `head ${head}`);
    });
  });

  test('a window closes what lies further away, and rows still sum to 1', async () => {
    const weights = await layersOf(await model.run(untyped(ids), 'causal', { ...unchanged, window: 3 }));
    for (const layer of weights)
      for (let row = 0; row < heads * n; row++) {
        const query = row % n;
        const found = layer.subarray(row * n, (row + 1) * n);
        assert.ok(Math.abs(found.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-5);
        found.forEach((weight, key) => assert.ok((key <= query && key > query - 3) || weight === 0));
      }
  });

  test('without positions equal tokens get equal weights', async () => {
    const twice = [0, 500, 600, 500, 700, 500];
    const weights = await layersOf(
      await model.run(untyped(twice), 'bidirectional', { ...unchanged, positions: 'none' }),
    );
    for (const layer of weights)
      for (let row = 0; row < heads * twice.length; row++) {
        const [, first, , second, , third] = layer.subarray(row * twice.length, (row + 1) * twice.length);
        assert.ok(Math.abs(first - second) < 1e-6 && Math.abs(first - third) < 1e-6);
      }
  });
});

/** A model from a folder, with learned positions and biases, and its weights in a file of their own. */
describe('tiny-gpt2, opened for study', () => {
  const folder = 'test/fixtures/models';
  const read = (name: string) => new Uint8Array(readFileSync(join(folder, 'tiny-gpt2', name)));
  const about = JSON.parse(readFileSync(join(folder, 'tiny-gpt2.json'), 'utf8')) as Golden;
  const [tokens, deep, wide, length] = [about.ids, about.layers, about.heads, about.ids.length];
  let model: OpenModel;
  before(async () => {
    model = await openModel({
      config: readFileSync(join(folder, 'tiny-gpt2/config.json'), 'utf8'),
      tokenizer: readFileSync(join(folder, 'tiny-gpt2/tokenizer.json'), 'utf8'),
      tokenizerConfig: '{}',
      preprocessor: '{}',
      graph: read('onnx/model.onnx'),
      weights: [{ path: 'model.onnx_data', data: read('onnx/model.onnx_data') }],
      decoder: null,
    });
  });
  after(() => model?.release());

  for (const mask of masks)
    test(`${mask}: every step is PyTorch's, and leads to the weights of the model`, async () => {
      const golden = readFloats(folder, `tiny-gpt2.${mask}.inside.f32`);
      const hiddenSize = 24;
      const d = hiddenSize / wide;
      let at = 0;
      const take = (size: number) => golden.subarray(at, (at += size));
      const parts = [0, 1, 2, 3].map(() => take(deep * wide * length * d));
      const [queries, keys, values, outputs] = parts;
      const written = take(deep * wide * hiddenSize);
      const streams = take(deep * length * hiddenSize);
      assert.equal(at, golden.length);
      const study = await model.study();
      const token = length - 1;
      for (let layer = 0; layer < deep; layer++) {
        const { heads: found } = await study.layer(untyped(tokens), mask, layer, token);
        const sizes = { layer, heads: wide, n: length, d, hidden: hiddenSize };
        equalGolden(found, { queries, keys, values, outputs, written }, sizes);
        found.forEach(({ feed, weights }, head) =>
          near(stepsOf(feed, asTheModel).weights, weights, 1e-5, `steps of ${layer}.${head}`),
        );
      }
      const word = await study.word(untyped(tokens), mask, 3);
      word.hidden.forEach((vector, layer) => {
        const from = (layer * length + 3) * hiddenSize;
        near(vector, streams.subarray(from, from + hiddenSize), 1e-4, `stream before layer ${layer}`);
      });
    });
});

/** Exports of a dozen kinds, with random weights; their ids are read as they are, so that any tokenizer does. */
const EXPORTS = 'test/fixtures/onnx';

async function openExport(name: string): Promise<{ model: OpenModel; ids: number[]; tokens: number }> {
  const { inputs, model: graph } = await readCase(onDisk(join(EXPORTS, name)));
  const { dims, data } = inputs.input_ids;
  const model = await openModel({
    config: '{}',
    tokenizer: readFileSync('test/fixtures/models/tiny-gpt2/tokenizer.json', 'utf8'),
    tokenizerConfig: '{}',
    preprocessor: '{}',
    graph: new Uint8Array(graph),
    weights: [],
    decoder: null,
  });
  // Of two sequences the first is whole; the engine reads one, with nothing padded.
  return { model, ids: data.slice(0, dims[1]).map(Number), tokens: dims[1] };
}

describe('heads of other exports, opened', () => {
  const cases = {
    'llama-torchscript-sdpa-padded': 'keys shared by two heads of queries; half of the scale on each side',
    'qwen3-dynamo-sdpa': 'keys shared; queries and keys normalised before they are turned',
    'llama-dynamo-23-sdpa': 'the Attention operator of ai.onnx, taken apart',
    'bert-dynamo-23-sdpa': 'the same, of an encoder',
    'bert-torchscript-10-eager-half':
      'operators too old for thumbnails: all probabilities come whole, and once',
    'gpt-neox-torchscript-sdpa': 'a part of each head turned',
    'written-grouped': 'GroupQueryAttention, taken apart',
  };
  for (const [name, what] of Object.entries(cases))
    test(`${name}: ${what}`, async () => {
      const stated = await readCase(onDisk(join(EXPORTS, name)));
      const { model, ids, tokens } = await openExport(name);
      try {
        const study = await model.study();
        const golden = (what: string, layer: number) => {
          const one = stated.tensors!.find((tensor) => tensor.what === what && tensor.layer === layer)!;
          // [heads, tokens, width] of the first sequence.
          const [, heads, , width] = one.shape;
          return { heads, width, data: readFloats(join(EXPORTS, name), one.file) };
        };
        const maps = readFloats(join(EXPORTS, name), 'golden.f32');
        const mask = stated.causal ? 'causal' : 'bidirectional';
        const token = tokens - 1;
        for (const { layer, shape, offset } of stated.attention) {
          const { heads, shared } = await study.layer(untyped(ids), mask, layer, token);
          assert.equal(heads.length, stated.heads);
          const keyHeads = (stated as { kv_heads?: number }).kv_heads!;
          assert.equal(shared, stated.heads / keyHeads, 'heads of queries that share their keys');
          const parts = { q: golden('q', layer), k: golden('k', layer), v: golden('v', layer) };
          const outputs = golden('head_output', layer);
          heads.forEach(({ feed, weights, output }, head) => {
            const of = ({ heads: own, width, data }: typeof parts.q, row: number | null) => {
              const at = Math.floor(head / (stated.heads / own)) * tokens * width;
              return row === null
                ? data.subarray(at, at + tokens * width)
                : data.subarray(at + row * width, at + (row + 1) * width);
            };
            near(feed.query, of(parts.q, token), 1e-4, `query of ${layer}.${head}`);
            near(feed.keys, of(parts.k, null), 1e-4, `keys of ${layer}.${head}`);
            near(feed.values, of(parts.v, null), 1e-4, `values of ${layer}.${head}`);
            near(output, of(outputs, token), 1e-4, `output of ${layer}.${head}`);
            const row = offset + (head * shape[2] + token) * shape[3];
            near(weights, maps.subarray(row, row + shape[3]), 1e-4, `weights of ${layer}.${head}`);
            const steps = stepsOf(feed, asTheModel);
            near(steps.weights, weights, 1e-5, `steps of ${layer}.${head}`);
            near(steps.output, output, 1e-4, `summed values of ${layer}.${head}`);
            assert.ok(Math.abs(feed.scale * Math.sqrt(feed.query.length) - 1) < 1e-3, `${feed.scale}`);
          });
        }
      } finally {
        await model.release();
      }
    });
});

describe('positions removed', () => {
  const none = { ...unchanged, positions: 'none' } as const;
  const found = {
    'bert-torchscript-eager-padded': 'a learned table, by a range',
    'bert-torchscript-10-eager-half': 'the same, in a graph too old for thumbnails',
    'roberta-torchscript-sdpa-padded': 'a learned table, by tokens that are no padding',
    'nanogpt-torchscript-is_causal': 'a learned table, by a range',
    'modernbert-dynamo-sdpa-padded': 'rotary, from a range',
    'gpt-j-torchscript-eager-padded': 'rotary, from a table',
    'bloom-torchscript-eager-padded': 'a bias that counts',
    'deberta-v2-torchscript-eager-padded': 'buckets of distances',
  };
  for (const [name, how] of Object.entries(found))
    test(`${name}: ${how}, as PyTorch has it`, async () => {
      const stated = await readCase(onDisk(join(EXPORTS, name)));
      const { model, ids, tokens } = await openExport(name);
      const mask = stated.causal ? 'causal' : 'bidirectional';
      const weights = await layersOf(await model.run(untyped(ids), mask, none));
      const golden = readFloats(join(EXPORTS, name), 'golden_unplaced.f32');
      for (const { layer, shape, offset } of stated.attention) {
        const size = shape[1] * tokens * tokens;
        near(weights[layer], golden.subarray(offset, offset + size), 1e-4, `layer ${layer}`);
      }
      await model.release();
    });

  test('a model whose tokens know more of their neighbours says so', async () => {
    // It reads every token with the one before and the one after.
    const { model, ids } = await openExport('mobilebert-dynamo-sdpa');
    await assert.rejects(model.run(untyped(ids), 'bidirectional', none), /Something in this model/);
    await model.release();
  });

  test('a model whose places are folded into its weights says so', async () => {
    const { model, ids } = await openExport('nanogpt-fixed-length');
    await assert.rejects(model.run(untyped(ids), 'causal', none), /Something in this model/);
    await model.release();
  });
});
