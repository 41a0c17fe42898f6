/** How far a text reaches: cut at a limit, carried through edits, clamped. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { apart, carried, clamped, cutLength, type Change } from '../../src/extent';
import type { Span } from '../../src/protocol';

test('a cut is as long as it may be and splits neither a surrogate pair nor a line end', () => {
  assert.equal(cutLength('abc', 5), 3);
  assert.equal(cutLength('abcdef', 3), 3);
  assert.equal(cutLength('ab\u{1F600}', 3), 2);
  assert.equal(cutLength('ab\r\n', 3), 2);
  assert.equal(cutLength('ab\n\r', 3), 3);
  assert.equal(cutLength('\r\n', 1), 0);
  assert.equal(cutLength('\ud83d\ud83d\ude00', 1), 1);
  const units = fc.constantFrom('a', '\r', '\n', '\ud83d', '\ude00', '\u{1F600}', '\r\n');
  fc.assert(
    fc.property(fc.array(units), fc.nat(20), (parts, limit) => {
      const text = parts.join('');
      const length = cutLength(text, limit);
      assert.ok(length <= limit && length >= Math.min(text.length, limit - 1));
      const seam = text.slice(Math.max(length - 1, 0), length + 1);
      if (length > 0) assert.doesNotMatch(seam, /^([\ud800-\udbff][\udc00-\udfff]|\r\n)$/);
    }),
  );
});

test('a span is carried along by edits', () => {
  const cases: [string, Change, Span][] = [
    ['before', { rangeOffset: 0, rangeLength: 2, text: 'xyz' }, [11, 21]],
    ['after', { rangeOffset: 30, rangeLength: 2, text: '' }, [10, 20]],
    ['inside', { rangeOffset: 12, rangeLength: 3, text: 'x' }, [10, 18]],
    ['typed at its start', { rangeOffset: 10, rangeLength: 0, text: 'xx' }, [12, 22]],
    ['typed at its end', { rangeOffset: 20, rangeLength: 0, text: 'xx' }, [10, 20]],
    ['over its start', { rangeOffset: 8, rangeLength: 4, text: '' }, [8, 16]],
    ['over its end', { rangeOffset: 18, rangeLength: 4, text: 'xx' }, [10, 20]],
    ['all of it', { rangeOffset: 0, rangeLength: 30, text: 'new' }, [0, 3]],
  ];
  for (const [name, change, wanted] of cases) assert.deepEqual(carried([10, 20], change), wanted, name);
});

test('an edit outside a span leaves its text as it was', () => {
  const edit = fc.record({ at: fc.nat(60), length: fc.nat(10), text: fc.string({ maxLength: 8 }) });
  fc.assert(
    fc.property(fc.string({ minLength: 30, maxLength: 60 }), fc.array(edit), (start, edits) => {
      let text = start;
      let span: Span = [10, 20];
      const inside = text.slice(10, 20);
      for (const { at, length, text: typed } of edits) {
        const rangeOffset = Math.min(at, text.length);
        const rangeLength = Math.min(length, text.length - rangeOffset);
        if (rangeOffset + rangeLength > span[0] && rangeOffset < span[1]) continue;
        text = text.slice(0, rangeOffset) + typed + text.slice(rangeOffset + rangeLength);
        span = carried(span, { rangeOffset, rangeLength, text: typed });
        assert.equal(text.slice(...span), inside);
      }
    }),
  );
});

test('what a document no longer has is left out', () => {
  assert.deepEqual(clamped([5, 9], 20), [5, 9]);
  assert.deepEqual(clamped([5, 9], 7), [5, 7]);
  assert.deepEqual(clamped([5, 9], 3), [3, 3]);
  assert.deepEqual(clamped([-1, -2], 3), [0, 0]);
});

test('two texts stand in the order of the document; what runs into each other or is empty is one', () => {
  const cases: [Span[], ReturnType<typeof apart>][] = [
    [[[3, 5]], [[3, 5]]],
    [
      [
        [7, 9],
        [1, 4],
      ],
      [
        [1, 4],
        [7, 9],
      ],
    ],
    [
      [
        [1, 4],
        [4, 9],
      ],
      [
        [1, 4],
        [4, 9],
      ],
    ],
    [
      [
        [1, 6],
        [4, 9],
      ],
      [[1, 9]],
    ],
    [
      [
        [1, 9],
        [4, 6],
      ],
      [[1, 9]],
    ],
    [
      [
        [1, 4],
        [6, 6],
      ],
      [[1, 6]],
    ],
  ];
  for (const [spans, wanted] of cases) assert.deepEqual(apart(spans), wanted);
});
