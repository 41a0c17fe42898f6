/** The grid of heads, zoomed into: each square shows what the head in focus shows, to single tokens of a long text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Mask, Matrix, Overview } from '../../webview/core/attention';
import { emptyOverview, isOpen, toCells } from '../../webview/core/attention';
import { pixelsIn, tokenOf, tokensIn } from '../../webview/core/axis';
import { blocksOf, cutOut, finer, holds, isCoarse, partAround } from '../../webview/core/detail';
import { pooled } from '../../webview/core/pool';
import { along, ungrouped, whole, windowOf, zoomed } from '../../webview/core/viewport';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const starts = fc
  .array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 60 })
  .map((lengths) => lengths.reduce((all, length) => [...all, all.at(-1)! + length], [0]));
const viewports = fc
  .tuple(fc.double({ min: 1, max: 60, noNaN: true }), share, share)
  .map(([zoom, x, y]) => zoomed(whole, zoom, { x, y }, 100));

test('what is seen of lines is seen of their tokens, and the whole stays the whole', () => {
  fc.assert(
    fc.property(starts, viewports, share, (starts, viewport, within) => {
      const groups = starts.length - 1;
      const tokens = starts[groups]!;
      const lines = along(viewport, 'y');
      const seen = ungrouped(lines, starts);
      // A place that is seen, in lines and in tokens.
      const place = Math.min(groups - 1e-9, (lines.at + within / lines.zoom) * groups);
      const line = Math.floor(place);
      const token = starts[line]! + (place - line) * (starts[line + 1]! - starts[line]!);
      assert.ok(seen.at * tokens <= token + 1e-6);
      assert.ok(token <= (seen.at + 1 / seen.zoom) * tokens + 1e-6);
      assert.deepEqual(ungrouped(along(whole, 'x'), starts), { zoom: 1, at: 0 });
    }),
  );
});

test('hit test inverts layout in the grid', () => {
  fc.assert(
    fc.property(starts, viewports, share, fc.integer({ min: 12, max: 320 }), (starts, viewport, at, size) => {
      const n = starts.at(-1)!;
      const window = windowOf({ n, size }, ungrouped(along(viewport, 'x'), starts));
      assert.equal(window.shown, size);
      const pixel = Math.min(size - 1, Math.floor(at * size));
      const token = tokenOf(window, window.from + pixel);
      const [from, to] = pixelsIn(window, token);
      if (window.size >= n) assert.ok(from <= pixel && pixel < to, `${pixel} in ${from}..${to}`);
      const [first, last] = tokensIn(window);
      assert.ok(first <= token && token <= last);
    }),
  );
});

const cases = fc
  .record({
    n: fc.integer({ min: 1, max: 60 }),
    cell: fc.integer({ min: 1, max: 7 }),
    size: fc.integer({ min: 1, max: 60 }),
    mask: fc.constantFrom<Mask>('causal', 'bidirectional'),
    seed: fc.integer(),
    viewport: viewports,
  })
  .map(({ n, cell, size, mask, seed, viewport }) => {
    let random = seed;
    const weights = Float32Array.from({ length: n * n }, (_, i) => {
      random = (Math.imul(random, 1664525) + 1013904223) | 0;
      return isOpen(mask, Math.floor(i / n), i % n) ? (random >>> 24) / 255 : 0;
    });
    const matrix: Matrix = { queries: n, keys: n, weights };
    const queries = windowOf({ n, size }, along(viewport, 'y'));
    const keys = windowOf({ n, size }, along(viewport, 'x'));
    return { matrix, cell, mask, seen: { queries, keys } };
  });

const of = { layer: 0, head: 0 };
function overviewOf(matrix: Matrix, cell: number): Overview {
  const { queries, keys } = matrix;
  const overview = emptyOverview({ layers: 1, heads: 1, queries, keys, cell });
  toCells(matrix, overview, of);
  return overview;
}

test('cells of several tokens lose no pair, and none spreads beyond its cell', () => {
  fc.assert(
    fc.property(cases, ({ matrix, cell, mask, seen: { queries, keys } }) => {
      const { keys: n, weights } = matrix;
      const drawn = pooled(blocksOf(overviewOf(matrix, cell), of, null), queries, keys, mask);
      for (let query = 0; query < n; query++)
        for (let key = 0; key < n; key++) {
          const [[top, bottom], [left, right]] = [pixelsIn(queries, query), pixelsIn(keys, key)];
          for (let y = top; y < bottom; y++)
            for (let x = left; x < right; x++)
              assert.ok(drawn.bytes[y * drawn.width + x]! >= Math.round(weights[query * n + key]! * 255));
        }
      const strongest = Math.round(Math.max(...weights) * 255);
      assert.ok(Math.max(...drawn.bytes) <= strongest);
    }),
    { numRuns: 300 },
  );
});

test('a part in cells of its own is drawn as the whole is, pixel by pixel', () => {
  fc.assert(
    fc.property(cases, ({ matrix, mask, seen }) => {
      const part = partAround(seen);
      assert.ok(holds(part, seen));
      const exact = pooled(blocksOf(overviewOf(matrix, 1), of, null), seen.queries, seen.keys, mask);
      const cut = cutOut(matrix, part);
      const whole = { layers: 1, heads: 1, queries: matrix.queries, keys: matrix.keys, cell: 9 };
      const shape = finer(whole, part);
      assert.deepEqual([shape.queries, shape.keys, shape.cell], [cut.queries, cut.keys, 1]);
      const drawn = pooled(blocksOf(overviewOf(cut, 1), of, part), seen.queries, seen.keys, mask);
      assert.deepEqual(drawn, exact);
    }),
    { numRuns: 300 },
  );
});

test('finer cells are asked for where a cell of several tokens is seen as one, and only there', () => {
  const seen = (zoom: number) => {
    const window = windowOf({ n: 2048, size: 90 }, { zoom, at: 0 });
    return { queries: window, keys: window };
  };
  assert.equal(isCoarse({ cell: 4 }, seen(1)), false);
  assert.equal(isCoarse({ cell: 4 }, seen(8)), false);
  assert.equal(isCoarse({ cell: 4 }, seen(16)), true);
  assert.equal(isCoarse({ cell: 1 }, seen(190)), false);
  const part = partAround(seen(16));
  assert.equal(holds(part, seen(8)), false);
  assert.equal(
    isCoarse(finer({ layers: 1, heads: 1, queries: 2048, keys: 2048, cell: 4 }, part), seen(190)),
    false,
  );
});
