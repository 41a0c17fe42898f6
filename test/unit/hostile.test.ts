/** Tokenizers and configs that lie, blow up or are damaged: one sentence each, and never a wrong place. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { readConfig } from '../../webview/engine/config';
import { EngineError } from '../../webview/engine/engine';
import { TextReader } from '../../webview/engine/tokenizer';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const FOLDER = 'test/fixtures/tokenizers';
const files = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json') && name !== 'golden.json' && name !== 'texts.json')
  .map((name) => readFileSync(`${FOLDER}/${name}`, 'utf8'));
const trees = files.map((text) => JSON.parse(text) as Record<string, Json>);
const configs = [
  { model_type: 'gpt2', n_positions: 1024, vocab_size: 500, n_layer: 2, attention_masks_trained: ['causal'] },
  { model_type: 'bert', max_position_embeddings: 512, type_vocab_size: 2, vocab_size: 500 },
  { model_type: 't5', d_model: 64, decoder_start_token_id: 0, eos_token_id: 1, is_encoder_decoder: true },
].map((config) => JSON.stringify(config));

/** Values that are seldom where they belong. */
const odd = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    -1,
    0,
    1.5,
    1e308,
    4294967296,
    '',
    '\ud800',
    '▁',
    'a',
    '(',
    '.*',
    '(a|a)*$',
  ),
  fc.constantFrom<Json>(
    [],
    {},
    [[]],
    [{}],
    { String: '' },
    { Regex: '' },
    { Regex: '(?<=' },
    { type: 'NFC' },
  ),
  fc.constantFrom<Json>(
    'x'.repeat(5000),
    '__proto__',
    'constructor',
    'Sequence',
    'ByteLevel',
    'Metaspace',
    'Split',
  ),
  fc.nat({ max: files.length - 1 }).chain((i) => fc.constantFrom(...Object.values(trees[i]))),
);

/** A copy with one thing in it replaced, taken away or doubled, near the root as often as far from it. */
function mutated(tree: Json, steps: readonly number[], value: Json, how: number): Json {
  if (typeof tree !== 'object' || tree === null || steps.length === 0) return value;
  const keys = Object.keys(tree);
  if (keys.length === 0) return value;
  const key = keys[steps[0] % keys.length];
  const copy: Record<string, Json> | Json[] = Array.isArray(tree) ? [...tree] : { ...tree };
  const at = copy as Record<string, Json>;
  if (steps.length > 1) at[key] = mutated(at[key], steps.slice(1), value, how);
  else if (how === 0) at[key] = value;
  else if (how === 1 && Array.isArray(copy)) copy.splice(Number(key), 1);
  else if (how === 1) delete at[key];
  else if (Array.isArray(copy)) copy.push(copy[Number(key)], value);
  else at[key] = { type: 'Sequence', normalizers: [at[key], value], pretokenizers: [at[key], value] } as Json;
  return copy;
}

