/** What is told of onnxruntime's heap, against what a run must hold. In a file of its own: a heap never shrinks. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as ort from 'onnxruntime-web/wasm';
import { fitHeap } from '../../webview/core/growth';
import { heap, watchHeap } from '../../webview/engine/heap';
import { untyped } from '../../webview/engine/engine';
import { openModel } from '../../webview/engine/model';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';
// What the build sets for each worker.
Object.assign(globalThis, { HEADLIGHT_WEBGPU: false });

const FOLDER = 'media/models/headlight-small';

test('a longer run adds at least the maps of a layer to what the heap has held; an equal one next to nothing', async () => {
  assert.equal(heap(), null);
  watchHeap();
  const text = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
  const graph = new Uint8Array(readFileSync(join(FOLDER, 'onnx/model.onnx')));
  const model = await openModel({
    config: text('config.json'),
    tokenizer: text('tokenizer.json'),
    tokenizerConfig: text('tokenizer_config.json'),
    preprocessor: '{}',
    graph,
    weights: [],
    decoder: null,
  });
  const opened = heap()!;
  assert.ok(opened.touched >= graph.length, 'the weights are in it');
  const { layers, heads } = model.info;
  const touched = async (n: number) => {
    await model.run(untyped(Array.from({ length: n }, (_, i) => 100 + i)), 'causal');
    const { bytes, touched } = heap()!;
    assert.ok(touched <= bytes);
    return touched;
  };
  const points = [];
  // The first ones are long enough to have used what opening the model left free.
  for (const n of [512, 640, 768, 896]) points.push({ n, cost: await touched(n) });
  for (let i = 1; i < points.length; i++) {
    const [before, after] = [points[i - 1], points[i]];
    const maps = heads * 4 * (after.n ** 2 - before.n ** 2);
    assert.ok(after.cost - before.cost >= maps, `${before.n} to ${after.n}: ${after.cost - before.cost}`);
  }
  const { square } = fitHeap(points, opened.touched)!;
  // The maps of one layer are held at a time; what is left free between blocks blurs the square.
  assert.ok(square >= heads * 2 && square <= layers * heads * 4, `${square} bytes a pair`);
  const last = points.at(-1)!.cost;
  assert.ok((await touched(896)) - last < 0.05 * last);
  assert.equal(await touched(8), heap()!.touched);
  await model.release();
});
