/**
 * Encoder-decoders as the engine opens them, in two files and in one: their three attentions and what they write by
 * themselves are PyTorch's, and the encoder reads the text once, whatever is written.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { after, test } from 'node:test';
import * as ort from 'onnxruntime-web/wasm';
import type { Mask } from '../../webview/core/attention';
import { runBytes } from '../../webview/core/cost';
import { asTheModel, stepsOf } from '../../webview/core/row';
import { EngineError, type ModelFiles, unchanged, untyped } from '../../webview/engine/engine';
import type { Pass } from '../../webview/engine/graph';
import { openModel } from '../../webview/engine/model';
import { readCase } from './case';
import { casesIn, onDisk } from './disk';
import { attention, buildModel, type NodeLine } from './graph';
import { readFloats, worst } from './tensors';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';
// What the build sets for each worker.
Object.assign(globalThis, { HEADLIGHT_WEBGPU: false });

const fixtures = 'test/fixtures/models';
const cases = process.env.HEADLIGHT_CASES ?? 'test/fixtures/onnx';
const golden = JSON.parse(readFileSync(`${fixtures}/tiny-bart.json`, 'utf8')) as Record<
  'ids' | 'targetIds' | 'written',
  number[]
>;

const [LAYERS, HEADS, D] = [2, 3, 8];

const graph = (path: string) => ({ graph: new Uint8Array(readFileSync(path)), weights: [] });
const beside = (folder: string) => {
  const text = (name: string) => readFileSync(`${folder}/${name}`, 'utf8');
  const [config, tokenizer, tokenizerConfig] = ['config', 'tokenizer', 'tokenizer_config'].map((name) =>
    text(`${name}.json`),
  );
  return { config, tokenizer, tokenizerConfig, preprocessor: '{}' };
};
const half = (name: string) => graph(`${fixtures}/tiny-bart/onnx/${name}.onnx`);

const layouts: readonly (readonly [name: string, files: ModelFiles])[] = [
  [
    'two files',
    { ...half('encoder_model'), ...beside(`${fixtures}/tiny-bart`), decoder: half('decoder_model') },
  ],
  [
    'one file',
    {
      ...graph(`${fixtures}/tiny-bart-whole/onnx/model.onnx`),
      ...beside(`${fixtures}/tiny-bart-whole`),
      decoder: null,
    },
  ],
];

/** Every run of a session from here on, by the names of what it was fed. */
const runs: string[][] = [];
const { prototype } = ort.InferenceSession as unknown as { prototype: ort.InferenceSession };
const { run } = prototype;
prototype.run = function (this: ort.InferenceSession, ...given: [ort.InferenceSession.FeedsType]) {
  runs.push(Object.keys(given[0]));
  return run.apply(this, given as unknown as Parameters<typeof run>);
};
after(() => (prototype.run = run));

/** Of each kind [layers, heads, queries, keys], head by head. */
async function mapsOf({ attentions }: Pass): Promise<Map<string, Float32Array[]>> {
  const maps = new Map<string, Float32Array[]>();
  for (const { kind, overview, weightsOf } of attentions) {
    const found: Float32Array[] = [];
    for (let layer = 0; layer < overview.layers; layer++)
      for (let head = 0; head < overview.heads; head++) found.push(await weightsOf({ layer, head }));
    maps.set(kind, found);
  }
  return maps;
}

