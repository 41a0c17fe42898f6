import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Mask } from '../../webview/core/attention';
import { isOpen } from '../../webview/core/attention';
import { endOf, pixelOf } from '../../webview/core/axis';
import { pool } from '../../webview/core/pool';

const patterns = fc
  .record({
    n: fc.integer({ min: 1, max: 40 }),
    size: fc.integer({ min: 1, max: 60 }),
    mask: fc.constantFrom<Mask>('causal', 'bidirectional'),
    seed: fc.integer(),
  })
  .map(({ n, size, mask, seed }) => {
    const bytes = new Uint8Array(n * n);
    let random = seed;
    for (let i = 0; i < n * n; i++) {
      random = (Math.imul(random, 1664525) + 1013904223) | 0;
      bytes[i] = isOpen(mask, Math.floor(i / n), i % n) ? random >>> 24 : 0;
    }
    return { n, size, mask, bytes };
  });

test('a pixel is the largest weight among the pairs that it covers', () => {
  fc.assert(
    fc.property(patterns, ({ n, size, mask, bytes }) => {
      const axis = { n, size };
      const expected = new Uint8Array(size * size);
      for (let query = 0; query < n; query++)
        for (let key = 0; key < n; key++)
          for (let y = pixelOf(axis, query); y < endOf(axis, query); y++)
            for (let x = pixelOf(axis, key); x < endOf(axis, key); x++)
              expected[y * size + x] = Math.max(expected[y * size + x], bytes[query * n + key]);
      assert.deepEqual(pool(bytes, 0, axis, mask).bytes, expected);
    }),
    { numRuns: 300 },
  );
});

test('a pixel is masked exactly when all pairs that it covers are', () => {
  fc.assert(
    fc.property(patterns, ({ n, size, mask, bytes }) => {
      const axis = { n, size };
      const open = new Uint8Array(size * size);
      for (let query = 0; query < n; query++)
        for (let key = 0; key < n; key++)
          if (isOpen(mask, query, key))
            for (let y = pixelOf(axis, query); y < endOf(axis, query); y++)
              for (let x = pixelOf(axis, key); x < endOf(axis, key); x++) open[y * size + x] = 1;
      const { maskedFrom } = pool(bytes, 0, axis, mask);
      for (let y = 0; y < size; y++)
        for (let x = 0; x < size; x++)
          assert.equal(x < maskedFrom[y], open[y * size + x] === 1, `${x}, ${y}`);
    }),
    { numRuns: 300 },
  );
});
