import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { spansOfBytes, tokenAt } from '../../webview/core/spans';

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

/** A text and any way of cutting its bytes into tokens. */
const cuts = texts.chain((text) => {
  const bytes = utf8(text).length;
  return fc
    .uniqueArray(fc.integer({ min: 0, max: bytes }), { maxLength: bytes })
    .map((places) => [...new Set([0, ...places, bytes])].sort((a, b) => a - b))
    .map((places) => ({ text, lengths: places.slice(1).map((place, i) => place - places[i]) }));
});

test('the distinct spans tile the text, whatever the cuts', () => {
  fc.assert(
    fc.property(cuts, ({ text, lengths }) => {
      const { spans, covered } = spansOfBytes(text, lengths);
      assert.equal(spans.length, lengths.length);
      assert.equal(covered, text.length);
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
    fc.property(cuts, ({ text, lengths }) => {
      const { spans } = spansOfBytes(text, lengths);
      // Byte offsets at which a character starts, by an independent way: encode each character alone.
      const starts = new Set([0]);
      let bytes = 0;
      for (const character of text) starts.add((bytes += utf8(character).length));
      let cut = 0;
      for (let i = 0; i + 1 < lengths.length; i++) {
        cut += lengths[i];
        assert.equal(
          spans[i].start !== spans[i + 1].start,
          starts.has(cut),
          `after token ${i} of ${JSON.stringify(text)}`,
        );
      }
    }),
    { numRuns: 1000 },
  );
});

test('a prefix that ends inside a character covers that character', () => {
  const { spans, covered } = spansOfBytes('a👍b', [1, 2]);
  assert.deepEqual(spans, [
    { start: 0, end: 1 },
    { start: 1, end: 3 },
  ]);
  assert.equal(covered, 3);
});

test('more bytes than the text has are refused', () => {
  assert.throws(() => spansOfBytes('ab', [1, 2]), RangeError);
});

test('the token at an offset is the first whose span holds it; the very end belongs to the last', () => {
  fc.assert(
    fc.property(cuts, fc.nat(), ({ text, lengths }, random) => {
      // A special token before, as `<s>` is, which holds nothing.
      const spans = [{ start: 0, end: 0 }, ...spansOfBytes(text, lengths).spans];
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
  const { spans } = spansOfBytes('abc', [1, 2]);
  assert.equal(tokenAt(spans, -1), -1);
  assert.equal(tokenAt(spans, 4), -1);
});
