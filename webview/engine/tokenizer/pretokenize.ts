/** The pre-tokenizers of a tokenizer.json: how a text falls into pieces that no token crosses. */
import type { Aligned, Part } from './aligned';
import { byteLevel } from './bytes';
import type { Config } from './json';
import { textOf } from './json';
import type { Pattern, PatternConfig } from './pattern';
import { inverted, matching, patternOf } from './pattern';
import { scriptOf } from './scripts';

export type PreTokenizer = (piece: Aligned) => Aligned[];

/** @throws Error for one that is not known, or whose pattern cannot be read */
export function preTokenizerOf(config: Config | null | undefined): PreTokenizer {
  if (!config) return (piece) => [piece];
  const { type } = config;
  const make = typeof type === 'string' && Object.hasOwn(MAKERS, type) && MAKERS[type];
  if (!make) throw new Error(`its pre-tokenizer ${JSON.stringify(type)} is not known`);
  return make(config);
}

/** What happens to what a pattern matched. */
type Behavior = 'Removed' | 'Isolated' | 'MergedWithPrevious' | 'MergedWithNext' | 'Contiguous';

const SPACE = matching(/\p{White_Space}/gu);
const PUNCTUATION = matching(/[!-/:-@[-`{-~\p{P}]/gu);
const WORDS = matching(
  /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}\p{White_Space}]+/gu,
);
/** Of GPT-2. */
const BYTE_LEVEL = matching(
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu,
);

const MAKERS: Record<string, (config: Config) => PreTokenizer> = {
  BertPreTokenizer: () => inTurn([cut(SPACE, 'Removed'), cut(PUNCTUATION, 'Isolated')]),
  Whitespace: () => cut(inverted(WORDS), 'Removed'),
  WhitespaceSplit: () => cut(SPACE, 'Removed'),
  Punctuation: ({ behavior }) => cut(PUNCTUATION, (behavior ?? 'Isolated') as Behavior),
  Digits: ({ individual_digits }) =>
    cut(matching(/\p{N}/gu), individual_digits === true ? 'Isolated' : 'Contiguous'),
  CharDelimiterSplit: ({ delimiter }) => cut(patternOf({ String: textOf(delimiter, '') }), 'Removed'),
  Split: ({ pattern, behavior, invert }) => {
    const found = patternOf(pattern as PatternConfig);
    return cut(invert === true ? inverted(found) : found, behavior as Behavior);
  },
  FixedLength: ({ length = 5 }) => {
    if (!Number.isInteger(length) || (length as number) < 1) throw new Error('its pieces have no length');
    return cut(matching(new RegExp(`[^]{1,${Math.min(length as number, 2 ** 20)}}`, 'gu')), 'Isolated');
  },
  ByteLevel: bytes,
  Metaspace: metaspace,
  UnicodeScripts: () => scripts,
  Sequence: ({ pretokenizers }) => inTurn((pretokenizers as Config[]).map(preTokenizerOf)),
};

/** One after the other, each on the pieces of the one before. */
const inTurn =
  (all: readonly PreTokenizer[]): PreTokenizer =>
  (piece) =>
    all.reduce((pieces, one) => pieces.flatMap(one).filter(({ length }) => length > 0), [piece]);

function cut(pattern: Pattern, behavior: Behavior): PreTokenizer {
  const group = Object.hasOwn(GROUPS, behavior) && GROUPS[behavior];
  if (!group) throw new Error(`a split that is ${JSON.stringify(behavior)} is not known`);
  return (piece) => group(pattern(piece.text)).map(({ start, end }) => piece.slice(start, end));
}

const GROUPS: Record<Behavior, (parts: Part[]) => Part[]> = {
  Removed: (parts) => parts.filter(({ matched }) => !matched),
  Isolated: (parts) => parts,
  Contiguous: (parts) => joined(parts, (a, b) => a.matched === b.matched),
  // The first of several matches in a row is merged, the others stand alone.
  MergedWithPrevious: (parts) => joined(parts, (a, b) => b.matched && !a.matched),
  MergedWithNext: (parts) => {
    const backwards = joined([...parts].reverse(), (a, b) => b.matched && !a.matched);
    return backwards.reverse();
  },
};

/** Neighbours joined; each is asked about with its own neighbour, however much that one has grown. */
function joined(parts: readonly Part[], join: (a: Part, b: Part) => boolean): Part[] {
  const result: Part[] = [];
  parts.forEach((part, i) => {
    const last = result.at(-1);
    if (last && join(parts[i - 1], part))
      result[result.length - 1] = {
        start: Math.min(last.start, part.start),
        end: Math.max(last.end, part.end),
        matched: part.matched,
      };
    else result.push(part);
  });
  return result;
}

function bytes({ add_prefix_space, use_regex }: Config): PreTokenizer {
  const words = use_regex === false ? (piece: Aligned) => [piece] : cut(BYTE_LEVEL, 'Isolated');
  return (piece) => {
    const whole = add_prefix_space !== false && !piece.text.startsWith(' ') ? piece.prepend(' ') : piece;
    return words(whole).map((word) => word.map(byteLevel));
  };
}

/** SentencePiece's way with white space: it becomes a sign, and opens the word that follows. */
function metaspace({ replacement, prepend_scheme, add_prefix_space, split }: Config): PreTokenizer {
  const sign = textOf(replacement, '▁');
  const scheme = add_prefix_space === false ? 'never' : (prepend_scheme ?? 'always');
  const words =
    split === false ? (piece: Aligned) => [piece] : cut(patternOf({ String: sign }), 'MergedWithNext');
  return (piece) => {
    const marked = piece.map((character) => (character === ' ' ? sign : character));
    const opens = scheme === 'always' || (scheme === 'first' && piece.length > 0 && piece.span().start === 0);
    return words(opens && !marked.text.startsWith(sign) ? marked.prepend(sign) : marked);
  };
}

/** Where the script changes; a space belongs to the script before it, and to none at the start. */
const scripts: PreTokenizer = (piece) => {
  const cuts: number[] = [];
  let last: string | null = null;
  for (const [character, place] of piece.characters()) {
    const script = scriptOf(character);
    if (script === null || script === last) continue;
    cuts.push(place);
    last = script;
  }
  cuts.push(piece.length);
  return cuts.slice(1).map((end, i) => piece.slice(cuts[i], end));
};