const damage = fc.record({
  file: fc.nat({ max: files.length - 1 }),
  changes: fc.array(
    fc.record({
      steps: fc.array(fc.nat({ max: 1e6 }), { minLength: 1, maxLength: 5 }),
      value: odd,
      how: fc.nat({ max: 2 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

const TEXTS = ['', 'The cat sat on <s> the mat.\n', 'café ﬁ 我 👍\ud800 \t\r\n e\u0301', 'a'.repeat(60)];

/** What a tokenizer reads, it places inside the text and in order; what it cannot read it refuses in a sentence. */
function read(json: string): 'read' | 'refused' {
  try {
    const reader = new TextReader(json);
    for (const text of TEXTS) {
      const middle = text.length >> 1;
      for (const [first, second] of [
        [text, null],
        [text.slice(0, middle), text.slice(middle)],
      ] as const) {
        const { tokens, covered, secondCovered } = reader.read(first, 64, second);
        assert.ok(tokens.length <= 64 && covered >= 0 && covered <= first.length);
        assert.ok(secondCovered >= 0 && secondCovered <= (second?.length ?? 0));
        for (const { id, type, span } of tokens) {
          assert.ok(Number.isInteger(id) && id >= 0 && Number.isInteger(type) && type >= 0);
          assert.ok(0 <= span.start && span.start <= span.end && span.end <= text.length);
        }
      }
    }
    return 'read';
  } catch (error) {
    assertSentence(error);
    return 'refused';
  }
}

function assertSentence(error: unknown): void {
  assert.ok(error instanceof EngineError, String((error as Error)?.stack ?? error));
  assert.match(error.message, /^The model[^\n]*\.$/);
  assert.ok(error.message.length < 220, error.message);
}

test('10,000 tokenizers with something wrong in them', () => {
  const counts = { read: 0, refused: 0 };
  fc.assert(
    fc.property(damage, ({ file, changes }) => {
      let tree: Json = trees[file];
      for (const { steps, value, how } of changes) tree = mutated(tree, steps, value, how);
      counts[read(JSON.stringify(tree))]++;
    }),
    { numRuns: 10_000, seed: 6, includeErrorInReport: true },
  );
  // Neither half is empty, or the test would look at one thing only.
  assert.ok(counts.read > 1000 && counts.refused > 1000, JSON.stringify(counts));
});

test('2,000 tokenizer files with bytes cut off or changed', () => {
  const cut = fc.record({
    file: fc.nat({ max: files.length - 1 }),
    at: fc.nat(),
    insert: fc.string(),
    rest: fc.boolean(),
  });
  fc.assert(
    fc.property(cut, ({ file, at, insert, rest }) => {
      const text = files[file];
      const place = at % text.length;
      read(text.slice(0, place) + insert + (rest ? text.slice(place + insert.length) : ''));
    }),
    { numRuns: 2000, seed: 6, includeErrorInReport: true },
  );
});

test('10,000 configs that lie', () => {
  const lie = fc.record({
    config: fc.nat({ max: configs.length - 1 }),
    steps: fc.nat(),
    value: odd,
    how: fc.nat({ max: 2 }),
  });
  fc.assert(
    fc.property(fc.oneof(lie, fc.json()), (made) => {
      const text =
        typeof made === 'string'
          ? made
          : JSON.stringify(mutated(JSON.parse(configs[made.config]), [made.steps], made.value, made.how));
      try {
        const { context } = readConfig(text);
        assert.ok(Number.isInteger(context) && context > 1 && context <= 4096);
      } catch (error) {
        assertSentence(error);
      }
    }),
    { numRuns: 10_000, seed: 6, includeErrorInReport: true },
  );
});

const gpt2 =
  trees[
    readdirSync(FOLDER)
      .filter((name) => /^(?!golden|texts).*\.json$/.test(name))
      .indexOf('gpt2.json')
  ];
const refusal = (change: Record<string, unknown>, text = 'a b'): string => {
  try {
    new TextReader(JSON.stringify({ ...gpt2, ...change })).read(text, 64);
  } catch (error) {
    assertSentence(error);
    return (error as Error).message;
  }
  throw new Error('it was read');
};

test('steps inside steps, a hundred thousand deep', () => {
  let deep = '{"type":"NFC"}';
  deep = '{"type":"Sequence","normalizers":['.repeat(1e5) + deep + ']}'.repeat(1e5);
  const json = JSON.stringify({ ...gpt2, normalizer: 0 }).replace('"normalizer":0', `"normalizer":${deep}`);
  assert.throws(() => new TextReader(json), { message: /nested too deeply/ });
});

test('replacements that double the text again and again', () => {
  const double = { type: 'Replace', pattern: { String: 'a' }, content: 'aa' };
  const normalizer = { type: 'Sequence', normalizers: Array.from({ length: 60 }, () => double) };
  assert.match(refusal({ normalizer }), /far too long/);
  const prepend = { type: 'Prepend', prepend: 'x'.repeat(5e6) };
  assert.match(refusal({ normalizer: prepend }), /far too long/);
});

test('what is not known is named', () => {
  assert.match(refusal({ normalizer: { type: 'Upper' } }), /normaliser "Upper" is not known/);
  assert.match(
    refusal({ pre_tokenizer: { type: 'constructor' } }),
    /pre-tokenizer "constructor" is not known/,
  );
  assert.match(refusal({ post_processor: { type: 'Frame' } }), /post-processor "Frame" is not known/);
  assert.match(refusal({ model: { type: 'Neural', vocab: {} } }), /model "Neural" is not known/);
  assert.match(refusal({ model: null }), /has no model/);
});

test('a pattern that is none', () => {
  const pre_tokenizer = { type: 'Split', pattern: { Regex: '(((' }, behavior: 'Isolated', invert: false };
  assert.match(refusal({ pre_tokenizer }), /patterns/);
});
