/** Two texts read as a pair: which tokens are whose, where they stand, and which pairs of them are drawn. Pure. */
import type { Part } from './core/part';
import type { TextSpan } from './core/spans';
import type { Token } from './engine/engine';
import type { Side } from './sides';
import { sidesOf, tokensOn } from './sides';
import type { Picture } from './picture';
import { tokenAt } from './core/spans';

/** Whose tokens attend to whose, of what is drawn. */
export const PAIRINGS = ['all', 'A to A', 'A to B', 'B to A', 'B to B'] as const;
export type Pairing = (typeof PAIRINGS)[number];

/** What a token is of, by its segment. */
export const segmentName = ({ segment }: Token): 'A' | 'B' | null =>
  segment === null ? null : ('AB'[segment] as 'A' | 'B');

/** The tokens of one of the texts, half-open; a special token of the template is of neither. */
function rangeOf(tokens: readonly Token[], segment: 0 | 1): readonly [from: number, to: number] {
  const from = tokens.findIndex((token) => token.segment === segment);
  if (from < 0) return [0, 0];
  const after = tokens.slice(from).findIndex((token) => token.segment !== segment);
  return [from, after < 0 ? tokens.length : from + after];
}

/** Whether there are pairs of A and B to choose among: two texts were read, and they attend to each other. */
export const hasPairings = (picture: Picture): boolean => {
  const { queries, keys } = sidesOf(picture);
  return picture.second !== null && queries === 'source' && keys === 'source';
};

/** The part of a matrix that is drawn; null for all of it. */
export function partOf(pairing: Pairing, picture: Picture): Part | null {
  if (pairing === 'all' || !hasPairings(picture)) return null;
  const [queries, keys] = pairing.split(' to ').map((of) => rangeOf(picture.tokens, of === 'A' ? 0 : 1));
  return { queries, keys };
}

/** Where a token, or several neighbours, stand. */
export interface Stand extends TextSpan {
  /** Whether these are offsets in the document, or in a text that stands in none. */
  readonly inDocument: boolean;
}

/** The first token that stands in the second text, past all tokens where there is none. Special ones stand with the text before them. */
export function firstOfSecond({ second, tokens }: Picture): number {
  return (second && rangeOf(tokens, 1)[0]) || tokens.length;
}

/** Where each token of a side stands. */
export function standsOn(picture: Picture, side: Side): readonly Stand[] {
  const { subject, second } = picture;
  const from = firstOfSecond(picture);
  return tokensOn(picture, side).map(({ span: { start, end } }, i) => {
    const offset = side === 'target' ? null : i < from ? subject.offset : second!.offset;
    return { start: start + (offset ?? 0), end: end + (offset ?? 0), inDocument: offset !== null };
  });
}

/** What the tokenizer tells two texts apart by: special tokens between them, token types; empty for nothing. */
export function markedBy(tokens: readonly Token[]): string {
  const [[, end], [start]] = [rangeOf(tokens, 0), rangeOf(tokens, 1)];
  const between = tokens.slice(end, start).map(({ text }) => text);
  const types = new Set(tokens.filter(({ segment }) => segment !== null).map(({ type }) => type)).size > 1;
  return [between.join(' '), types ? 'token types' : ''].filter(Boolean).join(' and ');
}

/** The token under a place in the document; null where there is none. @param offset UTF-16 units */
export function tokenUnder(picture: Picture, offset: number | null): number | null {
  if (offset === null) return null;
  // What stands in no document is under no caret.
  const stands = standsOn(picture, 'source').filter(({ inDocument }) => inDocument);
  const token = tokenAt(stands, offset);
  return token < 0 ? null : token;
}
