import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Matrix } from '../../webview/core/attention';
import { seenBy } from '../../webview/core/look';
import { withoutSink } from '../../webview/core/redraw';
import { rowOf, sheetsOf } from '../../webview/core/sheets';
import { asItIs } from '../redraw';

/** Probabilities: every row sums to 1. */
const matrices = fc
  .record({
    queries: fc.integer({ min: 1, max: 8 }),
    keys: fc.integer({ min: 1, max: 8 }),
    seed: fc.integer(),
  })
  .map(({ queries, keys, seed }): Matrix => {
    let random = seed;
    const next = () => ((random = (Math.imul(random, 1664525) + 1013904223) | 0) >>> 8) / 2 ** 24 + 1e-6;
    const weights = Float32Array.from({ length: queries * keys }, next);
    for (let query = 0; query < queries; query++) {
      const row = weights.subarray(query * keys, (query + 1) * keys);
      const sum = row.reduce((total, weight) => total + weight, 0);
      row.forEach((weight, key) => (row[key] = weight / sum));
    }
    return { queries, keys, weights };
  });

const head = { kind: 'head', head: { layer: 0, head: 0 } } as const;
const plain = { scale: 'linear', threshold: 0 } as const;

test('without the first token the rest of a row has its sum, in the same proportions', () => {
  fc.assert(
    fc.property(matrices, (matrix) => {
      const { queries, keys } = matrix;
      const { weights } = withoutSink(matrix);
      for (let query = 0; query < queries; query++) {
        const [before, after] = [matrix.weights, weights].map((all) =>
          all.subarray(query * keys, (query + 1) * keys),
        );
        assert.equal(after[0], 0);
        const sum = after.reduce((total, weight) => total + weight, 0);
        assert.ok(Math.abs(sum - (keys > 1 ? 1 : 0)) < 1e-5);
        for (let key = 2; key < keys; key++)
          assert.ok(Math.abs(after[key] * before[1] - after[1] * before[key]) < 1e-5);
      }
    }),
  );
});

test('a row that is all on the first token is empty without it', () => {
  const { weights } = withoutSink({ queries: 1, keys: 3, weights: Float32Array.of(1, 0, 0) });
  assert.deepEqual([...weights], [0, 0, 0]);
});

test('the two sheets of a difference are its two signs, and never both', () => {
  fc.assert(
    fc.property(matrices, (one) => {
      const other = { ...one, weights: one.weights.slice().reverse() };
      const seen = seenBy({ kind: 'difference', of: head }, [one, other]);
      const [more, less] = sheetsOf(seen, asItIs);
      seen.weights.forEach((value, i) => {
        assert.equal(more.weights[i] - less.weights[i], value);
        assert.ok(more.weights[i] === 0 || less.weights[i] === 0);
      });
    }),
  );
});

test('a row shows the strongest sheet, and what is under the threshold has no strength', () => {
  fc.assert(
    fc.property(
      matrices,
      fc.float({ min: 0, max: 1, noNaN: true }),
      fc.boolean(),
      (one, threshold, reversed) => {
        const other = { ...one, weights: one.weights.slice().reverse() };
        const heads = [
          { layer: 0, head: 0 },
          { layer: 0, head: 1 },
        ];
        const seen = seenBy({ kind: 'overlay', heads }, [one, other]);
        const sheets = sheetsOf(seen, asItIs);
        const { strengths, sheet } = rowOf(sheets, 0, reversed, { ...plain, threshold });
        strengths.forEach((strength, i) => {
          const at = reversed ? i * one.keys : i;
          const most = Math.max(one.weights[at], other.weights[at]);
          assert.equal(sheets[sheet[i]].weights[at], most);
          assert.equal(strength, most < threshold ? 0 : most);
        });
      },
    ),
  );
});

test('sheets of one look are made once', () => {
  const seen = seenBy(head, [{ queries: 1, keys: 2, weights: Float32Array.of(0.5, 0.5) }]);
  assert.equal(
    sheetsOf(seen, { ...asItIs, sinkHidden: true }),
    sheetsOf(seen, { ...asItIs, sinkHidden: true }),
  );
  assert.notEqual(sheetsOf(seen, { ...asItIs, sinkHidden: true }), sheetsOf(seen, asItIs));
});
