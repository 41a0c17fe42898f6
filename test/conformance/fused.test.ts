/** Fused attention taken apart computes what onnxruntime's own kernel computes, and shows its probabilities. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as ort from 'onnxruntime-web/wasm';
import { findMasks, planModel, readModel, rewrite } from '../../webview/onnx';
import { BOOL, buildModel, FLOAT, INT64, type NodeLine, weights } from './graph';
import type { Feeds } from './feeds';
import { forwards, load, pairs, probe } from './opened';
import { worst } from './tensors';

const UINT8 = 2;
const INT8 = 3;
const INT32 = 6;

const [BATCH, TOKENS, HEADS, SHARED, WIDTH] = [2, 6, 4, 2, 16];

interface Given {
  type: number;
  dims: number[];
  value(i: number): number;
}

const floats = (...dims: number[]): Given => ({
  type: FLOAT,
  dims,
  value: (i) => Math.sin(dims.length * 7 + i * 12.9898) * 1.5,
});
const of = (type: number, dims: number[], value: Given['value']): Given => ({ type, dims, value });
const none = null;

const [wide, narrow] = [HEADS * WIDTH, SHARED * WIDTH];
const queries = floats(BATCH, TOKENS, wide);
const keys = { ...floats(BATCH, TOKENS, wide), value: (i: number) => Math.cos(i * 7.233) * 1.5 };
const values = { ...floats(BATCH, TOKENS, wide), value: (i: number) => Math.cos(1 + i * 3.77) };
const fewKeys = { ...keys, dims: [BATCH, TOKENS, narrow] };
const fewValues = { ...values, dims: [BATCH, TOKENS, narrow] };
const bias = floats(3 * wide);
const added = floats(BATCH, HEADS, TOKENS, TOKENS);
const past = (heads: number) => floats(BATCH, heads, 3, WIDTH);
const rightPadded = of(INT32, [BATCH, TOKENS], (i) => (i < TOKENS || i < TOKENS + 4 ? 1 : 0));
const lengths = of(INT32, [BATCH], (i) => TOKENS - 2 * i);
const tables = [
  of(FLOAT, [32, WIDTH / 2], (i) => Math.cos(Math.floor(i / (WIDTH / 2)) / (1 + (i % (WIDTH / 2))))),
  of(FLOAT, [32, WIDTH / 2], (i) => Math.sin(Math.floor(i / (WIDTH / 2)) / (1 + (i % (WIDTH / 2))))),
];
const one = (given: Given): Given => ({ ...given, dims: [1, ...given.dims.slice(1)] });
const small = (given: Given): Given => ({ ...given, value: (i) => given.value(i) / 20 });
const heads = { num_heads: HEADS };
const groups = { num_heads: HEADS, kv_num_heads: SHARED };
const whole = [of(INT32, [BATCH], () => TOKENS - 1), of(INT32, [], () => TOKENS)];
const going = [of(INT32, [1], () => TOKENS + 2), of(INT32, [], () => TOKENS + 3)];
const grouped = [queries, fewKeys, fewValues, none, none, ...whole];

interface FusedCase {
  op: string;
  inputs: (Given | null)[];
  attributes: NonNullable<NodeLine[3]>;
  outputs?: number;
  opset?: number;
  /** The operator's own probabilities: attributes, and the output that they come out of. */
  own?: { attributes: NonNullable<NodeLine[3]> };
  causal?: boolean;
  sink?: boolean;
  /** The cache is written to where it lies, beyond what is in it. */
  buffer?: boolean;
}

