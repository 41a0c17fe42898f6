/**
 * Tokens and their places against Hugging Face's own `tokenizers`, whose answers are in test/fixtures/tokenizers. Where
 * ours are others by intent, the README of that folder says so, and `expected` makes ours of theirs.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { sideBySide } from '../../webview/core/spans';
import type { Token } from '../../webview/engine/engine';
import { TextReader } from '../../webview/engine/tokenizer';

/** Spans are flat: start and end of each token, in UTF-16 units of its own text. */
type Entry = readonly [ids: number[], spans: number[], types?: number[]];

interface Golden {
  readonly singles: readonly Entry[];
  readonly pairs: readonly Entry[];
}

const FOLDER = 'test/fixtures/tokenizers';
const read = (name: string) => readFileSync(`${FOLDER}/${name}.json`, 'utf8');
const texts: string[] = JSON.parse(read('texts'));
const golden: Record<string, Golden> = JSON.parse(read('golden'));

/** Long enough for every text. */
const CONTEXT = 1e5;

const inserted = ({ special, segment }: Token) => special && segment !== null;

/** What the spans of tokens are to be, given Python's: side by side, and empty where a token covers no text. */
function expected(tokens: readonly Token[], flat: readonly number[]): (Token['span'] | null)[] {
  const places = tokens.map(({ segment }, i) => ({ i, segment, start: flat[2 * i], end: flat[2 * i + 1] }));
  const spans: (Token['span'] | null)[] = tokens.map(() => null);
  for (const one of [0, 1]) {
    const own = places.filter(({ i, segment }) => segment === one && !inserted(tokens[i]));
    sideBySide(own).forEach((span, at) => (spans[own[at].i] = span));
  }
  return spans;
}

function compare(name: string, tokens: readonly Token[], [ids, flat, types]: Entry): void {
  assert.deepEqual(
    tokens.map(({ id }) => id),
    ids,
  );
  if (name !== 'dropping')
    assert.deepEqual(
      tokens.map((token) => (token.segment === null || inserted(token) ? null : token.span)),
      expected(tokens, flat),
    );
  // Only a sign for the space before the text covers nothing, and Python gives it the character after.
  tokens.forEach((token, i) => {
    if (inserted(token) && flat[2 * i] !== flat[2 * i + 1]) assert.match(token.text, /^[▁Ġ]$/);
  });
  if (types)
    assert.deepEqual(
      tokens.map(({ type }) => type),
      types,
    );
}

for (const [name, { singles, pairs }] of Object.entries(golden))
  describe(name, () => {
    const reader = new TextReader(read(name));
    const unigram = JSON.parse(read(name)).model.type === 'Unigram';

    test(`${name}: ids and places of ${singles.length} texts`, () => {
      singles.forEach((entry, i) => {
        // Unigram finds special tokens in its own vocabulary; ours are never read from text.
        if (unigram && /<s>|<\/s>|<unk>/.test(texts[i])) return;
        compare(name, reader.read(texts[i], CONTEXT).tokens, entry);
      });
    });

    test(`${name}: ids, places and types of pairs`, () => {
      pairs.forEach((entry, i) => {
        const [a, b] = texts.slice(4 + 5 * i, 6 + 5 * i);
        if (unigram && /<s>|<\/s>|<unk>/.test(a + b)) return;
        const { tokens, covered, secondCovered } = reader.read(a, CONTEXT, b);
        compare(name, tokens, entry);
        assert.deepEqual([covered, secondCovered], [a.length, b.length]);
      });
    });

    test(`${name}: a text that does not fit gives the first tokens of the whole`, () => {
      for (const text of [texts.join(' '), 'x'.repeat(9000), '  \n'.repeat(3000)]) {
        const whole = reader.read(text, CONTEXT).tokens.filter(({ segment }) => segment !== null);
        const { tokens, covered } = reader.read(text, 40);
        assert.ok(tokens.length <= 40);
        const own = tokens.filter(({ segment }) => segment !== null);
        assert.deepEqual(
          own.map(({ id, span }) => [id, span.start]),
          whole.slice(0, own.length).map(({ id, span }) => [id, span.start]),
        );
        assert.ok(own.length === whole.length || covered < text.length);
      }
    });
  });

test('what somebody writes is text, though it looks like a special token', () => {
  for (const name of Object.keys(golden)) {
    const file = JSON.parse(read(name)) as {
      added_tokens: { id: number; special: boolean; content: string }[];
    };
    const special = file.added_tokens.filter((token) => token.special);
    const text = special.map(({ content }) => `${content} `).join('');
    // What is unknown is unknown, wherever it stands.
    const known = new Set(special.filter(({ content }) => !/unk/i.test(content)).map(({ id }) => id));
    const { tokens } = new TextReader(read(name)).read(text, CONTEXT);
    const found = tokens.filter(({ id, segment }) => segment !== null && known.has(id));
    assert.deepEqual(found, [], name);
  }
});

test('characters without a token are passed over, and those beside them keep their places', () => {
  const reader = new TextReader(read('dropping'));
  const text = 'The cat ☃ sat';
  const { tokens } = reader.read(text, CONTEXT);
  const places = tokens.map(({ span }) => text.slice(span.start, span.end));
  assert.ok(places.every((place) => !place.includes('☃') || place.length > 1));
  assert.ok(tokens.some(({ span }) => span.end === text.length));
  assert.equal(text.slice(tokens[0].span.start, tokens[0].span.end), 'he');
});

test('of a pair that does not fit, the longer text is cut', () => {
  const reader = new TextReader(read('bert'));
  const { tokens, covered, secondCovered } = reader.read('the cat', 20, 'the mat '.repeat(40));
  assert.equal(tokens.length, 20);
  const first = tokens.filter(({ segment }) => segment === 0);
  assert.deepEqual([first[0].span.start, first.at(-1)!.span.end, covered], [0, 7, 7]);
  assert.equal(secondCovered, tokens.filter(({ segment }) => segment === 1).at(-1)!.span.end);
});
