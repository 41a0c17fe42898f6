import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskCells, openedCells, strongest } from '../../webview/core/attention';
import { measureHeads, mostTelling } from '../../webview/core/measures';

/** Long enough that a weight is far less than 1/255. */
const n = 600;

/** One layer of three heads with known answers: all on itself, all on the first token, uniform over what is open. */
function closedForm(): Float32Array {
  const weights = new Float32Array(3 * n * n);
  for (let q = 0; q < n; q++) {
    weights[q * n + q] = 1;
    weights[n * n + q * n] = 1;
    weights.fill(1 / (q + 1), 2 * n * n + q * n, 2 * n * n + q * n + q + 1);
  }
  return weights;
}

test('measures of heads with closed forms', () => {
  const [self, sink, uniform] = measureHeads(closedForm(), 0, { queries: n, keys: n });
  assert.equal(self.distance, 0);
  assert.equal(self.sink, 0);
  assert.equal(self.confidence, 1);
  assert.ok(Math.abs(sink.distance - (n - 1) / 2) < 1e-9);
  assert.ok(Math.abs(sink.sink - 1) < 1e-9);
  assert.equal(sink.confidence, 0);
  // Uniform: query q looks q/2 back on average; the first token gets (H_n - 1) / (n - 1) of the later queries.
  let harmonic = 0;
  for (let i = 1; i <= n; i++) harmonic += 1 / i;
  assert.ok(Math.abs(uniform.distance - (n - 1) / 4) < 1e-3);
  assert.ok(Math.abs(uniform.sink - (harmonic - 1) / (n - 1)) < 1e-6);
  assert.ok(Math.abs(uniform.confidence - uniform.sink) < 1e-6);
});

test('the first head to look at has links, not a diagonal and not a sink', () => {
  assert.deepEqual(mostTelling(measureHeads(closedForm(), 0, { queries: n, keys: n })), {
    layer: 0,
    head: 2,
  });
});

test('a mask has a cell for every open pair', () => {
  const causal = maskCells('causal', 5);
  for (let q = 0; q < 5; q++) for (let k = 0; k < 5; k++) assert.equal(causal[q * 5 + k], Number(k <= q));
  assert.ok(maskCells('bidirectional', 5).every((cell) => cell === 1));
});

test('what is opened is what a causal mask closes, and nothing else', () => {
  assert.ok(openedCells('causal', 5).every((cell) => cell === 0));
  const closed = maskCells('causal', 5).map((cell) => 1 - cell);
  assert.deepEqual(openedCells('bidirectional', 5), closed);
});

test('strongest: by weight, ties to the earlier token', () => {
  assert.deepEqual(strongest([0.1, 0.5, 0.1, 0.3], 3), [1, 3, 0]);
});