const gqa = (
  inputs: FusedCase['inputs'],
  attributes: FusedCase['attributes'],
  more: Partial<FusedCase> = {},
): FusedCase => ({
  op: 'com.microsoft.GroupQueryAttention',
  inputs,
  attributes: { ...groups, ...attributes },
  outputs: 3,
  own: { attributes: { qk_output: 2 } },
  causal: true,
  ...more,
});
const mha = (
  inputs: FusedCase['inputs'],
  attributes: FusedCase['attributes'] = {},
  more: Partial<FusedCase> = {},
): FusedCase => ({
  op: 'com.microsoft.MultiHeadAttention',
  inputs,
  attributes: { ...heads, ...attributes },
  ...more,
});
const flat = { q_num_heads: HEADS, kv_num_heads: SHARED };
const onnx = (
  inputs: FusedCase['inputs'],
  attributes: FusedCase['attributes'] = {},
  more: Partial<FusedCase> = {},
): FusedCase => ({
  op: 'Attention',
  opset: 23,
  inputs,
  attributes,
  own: { attributes: { qk_matmul_output_mode: 3 } },
  ...more,
});
const four = (heads: number, tokens = TOKENS) => floats(BATCH, heads, tokens, WIDTH);

const cases: Record<string, FusedCase> = {
  'Attention-23, three axes, shared keys, causal': onnx([queries, fewKeys, fewValues], { ...flat, is_causal: 1 }, { causal: true }),
  'Attention-23, four axes': onnx([four(HEADS), four(HEADS), four(HEADS)]),
  'Attention-23, four axes, shared keys, bool mask, scale': onnx(
    [four(HEADS), four(SHARED), four(SHARED), of(BOOL, [TOKENS, TOKENS], (i) => Number(i % 3 !== 1 || i % 7 === 0))],
    { scale: { float: 0.2 } },
  ),
  'Attention-23, float mask, softcap': onnx([four(HEADS), four(HEADS), four(HEADS), added], { softcap: { float: 2 } }),
  'Attention-23, past, causal': onnx([four(HEADS), four(HEADS), four(HEADS), none, past(HEADS), past(HEADS)], { is_causal: 1 }, { outputs: 3 }),
  'Attention-23, cross': onnx([four(HEADS, 4), four(HEADS), four(HEADS)]),
  'Attention-24, causal': onnx([queries, fewKeys, fewValues], { ...flat, is_causal: 1 }, { opset: 24, causal: true }),
  'Attention-24, lengths': onnx([four(HEADS), four(HEADS), four(HEADS), none, none, none, of(INT64, [BATCH], (i) => TOKENS - i)], {}, { opset: 24 }),

  'MultiHeadAttention': mha([queries, keys, values]),
  'MultiHeadAttention, biases': mha([queries, keys, values, bias]),
  'MultiHeadAttention, biases, values of another width': mha([queries, keys, { ...values, dims: [BATCH, TOKENS, HEADS * 8] }, floats(2 * wide + HEADS * 8)]),
  'MultiHeadAttention, padding by a mask': mha([queries, keys, values, none, rightPadded]),
  'MultiHeadAttention, padding by lengths': mha([queries, keys, values, none, lengths]),
  'MultiHeadAttention, added bias, scale': mha([queries, keys, values, none, none, added], { scale: { float: 0.3 } }),
  'MultiHeadAttention, unidirectional': mha([queries, keys, values], { unidirectional: 1 }, { causal: true }),
  'MultiHeadAttention, past': mha([queries, keys, values, none, none, none, past(HEADS), past(HEADS)], { unidirectional: 1 }, { outputs: 3 }),
  'MultiHeadAttention, keys of cross attention from a cache': mha([queries, four(HEADS, 5), four(HEADS, 5)]),
  'GroupQueryAttention': gqa(grouped, {}),
  'GroupQueryAttention, packed, rotary': gqa([floats(BATCH, TOKENS, wide + 2 * narrow), none, none, none, none, ...whole, ...tables], { do_rotary: 1 }),
  'GroupQueryAttention, rotary, interleaved': gqa([...grouped, ...tables], { do_rotary: 1, rotary_interleaved: 1 }),
  'GroupQueryAttention, past, rotary': gqa([...[queries, fewKeys, fewValues, past(SHARED), past(SHARED)].map(one), ...going, ...tables], { do_rotary: 1 }, { causal: false }),
  'GroupQueryAttention, window': gqa(grouped, { local_window_size: 3 }),
  'GroupQueryAttention, softcap, scale': gqa(grouped, { softcap: { float: 2 }, scale: { float: 0.4 } }),
  'GroupQueryAttention, added bias': gqa([...grouped, none, none, none, added], {}, { causal: false }),
  'GroupQueryAttention, sinks': gqa([...grouped, none, none, none, none, floats(HEADS)], {}, { sink: true }),
  'GroupQueryAttention, smooth': gqa(grouped, { smooth_softmax: 1 }, { sink: true }),
  'GroupQueryAttention, bidirectional': gqa(grouped, { causal: 0 }, { causal: false }),

  'com.microsoft.Attention': { op: 'com.microsoft.Attention', inputs: [queries, small(floats(wide, 3 * wide)), bias], attributes: heads },
  'com.microsoft.Attention, unidirectional, padded': { op: 'com.microsoft.Attention', inputs: [queries, small(floats(wide, 3 * wide)), bias, rightPadded], attributes: { ...heads, unidirectional: 1 }, causal: true },
  'com.microsoft.Attention, lengths': { op: 'com.microsoft.Attention', inputs: [queries, small(floats(wide, 3 * wide)), bias, lengths], attributes: heads },
  'com.microsoft.Attention, past': { op: 'com.microsoft.Attention', inputs: [queries, small(floats(wide, 3 * wide)), bias, none, floats(2, BATCH, HEADS, 3, WIDTH)], attributes: { ...heads, unidirectional: 1 }, outputs: 2 },
  'com.microsoft.Attention, values of another width': { op: 'com.microsoft.Attention', inputs: [queries, small(floats(wide, 2 * wide + 32)), floats(2 * wide + 32)], attributes: { ...heads, qkv_hidden_sizes: [wide, wide, 32] } },
  QAttention: {
    op: 'com.microsoft.QAttention',
    inputs: [
      of(UINT8, [BATCH, TOKENS, wide], (i) => (i * 37) % 251), of(INT8, [wide, 3 * wide], (i) => ((i * 53) % 200) - 100), bias,
      of(FLOAT, [], () => 0.02), of(FLOAT, [], () => 0.004), rightPadded, of(UINT8, [], () => 128), of(INT8, [], () => 2),
    ],
    attributes: heads,
  },
  DecoderMaskedMultiHeadAttention: {
    op: 'com.microsoft.DecoderMaskedMultiHeadAttention',
    inputs: [
      floats(BATCH, 1, wide), { ...keys, dims: [BATCH, 1, wide] }, { ...values, dims: [BATCH, 1, wide] }, none, none,
      floats(BATCH, HEADS, 8, WIDTH), floats(BATCH, HEADS, 8, WIDTH), of(INT32, [1], () => 3),
    ],
    attributes: { ...heads, past_present_share_buffer: 1 },
    outputs: 3,
    buffer: true,
  },
}; // prettier-ignore

