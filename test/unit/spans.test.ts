import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sideBySide, tokenAt } from '../../webview/core/spans';

/** Any UTF-16 at all: emoji with joiners, marks, right-to-left, line ends, NUL, lone surrogates. */
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc
    .array(
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      { maxLength: 40 },
    )
    .map((a) => a.join('')),
  fc
    .array(
      fc.constantFrom(
        '👩‍👩‍👧',
        '\r\n',
        '\n',
        '\r',
        '\t',
        '\0',
        'é',
        'e\u0301',
        '漢',
        'שלום',
        '\ud83d',
        '\udc4d',
        'x',
        '  ',
      ),
    )
    .map((a) => a.join('')),
);

const utf8 = (text: string) => new TextEncoder().encode(text);

/** A text, its bytes cut anywhere into tokens, and of each the characters it touches, which may be its neighbours'. */
const cuts = texts.chain((text) => {
  const owners = Array.from(text).flatMap((character, i, all) => {
    const start = all.slice(0, i).join('').length;
    return Array.from(utf8(character), () => ({ start, end: start + character.length }));
  });
  return fc
    .uniqueArray(fc.integer({ min: 0, max: owners.length }), { maxLength: owners.length })
    .map((places) => [...new Set([0, ...places, owners.length])].sort((a, b) => a - b))
    .map((places) => ({
      text,
      touched: places
        .slice(1)
        .map((place, i) => ({ start: owners[places[i]].start, end: owners[place - 1].end })),
    }));
});

test('the distinct spans tile the text, whatever the cuts', () => {
  fc.assert(
    fc.property(cuts, ({ text, touched }) => {
      const spans = sideBySide(touched);
      assert.equal(spans.length, touched.length);
      const distinct = [...new Map(spans.map((span) => [`${span.start}-${span.end}`, span])).values()];
      let at = 0;
      for (const { start, end } of distinct) {
        assert.equal(start, at);
        assert.ok(end > start);
        at = end;
      }
      assert.equal(at, text.length);
    }),
    { numRuns: 1000 },
  );
});

test('tokens share a span exactly when they share a character, directly or through others', () => {
  fc.assert(
    fc.property(cuts, ({ text, touched }) => {
      const spans = sideBySide(touched);
      for (let i = 0; i + 1 < touched.length; i++) {
        const shared = touched[i + 1].start < touched[i].end;
        assert.equal(
          spans[i].start === spans[i + 1].start,
          shared,
          `after token ${i} of ${JSON.stringify(text)}`,
        );
        assert.ok(spans[i].start <= touched[i].start && spans[i].end >= touched[i].end);
      }
    }),
    { numRuns: 1000 },
  );
});

test('empty spans stay where they are, and do not part what shares', () => {
  const empty = { start: 2, end: 2 };
  const spans = sideBySide([{ start: 0, end: 2 }, empty, { start: 1, end: 3 }, { start: 3, end: 4 }]);
  assert.deepEqual(spans, [{ start: 0, end: 3 }, empty, { start: 0, end: 3 }, { start: 3, end: 4 }]);
});

test('the token at an offset is the first whose span holds it; the very end belongs to the last', () => {
  fc.assert(
    fc.property(cuts, fc.nat(), ({ text, touched }, random) => {
      // A special token before, as `<s>` is, which holds nothing.
      const spans = [{ start: 0, end: 0 }, ...sideBySide(touched)];
      const offset = random % (text.length + 1);
      const found = tokenAt(spans, offset);
      const expected = spans.findIndex(
        ({ start, end }) =>
          end > start && start <= offset && (offset < end || (offset === text.length && end === offset)),
      );
      assert.equal(found, expected);
    }),
    { numRuns: 1000 },
  );
});

test('offsets outside belong to no token', () => {
  const spans = [
    { start: 0, end: 1 },
    { start: 1, end: 3 },
  ];
  assert.equal(tokenAt(spans, -1), -1);
  assert.equal(tokenAt(spans, 4), -1);
});
