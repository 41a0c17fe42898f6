/** What an encoder-decoder writes by itself is PyTorch's, and its encoder reads the text once, whatever is written. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import * as ort from 'onnxruntime-web/wasm';
import { untyped } from '../../webview/engine/engine';
import { openModel } from '../../webview/engine/model';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';
// What the build sets for each worker.
Object.assign(globalThis, { HEADLIGHT_WEBGPU: false });

const folder = 'test/fixtures/models/tiny-bart';
const golden = JSON.parse(readFileSync(`${folder}.json`, 'utf8')) as { ids: number[]; written: number[] };
const text = (name: string) => readFileSync(`${folder}/${name}`, 'utf8');
const graph = (name: string) => ({
  graph: new Uint8Array(readFileSync(`${folder}/onnx/${name}.onnx`)),
  weights: [],
});

/** Every run of a session from here on, by the names of what it was fed. */
const runs: string[][] = [];
const { prototype } = ort.InferenceSession as unknown as { prototype: ort.InferenceSession };
const { run } = prototype;
prototype.run = function (this: ort.InferenceSession, ...given: [ort.InferenceSession.FeedsType]) {
  runs.push(Object.keys(given[0]));
  return run.apply(this, given as unknown as Parameters<typeof run>);
};
after(() => (prototype.run = run));

test('greedily written, token by token, by one run of the encoder', async () => {
  const files = {
    ...graph('encoder_model'),
    decoder: graph('decoder_model'),
    ...{ config: text('config.json'), tokenizer: text('tokenizer.json') },
    tokenizerConfig: text('tokenizer_config.json'),
    preprocessor: '{}',
  };
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
  const encoded = () => runs.filter((names) => !names.includes('encoder_hidden_states')).length;
  assert.equal(encoded(), 1);
  assert.ok(runs.length >= ended.length, 'the decoder ran for each');
  await writer.next(untyped([...golden.ids, 5]), written);
  assert.equal(encoded(), 2, 'another text is read anew');
  await model.release();
});