for (const [name, files] of layouts) {
  test(`${name}: encoder, decoder and cross under both masks of the decoder`, async () => {
    const model = await openModel(files);
    assert.deepEqual(model.info.kinds, ['encoder', 'decoder', 'cross']);
    assert.equal(model.info.fixedMask, null);
    for (const mask of ['causal', 'bidirectional'] as const) {
      const pass = await model.run(untyped(golden.ids), mask, undefined, golden.targetIds);
      const told = [...(await mapsOf(pass)).values()].flat().flatMap((one) => [...one]);
      const error = worst(Float32Array.from(told), readFloats(fixtures, `tiny-bart.${mask}.f32`));
      assert.ok(error < 1e-4, `${mask} is off by ${error}`);
    }
    await model.release();
  });

  test(`${name}: every step of every head, and steps that lead to the weights of the model`, async () => {
    const model = await openModel(files);
    const [n, m] = [golden.ids.length, golden.targetIds.length];
    const kinds = { encoder: [n, n], decoder: [m, m], cross: [m, n] } as const;
    for (const mask of ['causal', 'bidirectional'] as const) {
      const values = readFloats(fixtures, `tiny-bart.${mask}.inside.f32`);
      const maps = await mapsOf(await model.run(untyped(golden.ids), mask, undefined, golden.targetIds));
      let at = 0;
      /** Of each head in turn, so many numbers. */
      const take = (size: number) =>
        Array.from({ length: LAYERS * HEADS }, () => values.subarray(at, (at += size)));
      for (const [kind, [queries, keys]] of Object.entries(kinds)) {
        const sizes = [queries * D, keys * D, keys * D, queries * D, HEADS * D, keys];
        const [q, k, v, outputs, written, lengths] = sizes.map(take);
        const study = await model.study(kind === 'encoder' ? 'model' : 'decoder');
        const token = queries - 1;
        const found = await study.valueLengths(
          ...([untyped(golden.ids), mask, unchanged, kind as keyof typeof kinds, golden.targetIds] as const),
        );
        const handed = found.flatMap((one) => [...one]);
        assert.ok(
          worst(Float32Array.from(handed), Float32Array.from(lengths.flatMap((one) => [...one]))) < 1e-4,
        );
        for (let layer = 0; layer < LAYERS; layer++) {
          const { heads } = await study.layer(
            ...([
              untyped(golden.ids),
              mask,
              layer,
              token,
              kind as keyof typeof kinds,
              golden.targetIds,
            ] as const),
          );
          assert.equal(heads.length, HEADS);
          heads.forEach(({ feed, output, written: writes, weights }, head) => {
            const i = layer * HEADS + head;
            const near = (found: Float32Array, wanted: Float32Array, what: string, tolerance = 1e-4) => {
              const error = worst(found, wanted);
              assert.ok(error <= tolerance, `${mask}, ${what} of ${kind} ${layer}.${head}: off by ${error}`);
            };
            near(feed.query, q[i].subarray(token * D), 'query');
            near(feed.keys, k[i], 'keys');
            near(feed.values, v[i], 'values');
            near(output, outputs[i].subarray(token * D), 'output');
            near(writes!, written[i], 'what it writes');
            near(weights, maps.get(kind)![i].subarray(token * keys), 'weights', 1e-5);
            const steps = stepsOf(feed, asTheModel);
            near(Float32Array.from(steps.weights), weights, 'steps', 1e-5);
            near(Float32Array.from(steps.output), output, 'sum of values', 1e-5);
            assert.equal(feed.scale, 1 / Math.sqrt(D));
          });
        }
      }
      assert.equal(at, values.length);
    }
    await model.release();
  });

  test(`${name}: with every score twice as large, and without positions, through encoder and decoder; no window`, async () => {
    const model = await openModel(files);
    for (const [changed, change] of [
      ['doubled', { scores: 2 }],
      ['unplaced', { positions: 'none' }],
    ] as const) {
      const experiment = { ...unchanged, ...change };
      const pass = await model.run(untyped(golden.ids), 'causal', experiment, golden.targetIds);
      const told = [...(await mapsOf(pass)).values()].flat().flatMap((one) => [...one]);
      const error = worst(Float32Array.from(told), readFloats(fixtures, `tiny-bart.${changed}.f32`));
      assert.ok(error < 1e-4, `${changed} is off by ${error}`);
    }
    await assert.rejects(
      model.run(untyped(golden.ids), 'causal', { ...unchanged, window: 2 }, golden.targetIds),
      /no one window/,
    );
    await model.release();
  });

  test(`${name}: greedily written, token by token, by one run of the encoder`, async () => {
    const model = await openModel(files);
    const writer = model.writer!;
    runs.length = 0;
    const written = writer.told([]).tokens.map(({ id }) => id);
    while (written.length < golden.written.length) {
      const next = await writer.next(untyped(golden.ids), written);
      if (next === null) break;
      written.push(next);
    }
    const ended = golden.written.at(-1) === 2 ? golden.written.slice(0, -1) : golden.written;
    assert.deepEqual(written, ended);
    const isDecoder = (name: string) => name === 'encoder_hidden_states' || name === 'decoder_input_ids';
    const encoded = () => runs.filter((names) => !names.some(isDecoder)).length;
    assert.equal(encoded(), 1);
    assert.ok(runs.length >= ended.length, 'the decoder ran for each');
    await writer.next(untyped([...golden.ids, 5]), written);
    assert.equal(encoded(), 2, 'another text is read anew');
    await model.release();
  });
}

