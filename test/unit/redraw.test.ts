import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { byValue, redrawn } from '../../webview/core/redraw';
import { asItIs } from '../redraw';

const size = fc.integer({ min: 1, max: 8 });
const positive = fc.double({ min: 0.01, max: 1, noNaN: true });

/** Rows that sum to 1, and a length for each key. */
const cases = size.chain((n) =>
  fc.record({
    lengths: fc.array(positive, { minLength: n, maxLength: n }).map((all) => Float32Array.from(all)),
    matrix: fc.array(positive, { minLength: n * n, maxLength: n * n }).map((all) => {
      const weights = Float32Array.from(all, (value, i) => {
        const row = Math.floor(i / n) * n;
        return value / all.slice(row, row + n).reduce((sum, other) => sum + other, 0);
      });
      return { queries: n, keys: n, weights };
    }),
  }),
);

test('weighed by value a row keeps its sum, and its weights are in proportion to a times the length', () => {
  fc.assert(
    fc.property(cases, ({ lengths, matrix }) => {
      const { keys, weights } = matrix;
      const valued = byValue(matrix, lengths).weights;
      for (let at = 0; at < valued.length; at += keys) {
        const sum = valued.subarray(at, at + keys).reduce((total, weight) => total + weight, 0);
        assert.ok(Math.abs(sum - 1) < 1e-5);
        for (let key = 1; key < keys; key++) {
          const [one, other] = [weights[at] * lengths[0], weights[at + key] * lengths[key]];
          assert.ok(Math.abs(valued[at] * other - valued[at + key] * one) < 1e-6);
        }
      }
    }),
  );
});

test('values that are all as long change nothing; a row of nothing stays nothing', () => {
  const matrix = { queries: 2, keys: 2, weights: Float32Array.of(0.25, 0.75, 0, 0) };
  assert.deepEqual([...byValue(matrix, Float32Array.of(3, 3)).weights], [0.25, 0.75, 0, 0]);
});

test('lengths belong to single heads: an average is left as it is', () => {
  const matrix = { queries: 1, keys: 2, weights: Float32Array.of(0.5, 0.5) };
  const redraw = { ...asItIs, lengths: [Float32Array.of(1, 3)] };
  const head = { kind: 'head', head: { layer: 0, head: 0 } } as const;
  assert.deepEqual([...redrawn(matrix, redraw, head).weights], [0.25, 0.75]);
  assert.equal(redrawn(matrix, redraw, { kind: 'average', layer: 0 }), matrix);
});