for (const [name, given] of Object.entries(cases))
  test(name, async () => {
    const { bytes, feeds, outputs } = build(given, {});
    const original = await ort.InferenceSession.create(bytes);
    const expected = await original.run(feeds);
    await original.release();

    const model = readModel(bytes);
    assert.deepEqual(model.closed, []);
    const plan = planModel(model);
    assert.equal(plan.sites.length, 1);
    assert.equal(plan.sites[0].heads, HEADS);
    assert.equal(plan.sites[0].sink !== null, given.sink ?? false);
    const shared = given.op.endsWith('GroupQueryAttention') || given.attributes.kv_num_heads === SHARED;
    if (shared) assert.equal(plan.sites[0].keyHeads, SHARED);

    const masks = findMasks(model, plan, {});
    const tensors = [{ what: 'probabilities' }, { what: 'head_output' }] as const;
    const opened = rewrite(model, plan, masks, {
      tensors,
      logits: true,
      keep: given.buffer ? [] : outputs,
      gates: true,
      scales: true,
    });
    const session = await load(opened);
    const found = await session.run(feed(opened.inputs, feeds, opened));
    await session.release();
    for (const output of given.buffer ? ['y'] : outputs) close(found[output], expected[output], output);

    const [probabilities] = opened.outputs;
    const map = found[probabilities.name];
    const [, count, , length] = map.dims;
    assert.equal(count, HEADS);
    if (!given.sink) rowsAreOne(map.data as Float32Array, length);
    if (!given.own) return;
    const own = build(given, given.own.attributes);
    const theirs = await ort.InferenceSession.create(own.bytes);
    const qk = (await theirs.run(own.feeds)).qk;
    await theirs.release();
    close(map, qk, 'the probabilities');
  });

