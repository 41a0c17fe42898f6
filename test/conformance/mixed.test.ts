/** Exports in mixed precision: what one layer does not tell is not told of it by the weights of another. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as ort from 'onnxruntime-web/wasm';
import { norm } from '../../webview/core/vector';
import { EngineError, untyped } from '../../webview/engine/engine';
import { openModel } from '../../webview/engine/model';
import { attention, buildModel, FLOAT, INT64, type NodeLine, weights } from './graph';
import { worst } from './tensors';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';
// What the build sets for each worker.
Object.assign(globalThis, { HEADLIGHT_WEBGPU: false });

const UINT8 = 2;
const [WIDTH, VOCABULARY] = [4, 16];
const ids = [3, 1, 4, 1, 5];

/** A projection in 8 bits, as quantisers write it: what it reads is quantised on the way. */
const quantised = (layer: number): NodeLine[] => [
  [`y${layer}_8, y${layer}_scale, y${layer}_zero`, 'DynamicQuantizeLinear', [`y${layer}`]],
  [`y${layer}_32`, 'MatMulInteger', [`y${layer}_8`, 'wo_8', `y${layer}_zero`]],
  [`y${layer}_float`, 'Cast', [`y${layer}_32`], { to: FLOAT }],
  [`o${layer}`, 'Mul', [`y${layer}_float`, `y${layer}_scale`]],
];
const plain = (layer: number): NodeLine[] => [[`o${layer}`, 'MatMul', [`y${layer}`, `wo${layer}`]]];

/** Values of which the quantiser made integers, too. */
const product: NodeLine[] = [
  ['p1_8', 'QuantizeLinear', ['p1', 'small', 'zero_8']],
  ['v1_8', 'QuantizeLinear', ['v1', 'small', 'zero_8']],
  ['y1_8', 'QLinearMatMul', ['p1_8', 'small', 'zero_8', 'v1_8', 'small', 'zero_8', 'small', 'zero_8']],
  ['y1', 'DequantizeLinear', ['y1_8', 'small', 'zero_8']],
];

/** Two layers of one head over a table of words, each with its projection and its residual. */
function opened(projections: readonly ((layer: number) => NodeLine[])[], values: NodeLine[] | null = null) {
  const layer = (at: number): NodeLine[] => {
    const own = attention([['masked', 'Identity', ['scores']]]);
    const named = (name: string) => `${name}${at}`;
    const nodes = own.nodes.map(([output, op, inputs, attributes]): NodeLine => {
      return [named(output), op, inputs.map(named), attributes ?? {}];
    });
    const kept = values && at === 1 ? [...nodes.slice(0, -1), ...values] : nodes;
    return [
      ...kept,
      ...projections[at](at),
      [`sum${at}`, 'Add', [`x${at}`, `o${at}`]],
      // So that the number of its axes is told, as exporters do by declaring it.
      [`x${at + 1}`, 'Reshape', [`sum${at}`, 'shape']],
    ];
  };
  const squares = ['wq0', 'wk0', 'wv0', 'wo0', 'wq1', 'wk1', 'wv1', 'wo1'];
  const graph = buildModel({
    inputs: { input_ids: [INT64, 'batch', 'tokens'] },
    outputs: ['x2'],
    nodes: [
      ['wo_8', 'Cast', ['wo_bits'], { to: UINT8 }],
      ['zero_8', 'Cast', ['off'], { to: UINT8 }],
      ['x0', 'Gather', ['words', 'input_ids']],
      ...layer(0),
      ...layer(1),
    ],
    weights: {
      words: weights(VOCABULARY * WIDTH, 9),
      ...Object.fromEntries(squares.map((name, i) => [name, weights(WIDTH ** 2, i)])),
      wo_bits: Uint8Array.from({ length: WIDTH ** 2 }, (_, i) => (i * 7) % 2),
      off: Uint8Array.of(0),
      small: Float32Array.of(1 / 64),
      shape: BigInt64Array.of(1n, -1n, BigInt(WIDTH)),
    },
    dims: {
      words: [VOCABULARY, WIDTH],
      ...Object.fromEntries([...squares, 'wo_bits'].map((name) => [name, [WIDTH, WIDTH]])),
    },
  });
  return openModel({
    ...{ graph: graph.slice(), weights: [], decoder: null },
    ...{ config: '{}', tokenizerConfig: '{}', preprocessor: '{}' },
    tokenizer: readFileSync('test/fixtures/models/tiny-gpt2/tokenizer.json', 'utf8'),
  });
}

/** [rows, width] times [width, width]. */
const times = (rows: readonly (readonly number[])[], weight: Float32Array) =>
  rows.map((row) =>
    row.map((_, column) => row.reduce((sum, value, i) => sum + value * weight[i * WIDTH + column], 0)),
  );

for (const [name, first] of [
  ['the first layer is quantised', 0],
  ['the last layer is quantised', 1],
] as const)
  test(`projections of which ${name}: each layer is weighed by its own`, async () => {
    const model = await opened([0, 1].map((at) => (at === first ? quantised : plain)));
    const study = await model.study();
    const told = 1 - first;
    const lengths = await study.valueLengths(untyped(ids), 'bidirectional');
    const word = await study.word(untyped(ids), 'bidirectional', 2);
    for (const layer of [0, 1]) {
      const [{ feed, output, written }] = (await study.layer(untyped(ids), 'bidirectional', layer, 2)).heads;
      const values = ids.map((_, token) => [...feed.values.subarray(token * WIDTH, (token + 1) * WIDTH)]);
      const own = weights(WIDTH ** 2, 4 * layer + 3);
      const handed = layer === told ? times(values, own) : values;
      assert.ok(worst(lengths[layer], Float32Array.from(handed, norm)) < 1e-4, `lengths of layer ${layer}`);
      const [through] = times([[...output]], own);
      if (layer !== told) assert.equal(written, null);
      else assert.ok(worst(written!, Float32Array.from(through)) < 1e-4);
      const adds = layer === told ? through : [...output];
      assert.ok(worst(word.written[layer][0], Float32Array.from(adds)) < 1e-4, `what layer ${layer} adds`);
    }
    await model.release();
  });

test('a layer whose values are quantised says so, wherever they are asked for', async () => {
  const model = await opened([plain, plain], product);
  const study = await model.study();
  const refused = (error: unknown) => error instanceof EngineError && /are quantised/.test(error.message);
  await assert.rejects(study.valueLengths(untyped(ids), 'bidirectional'), refused);
  await assert.rejects(study.word(untyped(ids), 'bidirectional', 2), refused);
  await assert.rejects(study.layer(untyped(ids), 'bidirectional', 1, 2), refused);
  assert.equal((await study.layer(untyped(ids), 'bidirectional', 0, 2)).heads.length, 1);
  await model.release();
});
