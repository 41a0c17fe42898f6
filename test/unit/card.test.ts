/** The hover card's Markdown: whatever a document holds, token text can neither leave its code span nor make a link. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cardText, code, weightText } from '../../src/card';

const places = { line: (offset: number) => offset + 1, target: (offset: number) => `command:test?${offset}` };
const panel = 'command:panel';

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc
    .array(
      fc.constantFrom(
        '`',
        '``',
        '[x](command:evil)',
        '<b>',
        '](',
        '\n\n# ',
        '\\',
        '|',
        '\u2028',
        ' ',
        '&lt;',
        '- ',
        '\r',
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join('')),
);

/** What a code span shows, read as CommonMark reads it; null where `markdown` is not one code span and nothing else. */
function shown(markdown: string): string | null {
  const fence = /^`+/.exec(markdown)?.[0] ?? '';
  const rest = markdown.slice(fence.length);
  const end = [...rest.matchAll(/`+/g)].find(([run]) => run === fence);
  if (!fence || !end || end.index + fence.length !== rest.length || /[\r\n]/.test(markdown)) return null;
  const inside = rest.slice(0, end.index);
  return /^ .* $/.test(inside) && inside.trim() ? inside.slice(1, -1) : inside;
}

test('a code span shows its text, on one line, and nothing in it ends it', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const expected = text.replace(/[\s\p{Cc}]/gu, ' ');
      assert.equal(shown(code(text)), expected.trim() === '' ? ' ' : expected);
    }),
  );
});

test('a card has as many lines and links as it has tokens, whatever their text', () => {
  const named = fc.record({ name: hostile, place: fc.constant([3, 5] as const) });
  const links = fc.array(
    fc.record({
      name: hostile,
      place: fc.constant([7, 9] as const),
      weight: fc.double({ min: -1, max: 1, noNaN: true }),
    }),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(named, links, fc.boolean(), (token, links, reversed) => {
      const text = cardText({ ...token, links, look: 'head 5.1', mask: 'causal', reversed }, places, panel);
      const ours = [
        'Headlight · CODE · CODE',
        `CODE ${reversed ? 'is attended to by' : 'attends to'}${links.length ? '' : ' nothing'}`,
        links.map(() => '- CODE CODE [line 8](command:test?7)').join('\n'),
        '[Show in the panel](command:panel)',
      ];
      assert.equal(bare(text), ours.filter((part) => part).join('\n\n'));
    }),
  );
});

/** Markdown with each code span named for what it is: from a run of backticks to the next one as long. */
function bare(markdown: string): string {
  const runs = [...markdown.matchAll(/`+/g)];
  let [text, at] = ['', 0];
  for (const run of runs) {
    if (run.index < at) continue;
    const end = runs.find(({ 0: other, index }) => index > run.index && other === run[0]);
    assert.ok(end, 'every code span ends');
    text += `${markdown.slice(at, run.index)}CODE`;
    at = end.index + end[0].length;
  }
  return text + markdown.slice(at);
}

test('what has no place in the document is told by what it is of, and leads nowhere', () => {
  const links = (['no text', 'second text', 'target'] as const).map((place) => ({
    name: '[SEP]',
    place,
    weight: 0.98765,
  }));
  const text = cardText(
    { name: 'a', place: [0, 1], links, look: 'head 0.0', mask: 'causal', reversed: false },
    places,
    panel,
  );
  assert.deepEqual(
    text.split('\n').filter((line) => line.startsWith('- ')),
    ['stands for no text', 'in the second text', 'in the target'].map(
      (where) => `- \` 0.988 \` \` [SEP] \` ${where}`,
    ),
  );
});

test('what compares both masks is under neither', () => {
  const look = '5.1, causal − bidirectional';
  const text = cardText(
    { name: 'a', place: [0, 1], links: [], look, mask: null, reversed: false },
    places,
    panel,
  );
  assert.ok(text.startsWith(`Headlight · ${code(look)}\n`), text);
});

test('a weight is told with three decimals, and never as nothing when it is something', () => {
  assert.equal(weightText(0.12345), '0.123');
  assert.equal(weightText(1), '1.000');
  assert.equal(weightText(1e-7), '<0.001');
  assert.equal(weightText(0), '0.000');
  assert.equal(weightText(-0.25), '-0.250');
});
