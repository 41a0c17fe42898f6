import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Mask } from '../../webview/core/attention';
import { isOpen } from '../../webview/core/attention';
import { endOf, pixelOf } from '../../webview/core/axis';
import { pool } from '../../webview/core/pool';

const axis = fc.record({ n: fc.integer({ min: 1, max: 40 }), size: fc.integer({ min: 1, max: 60 }) });

/** A causal mask needs as many queries as keys; the pixels they take may still differ. */
const patterns = fc
  .record({
    queries: axis,
    keys: axis,
    mask: fc.constantFrom<Mask>('causal', 'bidirectional'),
    seed: fc.integer(),
  })
  .map(({ queries, keys: { n, size }, mask, seed }) => {
    const keys = { n: mask === 'causal' ? queries.n : n, size };
    const bytes = new Uint8Array(queries.n * keys.n);
    let random = seed;
    for (let i = 0; i < bytes.length; i++) {
      random = (Math.imul(random, 1664525) + 1013904223) | 0;
      bytes[i] = isOpen(mask, Math.floor(i / keys.n), i % keys.n) ? random >>> 24 : 0;
    }
    return { queries, keys, mask, bytes };
  });

test('a pixel is the largest weight among the pairs that it covers', () => {
  fc.assert(
    fc.property(patterns, ({ queries, keys, mask, bytes }) => {
      const expected = new Uint8Array(queries.size * keys.size);
      for (let query = 0; query < queries.n; query++)
        for (let key = 0; key < keys.n; key++)
          for (let y = pixelOf(queries, query); y < endOf(queries, query); y++)
            for (let x = pixelOf(keys, key); x < endOf(keys, key); x++)
              expected[y * keys.size + x] = Math.max(
                expected[y * keys.size + x],
                bytes[query * keys.n + key],
              );
      assert.deepEqual(pool(bytes, 0, { queries, keys }, mask).bytes, expected);
    }),
    { numRuns: 300 },
  );
});

test('a pixel is masked exactly when all pairs that it covers are', () => {
  fc.assert(
    fc.property(patterns, ({ queries, keys, mask, bytes }) => {
      const open = new Uint8Array(queries.size * keys.size);
      for (let query = 0; query < queries.n; query++)
        for (let key = 0; key < keys.n; key++)
          if (isOpen(mask, query, key))
            for (let y = pixelOf(queries, query); y < endOf(queries, query); y++)
              for (let x = pixelOf(keys, key); x < endOf(keys, key); x++) open[y * keys.size + x] = 1;
      const { maskedFrom } = pool(bytes, 0, { queries, keys }, mask);
      for (let y = 0; y < queries.size; y++)
        for (let x = 0; x < keys.size; x++)
          assert.equal(x < maskedFrom[y], open[y * keys.size + x] === 1, `${x}, ${y}`);
    }),
    { numRuns: 300 },
  );
});
