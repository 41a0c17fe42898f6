/** The normalisers of a tokenizer.json, as functions that keep the origin of every character. */
import type { Aligned, Placed } from './aligned';
import { byteLevel } from './bytes';
import { CharsMap } from './charsmap';
import { normalised } from './compose';
import type { Config } from './json';
import { textOf } from './json';
import type { PatternConfig } from './pattern';
import { patternOf } from './pattern';

export type Normalizer = (source: Aligned) => Aligned;

/** @throws Error for one that is not known, or whose pattern cannot be read */
export function normalizerOf(config: Config | null | undefined): Normalizer {
  if (!config) return (source) => source;
  const { type } = config;
  const make = typeof type === 'string' && Object.hasOwn(MAKERS, type) && MAKERS[type];
  if (!make) throw new Error(`its normaliser ${JSON.stringify(type)} is not known`);
  return make(config);
}

/** One after the other. */
function inTurn(all: readonly Normalizer[]): Normalizer {
  return (source) => all.reduce((text, one) => one(text), source);
}

const MAKERS: Record<string, (config: Config) => Normalizer> = {
  NFC: () => (source) => normalised(source, 'NFC'),
  NFD: () => (source) => normalised(source, 'NFD'),
  NFKC: () => (source) => normalised(source, 'NFKC'),
  NFKD: () => (source) => normalised(source, 'NFKD'),
  Lowercase: () => lowercase,
  Strip: ({ strip_left, strip_right }) => strip(strip_left === true, strip_right === true),
  StripAccents: () => (source) => without(source, /\p{M}/u),
  ByteLevel: () => (source) => source.map(byteLevel),
  Prepend: ({ prepend }) => {
    const prefix = textOf(prepend, '');
    return (source) => source.prepend(prefix);
  },
  Replace: ({ pattern, content }) => replace(pattern as PatternConfig, textOf(content, '')),
  Precompiled: ({ precompiled_charsmap: map }) => precompiled(map),
  Nmt: () => nmt,
  BertNormalizer: bert,
  Sequence: ({ normalizers }) => inTurn((normalizers as Config[]).map(normalizerOf)),
};

/** Character by character, as Hugging Face's own does: no final sigma. */
const lowercase: Normalizer = (source) => source.map((character) => character.toLowerCase());

function without(source: Aligned, expression: RegExp): Aligned {
  return source.map((character) => (expression.test(character) ? '' : character));
}

function strip(left: boolean, right: boolean): Normalizer {
  return (source) => {
    const [leading] = left ? /^\p{White_Space}*/u.exec(source.text)! : [''];
    const start = leading.length;
    let end = source.length;
    while (right && end > start && /\p{White_Space}/u.test(source.text[end - 1])) end--;
    return source.slice(start, end);
  };
}

/** What replaces a match comes from the last character of it. */
function replace(pattern: PatternConfig, content: string): Normalizer {
  const find = patternOf(pattern);
  return (source) => {
    const parts = find(source.text);
    if (!parts.some(({ matched }) => matched)) return source;
    return source.replace(replaced(source, parts, content));
  };
}

function* replaced(
  source: Aligned,
  parts: ReturnType<ReturnType<typeof patternOf>>,
  content: string,
): Generator<Placed> {
  for (const { start, end, matched } of parts)
    if (matched) yield [content, Math.max(end - 1, 0)];
    else
      for (const [character, place] of source.slice(start, end).characters())
        yield [character, start + place];
}

/** SentencePiece's rules, cluster by cluster where they are short and else character by character. */
function precompiled(map: unknown): Normalizer {
  if (typeof map !== 'string') return (source) => source; // none: some tokenizers carry an empty one
  const rules = new CharsMap(map);
  const clusters = new Intl.Segmenter('und', { granularity: 'grapheme' });
  const encoder = new TextEncoder();
  function* parts({ text }: Aligned): Generator<Placed> {
    for (const { segment, index } of clusters.segment(text)) {
      const whole = encoder.encode(segment).length < 6 ? rules.replacement(segment) : null;
      if (whole !== null) yield* within(whole, segment, index);
      else {
        let place = index;
        for (const character of segment) {
          yield* within(rules.replacement(character) ?? character, character, place);
          place += character.length;
        }
      }
    }
  }
  return (source) => source.replace(parts(source));
}

/** Character for character as far as there are any, and the rest from the last. */
function* within(replacement: string, part: string, index: number): Generator<Placed> {
  let unit = 0;
  let last = 0;
  for (const character of replacement) {
    if (unit < part.length) {
      last = unit;
      unit += part.codePointAt(unit)! > 0xffff ? 2 : 1;
    }
    yield [character, index + last];
  }
}

const NMT_CONTROL = /[\u0001-\u0008\u000b\u000e-\u001f\u007f\u008f\u009f]/;
const NMT_SPACE = /[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/;

const nmt: Normalizer = (source) =>
  source.map((character) => (NMT_CONTROL.test(character) ? '' : NMT_SPACE.test(character) ? ' ' : character));

/** The blocks that BERT takes for Chinese, the gap at U+2B820 included. */
const CHINESE =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/u;

function bert(config: Config): Normalizer {
  const { clean_text, handle_chinese_chars, lowercase: lower, strip_accents } = config;
  const steps: Normalizer[] = [];
  if (clean_text !== false) steps.push(clean);
  if (handle_chinese_chars !== false)
    steps.push((source) =>
      CHINESE.test(source.text)
        ? source.map((character) => (CHINESE.test(character) ? ` ${character} ` : character))
        : source,
    );
  if (strip_accents ?? lower) steps.push((source) => without(normalised(source, 'NFD'), /\p{Mn}/u));
  if (lower) steps.push(lowercase);
  return inTurn(steps);
}

const clean: Normalizer = (source) =>
  source.map((character) => {
    if (/[\t\n\r]/.test(character)) return ' ';
    if (/[\0\ufffd\p{Cc}\p{Cf}\p{Co}]/u.test(character)) return '';
    return /\p{White_Space}/u.test(character) ? ' ' : character;
  });
