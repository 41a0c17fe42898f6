/** Causal masks in every form they are written in, opened and closed by onnxruntime-web. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as ort from 'onnxruntime-web/wasm';
import { type Patch } from '../../webview/onnx';
import { attention, BOOL, buildModel, FLOAT, INT64, type NodeLine } from './graph';
import { backwards, everywhere, forwards, open, type Pairs } from './opened';
import { worst } from './tensors';

const LENGTH = 6;
const LARGEST = 32;
const LOWEST = Float32Array.of(-3.4028234663852886e38);

const big = (value: (query: number, key: number) => number) =>
  Array.from({ length: LARGEST ** 2 }, (_, i) => value(Math.floor(i / LARGEST), i % LARGEST));

/** The length as a vector of one, and the positions as a row and a column. */
const positions: NodeLine[] = [
  ['shape', 'Shape', ['x']],
  ['n', 'Gather', ['shape', 'one']],
  ['n1', 'Reshape', ['n', 'minus']],
  ['range', 'Range', ['zero', 'n', 'one']],
  ['row', 'Unsqueeze', ['range', 'zeros']],
  ['column', 'Unsqueeze', ['range', 'ones']],
];
const slice: NodeLine[] = [
  ['n2', 'Concat', ['n1', 'n1'], { axis: 0 }],
  ['square', 'Slice', ['big', 'zeros2', 'n2', 'axes']],
];
const shared = {
  zero: BigInt64Array.of(0n),
  one: BigInt64Array.of(1n),
  zeros: BigInt64Array.of(0n),
  ones: BigInt64Array.of(1n),
  minus: BigInt64Array.of(-1n),
  zeros2: BigInt64Array.of(0n, 0n),
  axes: BigInt64Array.of(0n, 1n),
  lowest: LOWEST,
  nought: Float32Array.of(0),
  unit: Float32Array.of(1),
  thousands: Float32Array.of(-10000),
};
const dims = { zeros: [1], ones: [1], minus: [1], big: [LARGEST, LARGEST] };

const tril = big((query, key) => (key <= query ? 1 : 0));
/** Causal, and nothing further back than two. */
const band = big((query, key) => (key <= query && query - key < 3 ? 1 : 0));

interface FormCase {
  nodes: NodeLine[];
  big?: Float32Array | BigInt64Array | Uint8Array;
  patched: Pick<Patch, 'form' | 'type'>[];
  /** The greatest distance back that is open, where the mask has a window. */
  window?: number;
}

const cases: Record<string, FormCase> = {
  'comparison of positions, true is open': {
    nodes: [
      ['allow', 'LessOrEqual', ['row', 'column']],
      ['masked', 'Where', ['allow', 'scores', 'lowest']],
    ],
    patched: [{ form: 'allow', type: BOOL }],
  },
  'comparison of positions, true is masked': {
    nodes: [
      ['block', 'Greater', ['row', 'column']],
      ['masked', 'Where', ['block', 'lowest', 'scores']],
    ],
    patched: [{ form: 'block', type: BOOL }],
  },
  'slice of a bool weight of the largest length': {
    big: Uint8Array.from(tril),
    nodes: [...slice, ['masked', 'Where', ['square', 'scores', 'lowest']]],
    patched: [{ form: 'allow', type: BOOL }],
  },
  'slice of a weight of ones and zeros, multiplied (GPT of 2018)': {
    big: Float32Array.from(tril),
    nodes: [
      ...slice,
      ['kept', 'Mul', ['scores', 'square']],
      ['rest', 'Sub', ['unit', 'square']],
      ['far', 'Mul', ['rest', 'thousands']],
      ['masked', 'Add', ['kept', 'far']],
    ],
    patched: [{ form: 'allow', type: FLOAT }],
  },
  'slice of integers, one is masked': {
    big: BigInt64Array.from(tril, (value) => BigInt(1 - value)),
    nodes: [
      ...slice,
      ['block', 'Cast', ['square'], { to: BOOL }],
      ['masked', 'Where', ['block', 'lowest', 'scores']],
    ],
    patched: [{ form: 'block', type: INT64 }],
  },
  'slice of a weight that is added': {
    big: Float32Array.from(tril, (value) => (value ? 0 : -1e4)),
    nodes: [...slice, ['masked', 'Add', ['scores', 'square']]],
    patched: [{ form: 'add', type: FLOAT }],
  },
  'slice of minus infinities that is added': {
    big: Float32Array.from(tril, (value) => (value ? 0 : -Infinity)),
    nodes: [...slice, ['masked', 'Add', ['scores', 'square']]],
    patched: [{ form: 'add', type: FLOAT }],
  },
  'a window and the causal mask in one weight (GPT-Neo): the window stays': {
    big: Uint8Array.from(band),
    nodes: [...slice, ['masked', 'Where', ['square', 'scores', 'lowest']]],
    patched: [{ form: 'allow', type: BOOL }],
    window: 2,
  },
  'a window that joins later stays': {
    nodes: [
      ['allow', 'LessOrEqual', ['row', 'column']],
      ['back', 'Sub', ['column', 'row']],
      ['near', 'Less', ['back', 'three']],
      ['both', 'And', ['allow', 'near']],
      ['masked', 'Where', ['both', 'scores', 'lowest']],
    ],
    patched: [{ form: 'allow', type: BOOL }],
    window: 2,
  },
  'two causal masks, one after the other (GPT-2 of transformers 4)': {
    big: Uint8Array.from(tril),
    nodes: [
      ...slice,
      ['once', 'Where', ['square', 'scores', 'lowest']],
      ['block', 'Greater', ['row', 'column']],
      ['bias', 'Where', ['block', 'thousands', 'nought']],
      ['masked', 'Add', ['once', 'bias']],
    ],
    patched: [
      { form: 'allow', type: BOOL },
      { form: 'block', type: BOOL },
    ],
  },
};