for (const path of casesIn(cases)) {
  const stated = JSON.parse(readFileSync(`${path}/case.json`, 'utf8')) as { kind: string; inputs: object };
  if (stated.kind !== 'encoder-decoder' || !('input_ids' in stated.inputs)) continue;
  test(`one file: ${basename(path)}`, async () => {
    const { inputs, attention: sites, model: bytes, tolerance } = await readCase(onDisk(path));
    // The first text of the batch, which is not padded.
    const first = (name: string) => inputs[name].data.slice(0, inputs[name].dims[1]).map(Number);
    assert.ok(!first('attention_mask').includes(0));
    const model = await openModel({
      ...{ graph: new Uint8Array(bytes), weights: [], decoder: null },
      ...beside(`${fixtures}/tiny-bart`),
    });
    for (const [mask, file] of [
      ['causal', 'golden'],
      ['bidirectional', 'golden_toggled'],
    ] as const satisfies readonly (readonly [Mask, string])[]) {
      if (!existsSync(`${path}/${file}.f32`)) continue;
      const values = readFloats(path, `${file}.f32`);
      const pass = await model.run(untyped(first('input_ids')), mask, undefined, first('decoder_input_ids'));
      const maps = await mapsOf(pass);
      for (const { kind, layer, shape, offset } of sites) {
        const [, heads, queries, keys] = shape;
        const size = queries * keys;
        for (let head = 0; head < heads; head++) {
          const from = offset + head * size;
          const error = worst(maps.get(kind)![layer * heads + head], values.slice(from, from + size));
          assert.ok(error < tolerance, `${mask} ${kind} ${layer}.${head} is off by ${error}`);
        }
      }
    }
    await model.release();
  });
}

test('the scale of a head is told, however short the other text is', async () => {
  // T5 does not divide by √d.
  const model = await openModel({
    ...graph(`${cases}/t5-torchscript-eager-padded/model.onnx`),
    ...{ ...beside(`${fixtures}/tiny-bart`), decoder: null },
  });
  const ids = untyped([5, 6, 7, 8, 9, 10]);
  for (const [part, kind] of [
    ['model', 'encoder'],
    ['decoder', 'cross'],
  ] as const) {
    const { heads } = await (await model.study(part)).layer(ids, 'causal', 1, 0, kind, [0]);
    for (const { feed } of heads) assert.equal(feed.scale, 1, kind);
  }
  await model.release();
});

test('either text is read as far as its run fits into memory', async () => {
  const [, files] = layouts[0];
  const room = 60_000;
  const model = await openModel(files, 'text', room);
  const { kinds, layers, heads, width, context } = model.info;
  const bytes = (n: number) => runBytes({ layers: layers * kinds.length, heads, width }, n);
  assert.ok(context > 4 && bytes(context) <= room && bytes(context + 1) > room);
  const text = 'The cat sat on the mat, and then the cat sat on the mat again. '.repeat(4);
  const read = model.read(text);
  assert.equal(read.tokens.length, context);
  assert.ok(read.covered < text.length);
  assert.equal(model.writer!.read(text).tokens.length, context);
  const full = Array.from({ length: context }, () => 5);
  assert.equal(await model.writer!.next(untyped(full), full), null);
  await model.release();
});

