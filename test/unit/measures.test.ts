import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headOffset, maskCells, strongest, toBytes } from '../../webview/core/attention';
import type { Overview } from '../../webview/core/attention';
import { measureHeads, mostTelling } from '../../webview/core/measures';

const n = 16;

/** One layer of three heads with known answers: all on itself, all on the first token, uniform over what is open. */
function closedForm(): Overview {
  const overview = { layers: 1, heads: 3, n, bytes: new Uint8Array(3 * n * n) };
  const weights = new Float32Array(n * n);
  const put = (head: number, weight: (query: number, key: number) => number) => {
    for (let q = 0; q < n; q++) for (let k = 0; k < n; k++) weights[q * n + k] = k <= q ? weight(q, k) : 0;
    toBytes(weights, overview.bytes, headOffset(overview, { layer: 0, head }));
  };
  put(0, (q, k) => Number(q === k));
  put(1, (_, k) => Number(k === 0));
  put(2, (q) => 1 / (q + 1));
  return overview;
}

test('measures of heads with closed forms', () => {
  const [self, sink, uniform] = measureHeads(closedForm(), 'causal');
  assert.equal(self.distance, 0);
  assert.equal(self.sink, 0);
  assert.ok(Math.abs(sink.distance - (n - 1) / 2) < 1e-9);
  assert.equal(sink.sink, 1);
  // Uniform: query q looks q/2 back on average; the first token gets (H_n - 1) / (n - 1) of the later queries.
  let harmonic = 0;
  for (let i = 1; i <= n; i++) harmonic += 1 / i;
  assert.ok(Math.abs(uniform.distance - (n - 1) / 4) < 0.05);
  assert.ok(Math.abs(uniform.sink - (harmonic - 1) / (n - 1)) < 0.005);
});

test('the first head to look at has links, not a diagonal and not a sink', () => {
  assert.deepEqual(mostTelling(measureHeads(closedForm(), 'causal')), { layer: 0, head: 2 });
});

test('a mask has a cell for every open pair', () => {
  const causal = maskCells('causal', 5);
  for (let q = 0; q < 5; q++) for (let k = 0; k < 5; k++) assert.equal(causal[q * 5 + k], Number(k <= q));
  assert.ok(maskCells('bidirectional', 5).every((cell) => cell === 1));
});

test('strongest: by weight, ties to the earlier token', () => {
  assert.deepEqual(strongest([0.1, 0.5, 0.1, 0.3], 3), [1, 3, 0]);
});
