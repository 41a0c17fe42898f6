/** A rectangle of a matrix, of its weights and of its pixels. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Part } from '../../webview/core/part';
import { only, onlyPixels, pairsOf, pixelsOf, windowsOf } from '../../webview/core/part';
import { pool } from '../../webview/core/pool';

const range = (n: number) =>
  fc.tuple(fc.nat(n), fc.nat(n)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

const cases = fc
  .record({ queries: fc.integer({ min: 1, max: 9 }), keys: fc.integer({ min: 1, max: 9 }) })
  .chain(({ queries, keys }) =>
    fc.record({
      matrix: fc
        .array(fc.integer({ min: 1, max: 255 }), { minLength: queries * keys, maxLength: queries * keys })
        .map((bytes) => ({ queries, keys, weights: Float32Array.from(bytes) })),
      part: fc.record({ queries: range(queries), keys: range(keys) }),
      sizes: fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 })),
    }),
  );

const holds = ({ queries, keys }: Part, query: number, key: number) =>
  queries[0] <= query && query < queries[1] && keys[0] <= key && key < keys[1];

test('outside the part weights are 0, inside they are what they were, and both sides say the same', () => {
  fc.assert(
    fc.property(cases, ({ matrix, part }) => {
      const { keys } = matrix;
      only(matrix, part).weights.forEach((weight, i) => {
        const [query, key] = [Math.floor(i / keys), i % keys];
        const inside = holds(part, query, key);
        assert.equal(weight, inside ? matrix.weights[i] : 0);
        const [from, to] = pairsOf(part, query, false);
        assert.equal(from <= key && key < to, inside);
        const [first, last] = pairsOf(part, key, true);
        assert.equal(first <= query && query < last, inside);
      });
    }),
  );
});

test('the pixels of the part are those that its pairs cover', () => {
  fc.assert(
    fc.property(cases, ({ matrix, part, sizes: [height, width] }) => {
      const { queries, keys } = matrix;
      const axes = { queries: { n: queries, size: height }, keys: { n: keys, size: width } };
      const inside = only(matrix, part);
      const covered = pool(Uint8Array.from(inside.weights), 0, axes, 'bidirectional');
      const whole = pool(Uint8Array.from(matrix.weights), 0, axes, 'bidirectional');
      const { x, y } = pixelsOf(part, windowsOf(axes));
      onlyPixels(whole, part, axes).bytes.forEach((byte, at) => {
        const [row, column] = [Math.floor(at / width), at % width];
        const within = y[0] <= row && row < y[1] && x[0] <= column && column < x[1];
        assert.equal(covered.bytes[at] > 0, within);
        assert.equal(byte, within ? whole.bytes[at] : 0);
      });
    }),
  );
});
