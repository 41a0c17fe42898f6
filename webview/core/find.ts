/** Where what is searched for stands in a text that is cut into tokens. */
import type { Piece } from './groups';

/** First and last token of a place where it was found. */
export type Match = readonly [first: number, last: number];

/** All places, in order, that do not overlap; capitals or not is the same. Tokens that stand for no text go by their name. */
export function matches(pieces: readonly Piece[], text: string, wanted: string): readonly Match[] {
  if (wanted === '') return [];
  const pattern = new RegExp(wanted.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'giu');
  const own = pieces.flatMap(({ special, text: name }, i): Match[] =>
    special && name.search(pattern) >= 0 ? [[i, i]] : [],
  );
  const found: Match[] = [];
  let first = 0;
  for (const { index, 0: hit } of text.matchAll(pattern)) {
    const end = index + hit.length;
    while (first < pieces.length && pieces[first].span.end <= index) first++;
    let last = first;
    while (last + 1 < pieces.length && pieces[last + 1].span.start < end) last++;
    // White space between tokens, or what was not read, is no token.
    if (first < pieces.length && pieces[first].span.start < end) found.push([first, last]);
  }
  return [...own, ...found].sort(([a], [b]) => a - b);
}