for (const [name, given] of Object.entries(cases).filter(([, { causal }]) => causal))
  test(`${name}: its causal mask opens in the same session`, async () => {
    const { bytes, feeds } = build(given, {}, true);
    const model = readModel(bytes);
    const plan = planModel(model);
    const masks = findMasks(model, plan, await probe(model, plan));
    assert.equal(masks.causal, 'patched');
    const opened = rewrite(model, plan, masks);
    const session = await load(opened);
    const own = feed(opened.inputs, feeds, opened);
    const map = (await session.run({ ...own, [opened.maskInputs[0].open!]: pairs(TOKENS, forwards) }))[
      opened.outputs[0].name
    ];
    const before = (await session.run(own))[opened.outputs[0].name];
    await session.release();
    const [later, now] = [map.data, before.data] as Float32Array[];
    // The first query of each head saw itself alone, and now sees others.
    for (let row = 0; row < later.length; row += TOKENS * TOKENS) {
      assert.equal(now[row + 1], 0);
      assert.ok(later[row + 1] > 0);
    }
    if (!given.sink) rowsAreOne(later, TOKENS);
  });

// onnxruntime runs it on CUDA only, so that it is held to its formula.
test('DecoderMaskedMultiHeadAttention, packed: 1 / √ of the width of one head', async () => {
  const packed = { ...floats(1, 1, 3 * wide), value: (i: number) => Math.sin(i * 12.9898) };
  const buffer = floats(1, HEADS, 8, WIDTH);
  const [kept, now] = [3, 4];
  const given: FusedCase = {
    op: 'com.microsoft.DecoderMaskedMultiHeadAttention',
    inputs: [packed, none, none, none, none, buffer, buffer, of(INT32, [1], () => kept)],
    attributes: heads,
  };
  const { bytes, feeds } = build(given, {});
  const model = readModel(bytes);
  assert.deepEqual(model.closed, []);
  const opened = rewrite(model, planModel(model), findMasks(model, planModel(model), {}));
  const session = await load(opened);
  const map = (await session.run(feed(opened.inputs, feeds, opened)))[opened.outputs[0].name];
  await session.release();
  assert.deepEqual([...map.dims], [1, HEADS, 1, now]);
  for (let head = 0; head < HEADS; head++) {
    const raised = Array.from({ length: now }, (_, token) => {
      let product = 0;
      for (let i = 0; i < WIDTH; i++) {
        const key =
          token < kept ? buffer.value((head * 8 + token) * WIDTH + i) : packed.value(wide + head * WIDTH + i);
        product += packed.value(head * WIDTH + i) * key;
      }
      return Math.exp(product / Math.sqrt(WIDTH));
    });
    const sum = raised.reduce((total, one) => total + one, 0);
    const found = (map.data as Float32Array).subarray(head * now, (head + 1) * now);
    const error = worst(
      found,
      Float32Array.from(raised, (one) => one / sum),
    );
    assert.ok(error < 2e-5, `head ${head} is off by ${error}`);
  }
});

/**
 * All inputs are fed. `self`: queries, keys and values are projections of one input x0, with as many tokens as are fed.
 */
