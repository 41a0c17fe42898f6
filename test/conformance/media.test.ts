/** What models read besides text: those that write about images are shown as far as they read, and others say why not. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as ort from 'onnxruntime-web/wasm';
import { asTheModel, stepsOf } from '../../webview/core/row';
import {
  EngineError,
  type Fed,
  type GraphFile,
  ImageWanted,
  type Medium,
  unchanged,
  untyped,
} from '../../webview/engine/engine';
import { openModel } from '../../webview/engine/model';
import { readFloats, worst } from './tensors';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';
// What the build sets for each worker.
Object.assign(globalThis, { HEADLIGHT_WEBGPU: false });

const fixtures = 'test/fixtures/models';
const graph = (path: string): GraphFile => ({ graph: new Uint8Array(readFileSync(path)), weights: [] });

/** A folder, opened for one medium. */
function open(
  folder: string,
  reads: Medium,
  { path = `${folder}/onnx/model.onnx`, decoder = null as GraphFile | null } = {},
) {
  const json = (name: string) => {
    const file = `${folder}/${name}.json`;
    return existsSync(file) ? readFileSync(file, 'utf8') : '{}';
  };
  const [config, tokenizer, tokenizerConfig, preprocessor] = [
    ...['config', 'tokenizer', 'tokenizer_config', 'preprocessor_config'],
  ].map(json);
  return openModel({ ...graph(path), decoder, config, tokenizer, tokenizerConfig, preprocessor }, reads);
}

/** An image that grows lighter from number to number, as so many tokens. */
function ramp(tokens: number, side = 32): Fed {
  const values = Float32Array.from(
    { length: 3 * side * side },
    (_, i, n = 3 * side * side) => (2 * i) / (n - 1) - 1,
  );
  const ids = Array.from({ length: tokens }, (_, i) => i);
  return { ...untyped(ids), pixels: { width: side, height: side, values } };
}

const refuses = (opening: Promise<unknown>, sentence: RegExp) =>
  assert.rejects(opening, (error) => error instanceof EngineError && sentence.test(error.message));

test('a model that looks in windows says so', () =>
  refuses(
    open(`${fixtures}/tiny-swin`, 'image'),
    /^This model looks at its images in 4 windows, each by itself/,
  ));

test('a model that listens says so, whatever it is to read', async () => {
  const path = 'test/fixtures/onnx/whisper-torchscript-eager/model.onnx';
  for (const reads of ['text', 'image'] as const)
    await refuses(
      open(`${fixtures}/tiny-bart`, reads, { path }),
      /^This model listens: .*\(input_features\)/,
    );
});

test('of a model that writes about images the encoder is shown: PyTorch’s numbers', async () => {
  const folder = `${fixtures}/tiny-trocr`;
  const model = await open(folder, 'image');
  const { kinds, layers, heads, context, causal } = model.info;
  assert.deepEqual(
    { kinds, layers, heads, context, causal },
    {
      ...{ kinds: ['self'], layers: 2, heads: 2, context: 17, causal: false },
    },
  );
  const [attention] = (await model.run(ramp(context), 'bidirectional')).attentions;
  const golden = readFloats(fixtures, 'tiny-trocr.f32');
  const size = context * context;
  for (let layer = 0; layer < layers; layer++)
    for (let head = 0; head < heads; head++) {
      const from = (layer * heads + head) * size;
      const error = worst(await attention.weightsOf({ layer, head }), golden.slice(from, from + size));
      assert.ok(error < 1e-4, `${layer}.${head} is off by ${error}`);
    }
  await model.release();
});

test('its two files are no other model, and it reads no text', async () => {
  const decoder = graph(`${fixtures}/tiny-bart/onnx/decoder_model.onnx`);
  const model = await open(`${fixtures}/tiny-vit`, 'image', { decoder });
  assert.deepEqual(model.info.kinds, ['self']);
  await model.release();
  const asked = [open(`${fixtures}/tiny-trocr`, 'text'), open(`${fixtures}/tiny-vit`, 'text', { decoder })];
  for (const opening of asked)
    await assert.rejects(
      opening,
      (error) => error instanceof ImageWanted && /choose an image/.test(error.message),
    );
});

test('of a model of text and images either stack is studied, fed with nothing of the other', async () => {
  const folder = `${fixtures}/tiny-clip`;
  const { ids } = JSON.parse(readFileSync(`${fixtures}/tiny-clip.json`, 'utf8')) as { ids: number[] };
  for (const [medium, given] of [
    ['image', (context: number) => ramp(context)],
    ['text', () => untyped(ids)],
  ] as const) {
    const model = await open(folder, medium);
    const { layers, heads, context, causal } = model.info;
    assert.equal(layers, 2);
    const fed = given(context);
    const mask = causal ? 'causal' : 'bidirectional';
    const study = await model.study();
    const token = fed.ids.length - 1;
    for (let layer = 0; layer < layers; layer++)
      for (const { feed, weights, written } of (await study.layer(fed, mask, layer, token)).heads) {
        assert.ok(worst(Float32Array.from(stepsOf(feed, asTheModel).weights), weights) < 1e-5);
        assert.equal(written!.length, heads * feed.query.length);
      }
    const word = await study.word(fed, mask, token);
    assert.deepEqual([word.hidden.length, word.written.length], [layers, layers]);
    const lengths = await study.valueLengths(fed, mask);
    assert.deepEqual(
      lengths.map(({ length }) => length),
      Array.from({ length: layers }, () => heads * fed.ids.length),
    );
    const sharper = (await model.run(fed, mask, { ...unchanged, scores: 2 })).attentions[0];
    assert.equal(sharper.overview.layers, layers);
    await model.release();
  }
});
