/** The least model: what is run before there is another must be attention, or it makes the wrong code ready. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as ort from 'onnxruntime-web/wasm';
import { leastModel, planModel, readModel } from '../../webview/onnx/index';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

const [n, width] = [3, 2];
const x = Float32Array.of(0.5, -1, 2, 0.25, -0.75, 1);

test('it computes softmax(X Xᵀ) X', async () => {
  const session = await ort.InferenceSession.create(leastModel());
  const { y } = await session.run({ x: new ort.Tensor('float32', x, [n, width]) });
  assert.deepEqual(y!.dims, [n, width]);
  const at = (row: number, column: number) => x[row * width + column]!;
  for (let query = 0; query < n; query++) {
    const scores = [0, 1, 2].map((key) => Math.exp(at(query, 0) * at(key, 0) + at(query, 1) * at(key, 1)));
    const sum = scores[0]! + scores[1]! + scores[2]!;
    for (let column = 0; column < width; column++) {
      const expected = scores.reduce((total, score, key) => total + (score / sum) * at(key, column), 0);
      assert.ok(Math.abs((y!.data as Float32Array)[query * width + column]! - expected) < 1e-6);
    }
  }
  await session.release();
});

test('its attention is found', () => {
  const { sites } = planModel(readModel(leastModel()));
  assert.deepEqual(
    sites.map(({ name }) => name),
    ['weights'],
  );
});