function build(
  { op, inputs, attributes, outputs = 1, opset = 18, own }: FusedCase,
  more: NonNullable<NodeLine[3]>,
  self = false,
) {
  const names = inputs.map((given, i) => (given ? `x${i}` : ''));
  const made = ['y', 'present', 'present2'].slice(0, outputs);
  const wanted = Object.keys(more).length > 0 && own ? [...made, ...Array(3 - outputs).fill(''), 'qk'] : made;
  const declared: Record<string, [number, ...(number | string)[]]> = {};
  const feeds: Feeds = {};
  const nodes: NodeLine[] = [];
  const projections: Record<string, Float32Array> = {};
  const dims: Record<string, number[]> = {};
  inputs.forEach((given, i) => {
    if (!given) return;
    const isProjection = self && i < 3 && given.dims.length === 3;
    const width = given.dims.at(-1)!;
    if (isProjection && i > 0) {
      nodes.push([names[i], 'MatMul', ['x0', `w${i}`]]);
      dims[`w${i}`] = [inputs[0]!.dims[2], width];
      projections[`w${i}`] = weights(dims[`w${i}`][0] * width, i).map((value) => value / 20);
      return;
    }
    declared[names[i]] = isProjection ? [given.type, BATCH, 'tokens', width] : [given.type, ...given.dims];
    feeds[names[i]] = tensor(given);
  });
  const bytes = buildModel({
    opset,
    irVersion: 10,
    inputs: declared,
    nodes: [...nodes, [wanted.join(', '), op, names, { ...attributes, ...more }]],
    weights: projections,
    dims,
    outputs: wanted.filter((name) => name !== ''),
  });
  return { bytes, feeds, outputs: made };
}

function tensor({ type, dims, value }: Given): ort.Tensor {
  const count = dims.reduce((product, dim) => product * dim, 1);
  const numbers = Array.from({ length: count }, (_, i) => value(i));
  if (type === INT64) return new ort.Tensor('int64', BigInt64Array.from(numbers, BigInt), dims);
  if (type === INT32) return new ort.Tensor('int32', Int32Array.from(numbers), dims);
  if (type === UINT8) return new ort.Tensor('uint8', Uint8Array.from(numbers), dims);
  if (type === INT8) return new ort.Tensor('int8', Int8Array.from(numbers), dims);
  if (type === BOOL) return new ort.Tensor('bool', Uint8Array.from(numbers), dims);
  return new ort.Tensor('float32', Float32Array.from(numbers), dims);
}

/** Nothing closed, nothing opened, every gate and scale 1. */
function feed(
  inputs: readonly string[],
  feeds: Feeds,
  { maskInputs, gateInputs, scaleInputs }: ReturnType<typeof rewrite>,
): Feeds {
  const all: Feeds = Object.fromEntries(inputs.map((name) => [name, feeds[name]]));
  for (const { allow, open } of maskInputs) {
    if (allow !== null) all[allow] = new ort.Tensor('bool', Uint8Array.of(1), [1, 1]);
    if (open !== null) all[open] = pairs(TOKENS, () => false);
  }
  for (const { name } of gateInputs)
    all[name] = new ort.Tensor('float32', new Float32Array(HEADS).fill(1), [HEADS]);
  for (const { name } of scaleInputs) all[name] = new ort.Tensor('float32', Float32Array.of(1), [1]);
  return all;
}

function close(found: ort.Tensor, expected: ort.Tensor, what: string): void {
  assert.deepEqual([...found.dims], [...expected.dims], what);
  const error = worst(found.data as Float32Array, expected.data as Float32Array);
  assert.ok(error < 2e-5, `${what} off by ${error}`);
}

function rowsAreOne(map: Float32Array, length: number): void {
  for (let row = 0; row < map.length; row += length) {
    const sum = map.subarray(row, row + length).reduce((total, weight) => total + weight, 0);
    assert.ok(Math.abs(sum - 1) < 1e-5, `a row sums to ${sum}`);
  }
}
