/** What models read besides text: those that write about images are shown as far as they read, and others say why not. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as ort from 'onnxruntime-web/wasm';
import { EngineError, type GraphFile, ImageWanted, type Medium } from '../../webview/engine/engine';
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
  const side = 32;
  const values = Float32Array.from(
    { length: 3 * side * side },
    (_, i, n = 3 * side * side) => (2 * i) / (n - 1) - 1,
  );
  const ids = Array.from({ length: context }, (_, i) => i);
  const fed = { ids, types: ids.map(() => 0), pixels: { width: side, height: side, values } };
  const [attention] = (await model.run(fed, 'bidirectional')).attentions;
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