/** A model that cannot be opened says why, in a sentence. */
async function refuses(bytes: Uint8Array, sentence: RegExp): Promise<void> {
  const files = { graph: new Uint8Array(bytes), weights: [], decoder: null };
  await assert.rejects(openModel({ ...files, ...beside(`${fixtures}/tiny-bart`) }), (error) => {
    return error instanceof EngineError && sentence.test(error.message);
  });
}

test('a decoder alone says what it lacks', () =>
  refuses(half('decoder_model').graph, /put its encoder_model\.onnx beside it/));

test('an export of one length says so', async () => {
  const bytes = Buffer.from(graph(`${fixtures}/tiny-bart-whole/onnx/model.onnx`).graph);
  // TensorShapeProto.Dimension: dim_param (2) becomes dim_value (1), what is left of its bytes a denotation (3).
  const open = Buffer.from('\x12\x17encoder_sequence_length');
  const fixed = Buffer.from(`\x08\x0d\x1a\x15${'x'.repeat(21)}`);
  assert.ok(bytes.includes(open));
  for (let at = bytes.indexOf(open); at >= 0; at = bytes.indexOf(open)) fixed.copy(bytes, at);
  await refuses(bytes, /exported for texts of one length only/);
});

test('what cannot be taken apart says so', async () => {
  const { nodes, ...layer } = attention([['masked', 'Identity', ['scores']]]);
  const read = nodes.map(([output, op, inputs, attributes = {}]): NodeLine => [
    output,
    op,
    inputs.map((name) => (name === 'x' ? 'decoder_input_ids' : name)),
    attributes,
  ]);
  const inputs = { decoder_input_ids: layer.inputs.x };
  await refuses(
    buildModel({ ...layer, inputs, nodes: read, outputs: ['y'] }),
    /cannot be taken apart into its encoder and its decoder/,
  );
});

test('an encoder whose attention cannot be shown says why', async () => {
  const { nodes, weights = {}, ...layer } = attention([['masked', 'Identity', ['scores']]]);
  const numbers = { around: [0n, 1n, 0n, 0n, 1n, 0n], zero: [0n], one: [1n], last: [-1n], end: [1000n] };
  const given = {
    ...weights,
    ...Object.fromEntries(
      Object.entries(numbers).map(([name, values]) => [name, BigInt64Array.from(values)]),
    ),
  };
  const vectors = Object.fromEntries(
    Object.entries(numbers).map(([name, values]) => [name, [values.length]]),
  );
  const named = (suffix: string, queries: string, keys: string): NodeLine[] =>
    nodes.map(([output, op, read, attributes = {}]): NodeLine => [
      `${output}${suffix}`,
      op,
      read.map((name) =>
        name in given ? name : name !== 'x' ? `${name}${suffix}` : output === 'q' ? queries : keys,
      ),
      attributes,
    ]);
  // Keys and values of each query are those before it and those behind it.
  const pieces: NodeLine[] = [
    ['padded', 'Pad', ['v_e', 'around']],
    ['before', 'Slice', ['padded', 'zero', 'last', 'one']],
    ['behind', 'Slice', ['padded', 'one', 'end', 'one']],
    ['pieces', 'Concat', ['before', 'behind'], { axis: 1 }],
    ['y_e', 'MatMul', ['p_e', 'pieces']],
  ];
  const encoder = [...named('_e', 'x', 'x').slice(0, -1), ...pieces];
  const decoder = [...named('_d', 'decoder_input_ids', 'decoder_input_ids'), ...named('_c', 'y_d', 'y_e')];
  const inputs = { ...layer.inputs, decoder_input_ids: layer.inputs.x };
  await refuses(
    buildModel({
      ...{ inputs, nodes: [...encoder, ...decoder], outputs: ['y_c'] },
      ...{ weights: given, dims: { ...layer.dims, ...vectors } },
    }),
    /^The model's encoder has no attention that Headlight can show\. Attention that is computed window by window/,
  );
});
