/** Tokens brought together to words and lines: whose they are, and that no weight is lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Matrix } from '../../webview/core/attention';
import type { Groups, Piece } from '../../webview/core/groups';
import { grouped, lineIn, linesOf, wordsOf } from '../../webview/core/groups';
import type { Look } from '../../webview/core/look';
import { seenBy } from '../../webview/core/look';
import { grainedSeen, sheetsOf } from '../../webview/core/sheets';
import { asItIs } from '../redraw';

/** A text cut into tokens at any places, after one that stands for no text. */
function cut(text: string, sizes: readonly number[]): Piece[] {
  const pieces: Piece[] = [{ text: '<s>', span: { start: 0, end: 0 }, special: true }];
  for (let start = 0, i = 0; start < text.length; i++) {
    const end = Math.min(text.length, start + (sizes[i % sizes.length] ?? 1));
    pieces.push({ text: text.slice(start, end), span: { start, end }, special: false });
    start = end;
  }
  return pieces;
}
const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 9 });
const texts = fc.array(fc.constantFrom('a', 'Z9', '_', ' ', '\n', '\r\n', '\t', '==', 'é', '(')).map((parts) => parts.join('')); // prettier-ignore

function assertGroups({ of, starts }: Groups, n: number): void {
  assert.equal(starts[0], 0);
  assert.equal(starts.at(-1), n);
  for (let group = 0; group + 1 < starts.length; group++) {
    assert.ok(starts[group] < starts[group + 1]);
    for (let token = starts[group]; token < starts[group + 1]; token++) assert.equal(of[token], group);
  }
}

test('words and lines take every token once, in order, and special tokens by themselves', () => {
  fc.assert(
    fc.property(texts, sizes, (text, sizes) => {
      const pieces = cut(text, sizes);
      for (const groups of [wordsOf(pieces), linesOf(pieces, text)]) {
        assertGroups(groups, pieces.length);
        assert.equal(groups.starts[1], 1);
      }
    }),
  );
});

test('tokens are of one line exactly if they start in it', () => {
  fc.assert(
    fc.property(texts, sizes, (text, sizes) => {
      const pieces = cut(text, sizes);
      const { of } = linesOf(pieces, text);
      const line = (offset: number) => text.slice(0, offset).split(/\r\n|\r(?!\n)|\n/).length - 1;
      for (let token = 1; token < pieces.length; token++) {
        const { start } = pieces[token].span;
        // Between \r and \n no line has ended yet; no editor has an offset there.
        if (text.slice(start - 1, start + 1) === '\r\n') return;
        assert.equal(lineIn(text)(start), line(start));
        if (token > 1)
          assert.equal(of[token] === of[token - 1], line(start) === line(pieces[token - 1].span.start));
      }
    }),
  );
});

test('words end at white space and at the ends of identifiers', () => {
  const text = 'getUser_2 = café(x1)\n  return';
  const cuts = ['get', 'User', '_2', ' =', ' ca', 'fé', '(', 'x', '1', ')', '\n  ', 'ret', 'urn'];
  let start = 0;
  const pieces = cuts.map((text): Piece => {
    const span = { start, end: (start += text.length) };
    return { text, span, special: false };
  });
  const { starts } = wordsOf(pieces);
  const words = [...starts].slice(0, -1).map((from, i) => cuts.slice(from, starts[i + 1]).join(''));
  assert.deepEqual(words, ['getUser_2', ' =', ' café', '(', 'x1', ')', '\n  ', 'return']);
  assert.equal(start, text.length);
});

const matrices = fc
  .record({ n: fc.integer({ min: 1, max: 24 }), seed: fc.integer() })
  .chain(({ n, seed }) => {
    let random = seed;
    const made = (): Matrix => {
      const weights = Float32Array.from({ length: n * n }, () => {
        random = (Math.imul(random, 1664525) + 1013904223) | 0;
        return (random >>> 8) / 2 ** 24;
      });
      for (let query = 0; query < n; query++) {
        const row = weights.subarray(query * n, (query + 1) * n);
        const sum = row.reduce((a, b) => a + b, 0) || 1;
        row.forEach((value, key) => (row[key] = value / sum));
      }
      return { queries: n, keys: n, weights };
    };
    return fc.record({
      parts: fc.constant([made(), made()]),
      goesOn: fc.array(fc.boolean(), { minLength: n, maxLength: n }),
    });
  });

function groupsOf(goesOn: readonly boolean[]): Groups {
  const starts = goesOn.flatMap((on, token) => (token === 0 || !on ? [token] : []));
  const of = Int32Array.from(goesOn, (_, token) => starts.filter((start) => start <= token).length - 1);
  return { of, starts: Int32Array.from([...starts, goesOn.length]) };
}

test('rows still sum to 1, and a pair is the mean over queries of the sum over keys', () => {
  fc.assert(
    fc.property(matrices, ({ parts: [matrix], goesOn }) => {
      const groups = groupsOf(goesOn);
      const { weights, keys, queries } = grouped(matrix, groups, groups);
      for (let group = 0; group < queries; group++) {
        const row = weights.subarray(group * keys, (group + 1) * keys);
        assert.ok(Math.abs(row.reduce((a, b) => a + b, 0) - 1) < 1e-5);
        for (let other = 0; other < keys; other++) {
          let [sum, count] = [0, 0];
          goesOn.forEach((_, query) => {
            if (groups.of[query] !== group) return;
            count++;
            goesOn.forEach((_, key) => {
              if (groups.of[key] === other) sum += matrix.weights[query * matrix.keys + key];
            });
          });
          assert.ok(Math.abs(row[other] - sum / count) < 1e-6);
        }
      }
    }),
  );
});

const head = { layer: 0, head: 0 };
const looks: Look[] = [
  { kind: 'head', head },
  { kind: 'average', layer: null },
  { kind: 'overlay', heads: [head, { layer: 0, head: 1 }] },
  { kind: 'difference', of: { kind: 'head', head } },
];

test('in every look: parts are brought together first, and sheets show what is told', () => {
  fc.assert(
    fc.property(matrices, fc.constantFrom(...looks), ({ parts, goesOn }, look) => {
      const groups = groupsOf(goesOn);
      const grained = { queries: groups, keys: groups };
      const seen = seenBy(look, look.kind === 'overlay' || look.kind === 'difference' ? parts : parts.slice(0, 1)); // prettier-ignore
      const made = grainedSeen(seen, grained);
      assert.equal(grainedSeen(seen, grained), made, 'made once');
      const sheets = sheetsOf(seen, asItIs, grained);
      made.weights.forEach((value, i) => {
        const [up, down = 0] = sheets.map(({ weights }) => weights[i]);
        const shown = look.kind === 'difference' ? up - down : Math.max(...sheets.map(({ weights }) => weights[i])); // prettier-ignore
        assert.ok(Math.abs(shown - value) < 1e-6);
      });
      const hidden = sheetsOf(seen, { sinkHidden: true, lengths: null }, grained);
      for (const { weights } of hidden)
        for (const value of weights) assert.ok(value >= 0 && value <= 1 + 1e-5);
    }),
  );
});
