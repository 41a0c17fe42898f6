/** The arithmetic of the bench. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exponent, median, quantile, row, table } from '../bench/rows';

test('median and quantiles', () => {
  assert.equal(median([5, 1, 3]), 3);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(quantile([0, 10, 20, 30, 40], 0.95), 38);
  assert.equal(median([7]), 7);
});

test('exponents of growth', () => {
  const points = [64, 256, 1024].map((n) => [n, 0.3 * n ** 1.7] as const);
  assert.ok(Math.abs(exponent(points) - 1.7) < 1e-9);
});

test('a row passes up to its target; one without a target neither passes nor misses', () => {
  assert.equal(row('a', 64, 1, 'ms', { target: 1 }).pass, true);
  assert.equal(row('a', 64, 1.1, 'ms', { target: 1, floor: 0.9 }).pass, false);
  assert.equal(row('a', null, 1, 'ms').pass, null);
  const text = table([row('a', 64, 1.1, 'ms', { target: 1 }), row('longer', null, 2, 'MB')]);
  assert.match(text, /\| a +\| 64 +\| 1.1 ms \| +\| ≤ 1 +\| MISS \|/);
  assert.equal(new Set(text.split('\n').map((line) => line.length)).size, 1);
});
