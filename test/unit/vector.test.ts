import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cosine, norm, rowOf, share, spreadOf, spreadOver, standardised } from '../../webview/core/vector';

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

const number = fc.float({ min: -8, max: 8, noNaN: true });
const matrix = (rows: number, width: number) =>
  fc
    .array(number, { minLength: rows * width, maxLength: rows * width })
    .map((values) => Float32Array.from(values));

test('the shares of a sum add up to 1', () => {
  fc.assert(
    fc.property(matrix(5, 4), (terms) => {
      const rows = [0, 1, 2, 3, 4].map((row) => rowOf(terms, row, 4));
      const sum = [0, 1, 2, 3].map((i) => rows.reduce((total, row) => total + row[i], 0));
      fc.pre(norm(sum) > 0.1);
      const whole = rows.reduce((total, row) => total + share(row, sum), 0);
      assert.ok(Math.abs(whole - 1) < 1e-6);
    }),
  );
});

test('standardised over all, every dimension has mean 0 and variance 1, and a scale of its own changes nothing', () => {
  fc.assert(
    fc.property(
      matrix(4, 3),
      matrix(3, 3),
      fc.double({ min: 0.5, max: 100, noNaN: true }),
      (a, b, factor) => {
        const all = [a, b].flatMap((part) =>
          Array.from({ length: part.length / 3 }, (_, row) => rowOf(part, row, 3)),
        );
        const values = (i: number) => all.map((row) => row[i]);
        fc.pre([0, 1, 2].every((i) => Math.max(...values(i)) - Math.min(...values(i)) > 0.1));
        const spread = spreadOver(spreadOf(a, 3), spreadOf(b, 3));
        const made = all.map((row) => standardised(row, spread));
        for (let i = 0; i < 3; i++) {
          const mean = made.reduce((sum, row) => sum + row[i], 0) / 7;
          const variance = made.reduce((sum, row) => sum + row[i] ** 2, 0) / 7 - mean ** 2;
          assert.ok(Math.abs(mean) < 1e-4 && Math.abs(variance - 1) < 1e-3, `${mean} ${variance}`);
        }
        const larger = (part: Float32Array) => part.map((value, i) => (i % 3 === 0 ? value * factor : value));
        const [large, small] = [larger(a), larger(b)];
        const other = spreadOver(spreadOf(large, 3), spreadOf(small, 3));
        standardised(rowOf(large, 0, 3), other).forEach((value, i) =>
          assert.ok(Math.abs(value - made[0][i]) < 1e-2, `${value} and ${made[0][i]}`),
        );
      },
    ),
  );
});

test('a dimension that does not vary says nothing', () => {
  const spread = spreadOf(Float32Array.of(3, 1, 3, 2), 2);
  assert.equal(standardised(Float32Array.of(3, 1), spread)[0], 0);
});
