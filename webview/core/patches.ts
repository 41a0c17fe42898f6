/** Tokens that are patches of an image, row by row, with others before and after them that are none. */

export interface Grid {
  readonly rows: number;
  readonly columns: number;
  /** The token of the patch at the top left. */
  readonly first: number;
}

/** Where a patch is, from the top left, from 0. */
export interface Patch {
  readonly row: number;
  readonly column: number;
}

/** Null for a token that is no patch. */
export function patchAt({ rows, columns, first }: Grid, token: number): Patch | null {
  const place = token - first;
  if (place < 0 || place >= rows * columns) return null;
  return { row: Math.floor(place / columns), column: place % columns };
}

/**
 * The token that an arrow leads to. Tokens before the patches stand above them in a row of their own, those after
 * them below.
 */
export function stepFrom(
  { rows, columns, first }: Grid,
  token: number,
  [across, down]: readonly [number, number],
  tokens: number,
): number {
  const end = first + rows * columns;
  const patch = patchAt({ rows, columns, first }, token);
  if (!patch) {
    const [from, to] = token < first ? [0, first - 1] : [end, tokens - 1];
    if (down > 0 && token < first) return first;
    if (down < 0 && token >= end) return end - columns;
    return Math.min(to, Math.max(from, token + across));
  }
  const row = patch.row + down;
  if (row < 0) return first > 0 ? Math.min(patch.column, first - 1) : token;
  if (row >= rows) return end < tokens ? end + Math.min(patch.column, tokens - end - 1) : token;
  const column = Math.min(columns - 1, Math.max(0, patch.column + across));
  return first + row * columns + column;
}
