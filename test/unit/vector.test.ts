import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cosine, norm, rowOf } from '../../webview/core/vector';

test('norm and cosine', () => {
  assert.equal(norm([3, 4]), 5);
  assert.equal(cosine([1, 0], [0, 2]), 0);
  assert.ok(Math.abs(cosine([1, 1], [-2, -2]) + 1) < 1e-12);
  assert.equal(cosine([0, 0], [1, 1]), 0);
  assert.ok(Math.abs(cosine([1, 0], [1, 1]) - Math.SQRT1_2) < 1e-12);
});

test('a row is a view, not a copy', () => {
  const matrix = Float32Array.of(1, 2, 3, 4, 5, 6);
  assert.deepEqual([...rowOf(matrix, 1, 3)], [4, 5, 6]);
  assert.equal(rowOf(matrix, 1, 3).buffer, matrix.buffer);
});
