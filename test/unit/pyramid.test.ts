/** A matrix at any zoom: drawn as the pool draws the whole, and no strong link is lost at any size. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Mask, Matrix } from '../../webview/core/attention';
import { isOpen, toBytes } from '../../webview/core/attention';
import { pixelsIn } from '../../webview/core/axis';
import { pool } from '../../webview/core/pool';
import { Pyramid } from '../../webview/core/pyramid';
import { along, whole, windowOf, zoomed } from '../../webview/core/viewport';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const cases = fc
  .record({
    queries: fc.integer({ min: 1, max: 70 }),
    keys: fc.integer({ min: 1, max: 70 }),
    height: fc.integer({ min: 1, max: 60 }),
    width: fc.integer({ min: 1, max: 60 }),
    mask: fc.constantFrom<Mask>('causal', 'bidirectional'),
    seed: fc.integer(),
    slice: fc.integer({ min: 1, max: 500 }),
    zoom: fc.double({ min: 1, max: 40, noNaN: true }),
    at: fc.record({ x: share, y: share }),
  })
  .map(({ queries, keys, height, width, mask, seed, slice, zoom, at }) => {
    const across = mask === 'causal' ? queries : keys;
    let random = seed;
    const weights = Float32Array.from({ length: queries * across }, (_, i) => {
      random = (Math.imul(random, 1664525) + 1013904223) | 0;
      return isOpen(mask, Math.floor(i / across), i % across) ? (random >>> 8) / 2 ** 24 : 0;
    });
    const matrix: Matrix = { queries, keys: across, weights };
    const axes = { queries: { n: queries, size: height }, keys: { n: across, size: width } };
    const viewport = zoomed(whole, zoom, at, 1000);
    return { matrix, mask, slice, axes, viewport };
  });

function grown({ matrix, mask, slice }: { matrix: Matrix; mask: Mask; slice: number }): Pyramid {
  const pyramid = new Pyramid(matrix, mask);
  while (!pyramid.grow(slice));
  return pyramid;
}

test('no pair is lost: each shows, at its weight or stronger, in all pixels that it covers', () => {
  fc.assert(
    fc.property(cases, (one) => {
      const { matrix, mask, axes, viewport } = one;
      const queries = windowOf(axes.queries, along(viewport, 'y'));
      const keys = windowOf(axes.keys, along(viewport, 'x'));
      const { bytes, width } = grown(one).pooled(queries, keys);
      const exact = new Uint8Array(matrix.weights.length);
      toBytes(matrix.weights, exact, 0);
      for (let query = 0; query < matrix.queries; query++)
        for (let key = 0; key < matrix.keys; key++) {
          if (!isOpen(mask, query, key)) continue;
          const [[top, bottom], [left, right]] = [pixelsIn(queries, query), pixelsIn(keys, key)];
          for (let y = top; y < bottom; y++)
            for (let x = left; x < right; x++)
              assert.ok(bytes[y * width + x] >= exact[query * matrix.keys + key]);
        }
    }),
    { numRuns: 300 },
  );
});

test('with all pairs read, a part is that part of the whole, pixel by pixel, mask and all', () => {
  fc.assert(
    fc.property(cases, (one) => {
      const { matrix, mask, axes, viewport } = one;
      const queries = windowOf(axes.queries, along(viewport, 'y'));
      const keys = windowOf(axes.keys, along(viewport, 'x'));
      // More pairs a pixel than are read for so small a drawing.
      if (matrix.weights.length > 16 * keys.shown * queries.shown) return;
      const exact = new Uint8Array(matrix.weights.length);
      toBytes(matrix.weights, exact, 0);
      const all = pool(exact, 0, { queries, keys }, mask);
      const part = grown(one).pooled(queries, keys);
      for (let y = 0; y < part.height; y++) {
        const from = (y + queries.from) * all.width + keys.from;
        assert.deepEqual(
          part.bytes.subarray(y * part.width, (y + 1) * part.width),
          all.bytes.subarray(from, from + part.width),
        );
        const masked = all.maskedFrom[y + queries.from] - keys.from;
        assert.equal(part.maskedFrom[y], Math.max(0, Math.min(part.width, masked)));
      }
    }),
    { numRuns: 300 },
  );
});

test('grown in slices or at once, it is the same', () => {
  fc.assert(
    fc.property(cases, (one) => {
      const queries = windowOf(one.axes.queries, along(whole, 'y'));
      const keys = windowOf(one.axes.keys, along(whole, 'x'));
      assert.deepEqual(
        grown(one).pooled(queries, keys),
        grown({ ...one, slice: Infinity }).pooled(queries, keys),
      );
    }),
  );
});

test('a single strong link of four thousand tokens shows in a drawing of a hundred pixels', () => {
  const n = 4096;
  const weights = new Float32Array(n * n);
  weights[3001 * n + 1234] = 1;
  const pyramid = new Pyramid({ queries: n, keys: n, weights }, 'causal');
  let slices = 1;
  while (!pyramid.grow(1 << 21)) slices++;
  assert.equal(slices, 8);
  const axis = { n, size: 100, from: 0, shown: 100 };
  const { bytes } = pyramid.pooled(axis, axis);
  const lit = [...bytes.keys()].filter((at) => bytes[at] > 0);
  assert.ok(lit.includes(73 * 100 + 30) && lit.length <= 4, `${lit}`);
});
