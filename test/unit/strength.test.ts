/** What is painted: levels, duplicates, merging, the limit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Span } from '../../src/protocol';
import { faintest, levelCount, levelOf, rangeLimit, spansByLevel } from '../../src/strength';

test('a level is an eighth of the scale; under half of the first nothing is painted', () => {
  const cases: [number, number][] = [
    [0, 0],
    [0.0624, 0],
    [faintest, 1],
    [0.125, 1],
    [0.126, 2],
    [0.5, 4],
    [0.999, 8],
    [1, 8],
    [7, 8],
    [-1, 0],
    [NaN, 0],
  ];
  for (const [strength, level] of cases) assert.equal(levelOf(strength), level, `strength ${strength}`);
});

test('touching neighbours of one level become one range; others stay apart', () => {
  const spans: Span[] = [
    [4, 6],
    [0, 2],
    [2, 4],
    [7, 9],
    [9, 10],
  ];
  const levels = spansByLevel(spans, [1, 0.95, 0.9, 0.95, 0.5]);
  assert.deepEqual(sorted(levels[7]!), [
    [0, 6],
    [7, 9],
  ]);
  assert.deepEqual(levels[3], [[9, 10]]);
});

test('tokens that share a character show the stronger one, and empty spans nothing', () => {
  const levels = spansByLevel(
    [
      [3, 4],
      [3, 4],
      [0, 0],
    ],
    [0.2, 0.8, 1],
  );
  assert.deepEqual(levels.flat(), [[3, 4]]);
  assert.deepEqual(levels[6], [[3, 4]]);
});

test('of too many ranges the strongest are painted', () => {
  const spans = Array.from({ length: 1000 }, (_, i): Span => [i * 2, i * 2 + 1]);
  const strengths = spans.map((_, i) => (i + 1) / 1000);
  const painted = sorted(spansByLevel(spans, strengths).flat());
  assert.deepEqual(painted, spans.slice(-rangeLimit));
});

/** A row over a text that tokens tile, as a model gives it. */
const row = fc
  .array(
    fc.record({
      length: fc.integer({ min: 0, max: 5 }),
      strength: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    {
      maxLength: 500,
    },
  )
  .map((tokens) => {
    let at = 0;
    const spans = tokens.map(({ length }): Span => [at, (at += length)]);
    return { spans, strengths: tokens.map((token) => token.strength) };
  });

test('each character is painted at the level of its token, or not at all', () => {
  fc.assert(
    fc.property(row, ({ spans, strengths }) => {
      const levels = spansByLevel(spans, strengths);
      const ranges = levels.flat();
      assert.equal(levels.length, levelCount);
      assert.ok(ranges.length <= rangeLimit);
      const wanted = paint(spans, strengths.map(levelOf));
      const got = paint(
        ranges,
        levels.flatMap((layer, i) => layer.map(() => i + 1)),
      );
      for (const [at, level] of got) assert.equal(level, wanted.get(at));
      // Under the limit nothing is missing.
      if (ranges.length < rangeLimit) assert.equal(got.size, wanted.size);
    }),
  );
});

/** Offset -> level, for each character with one. */
function paint(spans: readonly Span[], levels: readonly number[]): Map<number, number> {
  const painted = new Map<number, number>();
  spans.forEach(([start, end], i) => {
    for (let at = start; at < end; at++) if (levels[i]! > 0) painted.set(at, levels[i]!);
  });
  return painted;
}

function sorted(spans: readonly Span[]): Span[] {
  return [...spans].sort((a, b) => a[0] - b[0]);
}
