/** Searching a text that is cut into tokens. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { matches } from '../../webview/core/find';
import type { Piece } from '../../webview/core/groups';

const special: Piece = { text: '<s>', span: { start: 0, end: 0 }, special: true };

function cut(text: string, size: number): Piece[] {
  const pieces = [special];
  for (let start = 0; start < text.length; start += size) {
    const end = Math.min(text.length, start + size);
    pieces.push({ text: text.slice(start, end), span: { start, end }, special: false });
  }
  return pieces;
}

test('every place is found, and its tokens are those that hold it', () => {
  const texts = fc
    .array(fc.constantFrom('a', 'B', 'ab', '.', ' ', '(', '-', '/', '\\', '\n'))
    .map((all) => all.join(''));
  fc.assert(
    fc.property(texts, texts, fc.integer({ min: 1, max: 5 }), (text, wanted, size) => {
      const pieces = cut(text, size);
      const expected: [number, number][] = [];
      const [all, sought] = [text.toLowerCase(), wanted.toLowerCase()];
      for (let at = all.indexOf(sought); sought && at >= 0; at = all.indexOf(sought, at + sought.length)) {
        const holds = pieces.flatMap(({ span }, i) =>
          span.start < at + sought.length && span.end > at && span.end > span.start ? [i] : [],
        );
        expected.push([holds[0], holds.at(-1)!]);
      }
      assert.deepEqual(matches(pieces, text, wanted), expected);
    }),
  );
});

test('a special token is found by its name, and nothing is found by nothing', () => {
  assert.deepEqual(matches([special, { text: 'a', span: { start: 0, end: 1 }, special: false }], 'a', '<S'), [
    [0, 0],
  ]);
  assert.deepEqual(matches(cut('abc', 1), 'abc', ''), []);
});

test('what was not read, or stands between tokens, is not found', () => {
  const pieces: Piece[] = [
    { text: 'one', span: { start: 0, end: 3 }, special: false },
    { text: 'two', span: { start: 5, end: 8 }, special: false },
  ];
  assert.deepEqual(matches(pieces, 'one  two three', '  '), []);
  assert.deepEqual(matches(pieces, 'one  two three', 'three'), []);
  assert.deepEqual(matches(pieces, 'one  two three', 'e  t'), [[0, 1]]);
});