for (const [name, { nodes, big: mask, patched, window }] of Object.entries(cases))
  test(`opens a ${name}`, async () => {
    const layer = attention([...positions, ...nodes]);
    const opened = await open(
      buildModel({
        ...layer,
        weights: { ...layer.weights, ...shared, three: BigInt64Array.of(3n), ...(mask && { big: mask }) },
        dims: { ...layer.dims, ...dims },
        outputs: ['y'],
      }),
    );
    try {
      const byForm = (a: { form: string }, b: { form: string }) => a.form.localeCompare(b.form);
      const found = opened.masks.patches.map(({ form, type }) => ({ form, type }));
      assert.deepEqual(found.sort(byForm), patched);
      const x = Float32Array.from({ length: LENGTH * 4 }, (_, i) => Math.cos(i * 3.7));
      const feeds = { x: new ort.Tensor('float32', x, [1, LENGTH, 4]) };
      const near = (query: number, key: number) => window === undefined || query - key <= window;
      const check = async (mask: Parameters<typeof opened.run>[1], open: typeof near) => {
        const { maps } = await opened.run(feeds, mask);
        const expected = byHand(layer.weights!, x, (query, key) => open(query, key) && near(query, key));
        (maps[0].data as Float32Array).forEach((weight, i) => {
          assert.ok(Math.abs(weight - expected[i]) < 1e-5, `${weight} at ${i} should be ${expected[i]}`);
          if (expected[i] === 0) assert.equal(weight, 0);
        });
      };
      await check({}, backwards);
      await check({ open: forwards }, () => true);
      await check({ open: (query, key) => key === query + 1 }, (query, key) => key <= query + 1);
      await check({ open: forwards, allow: backwards }, backwards);
      await check({ open: forwards, allow: (query, key) => key >= query }, (query, key) => key >= query);
    } finally {
      await opened.close();
    }
  });

test('a sink beside the tokens (gpt-oss): closed pairs weigh 0, and the sink keeps its share', async () => {
  const layer = attention([
    ['allow', 'LessOrEqual', ['row', 'column']],
    ['causal', 'Where', ['allow', 'scores', 'lowest']],
    ['column_of_one', 'Concat', ['n1', 'ones'], { axis: 0 }],
    ['sinks', 'Expand', ['sink', 'column_of_one']],
    ['batched', 'Unsqueeze', ['sinks', 'zeros']],
    ['joined', 'Concat', ['causal', 'batched'], { axis: -1 }],
    ['most', 'ReduceMax', ['joined', 'minus'], { keepdims: 1 }],
    ['masked', 'Sub', ['joined', 'most']],
  ]);
  const nodes: NodeLine[] = [
    ...positions,
    ...layer.nodes.slice(0, -1),
    ['seen', 'Slice', ['p', 'zeros', 'n1', 'minus']],
    ['y', 'MatMul', ['seen', 'v']],
  ];
  const sink = Float32Array.of(0.5);
  const given = {
    weights: { ...layer.weights, ...shared, sink },
    dims: { ...layer.dims, ...dims, sink: [1, 1] },
  };
  const opened = await open(buildModel({ ...layer, ...given, nodes, outputs: ['y'] }));
  try {
    const x = Float32Array.from({ length: LENGTH * 4 }, (_, i) => Math.cos(i * 3.7));
    const feeds = { x: new ort.Tensor('float32', x, [1, LENGTH, 4]) };
    const own: Pairs = (query, key) => key === query;
    for (const [mask, pairs] of [
      [{}, backwards],
      [{ open: forwards }, everywhere],
      [{ allow: own }, own],
    ] as const) {
      const [map] = (await opened.run(feeds, mask)).maps;
      assert.deepEqual(map.dims, [1, LENGTH, LENGTH]);
      const expected = byHand(layer.weights!, x, pairs, sink[0]);
      assert.ok(worst(map.data as Float32Array, Float32Array.from(expected)) < 1e-5);
    }
  } finally {
    await opened.close();
  }
});

/** Attention of one head, said plainly. */
function byHand(
  weights: NonNullable<ReturnType<typeof attention>['weights']>,
  x: Float32Array,
  open: Pairs,
  sink = -Infinity,
): number[] {
  const project = (w: Float32Array, token: number) =>
    [0, 1, 2, 3].map((column) =>
      [0, 1, 2, 3].reduce((sum, i) => sum + x[token * 4 + i] * w[i * 4 + column], 0),
    );
  const rows: number[] = [];
  for (let query = 0; query < LENGTH; query++) {
    const q = project(weights.wq as Float32Array, query);
    const scores = Array.from({ length: LENGTH }, (_, key) => {
      const k = project(weights.wk as Float32Array, key);
      return open(query, key) ? q.reduce((sum, value, i) => sum + value * k[i], 0) : -Infinity;
    });
    const most = Math.max(...scores, sink);
    const raised = scores.map((score) => Math.exp(score - most));
    const sum = raised.reduce((a, b) => a + b, Math.exp(sink - most));
    rows.push(...raised.map((value) => value / sum));
  }
  return rows;
}
