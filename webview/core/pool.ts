/** A pattern brought to the size it is drawn at; by maximum, so that single strong links survive. */
import type { Mask } from './attention';
import type { Axis, Window } from './axis';
import { endOf, pixelsIn, tokenOf, tokensIn } from './axis';

/** Where a matrix is drawn: queries downwards, keys across. */
export interface Axes {
  readonly queries: Axis;
  readonly keys: Axis;
}

/** A pattern of bytes at its size in device pixels. */
export interface Pooled {
  readonly width: number;
  readonly height: number;
  /** [height, width], rows are queries; 255 is weight 1. */
  readonly bytes: Uint8Array;
  /** For each row of pixels, the first pixel that the mask hides; `width` where it hides none. */
  readonly maskedFrom: Uint16Array;
}

/** Sheets of one size as pixels, the strongest showing, given each sheet's colours for the 256 bytes. */
export function coloured(sheets: readonly Pooled[], words: readonly Uint32Array[]): Uint32Array {
  const [{ bytes }] = sheets;
  const pixels = new Uint32Array(bytes.length);
  for (let at = 0; at < pixels.length; at++) {
    let [top, most] = [0, bytes[at]];
    for (let each = 1; each < sheets.length; each++)
      if (sheets[each].bytes[at] > most) [top, most] = [each, sheets[each].bytes[at]];
    pixels[at] = words[top][most];
  }
  return pixels;
}

/** The pattern of [queries, keys] that starts at `at` in `bytes`, all of it. */
export function pool(bytes: Uint8Array, at: number, { queries, keys }: Axes, mask: Mask): Pooled {
  const blocks = { bytes, at, cell: 1, rows: queries.n, columns: keys.n, query: 0, key: 0 };
  const whole = (axis: Axis): Window => ({ ...axis, from: 0, shown: axis.size });
  return pooled(blocks, whole(queries), whole(keys), mask);
}

/** Blocks of `cell` by `cell` pairs, each as the largest of them; all of a matrix, or some. */
export interface Blocks {
  readonly bytes: Uint8Array;
  /** Where the first one is in `bytes`; [rows, columns] follow. */
  readonly at: number;
  readonly cell: number;
  readonly rows: number;
  readonly columns: number;
  /** The pair that the first one begins with. */
  readonly query: number;
  readonly key: number;
}

/**
 * What is seen of a matrix at the size it is drawn at: every pair is in the pixels that it covers, and no pixel has more
 * than the largest pair within a block of it. Blocks that a causal mask hides are not read.
 *
 * @param queries,keys windows on all of the matrix, in pairs
 */
export function pooled(blocks: Blocks, queries: Window, keys: Window, mask: Mask): Pooled {
  const { bytes, at, cell, rows, columns } = blocks;
  const [width, height] = [keys.shown, queries.shown];
  const out = new Uint8Array(width * height);
  const [top, bottom] = blocksIn(queries, blocks.query, cell, rows);
  const [left, right] = blocksIn(keys, blocks.key, cell, columns);
  const along = (window: Window, first: number, block: number) => {
    const from = first + block * cell;
    return pixelsIn(window, from, Math.min(window.n, from + cell) - 1);
  };
  const starts = new Uint16Array(Math.max(0, right - left + 1));
  const ends = new Uint16Array(starts.length);
  for (let column = left; column <= right; column++)
    [starts[column - left], ends[column - left]] = along(keys, blocks.key, column);
  const line = new Uint8Array(width);
  for (let row = top; row <= bottom; row++) {
    const [from, to] = along(queries, blocks.query, row);
    // A row of pixels of its own is written where it is; several may share their first with the blocks above.
    const single = to - from === 1;
    const into = single ? out.subarray(from * width, to * width) : line.fill(0);
    const last = Math.min(queries.n, blocks.query + (row + 1) * cell) - 1;
    const open = mask === 'causal' ? Math.min(right, Math.floor((last - blocks.key) / cell)) : right;
    const start = at + row * columns;
    for (let column = left; column <= open; column++) {
      const value = bytes[start + column];
      const end = ends[column - left];
      for (let x = starts[column - left]; x < end; x++) if (value > into[x]) into[x] = value;
    }
    if (single) continue;
    for (let y = from * width; y < to * width; y += width)
      for (let x = 0; x < width; x++) if (line[x] > out[y + x]) out[y + x] = line[x];
  }
  return { width, height, bytes: out, maskedFrom: maskedFrom(queries, keys, mask) };
}

/** First and last of the blocks, of `count` from a token on, that have tokens in sight. */
function blocksIn(window: Window, first: number, cell: number, count: number): readonly [number, number] {
  const [from, to] = tokensIn(window);
  return [
    Math.max(0, Math.floor((from - first) / cell)),
    Math.min(count - 1, Math.floor((to - first) / cell)),
  ];
}

function maskedFrom(queries: Window, keys: Window, mask: Mask): Uint16Array {
  return Uint16Array.from({ length: queries.shown }, (_, y) => {
    if (mask === 'bidirectional') return keys.shown;
    const last = Math.min(tokenOf(queries, queries.from + y), keys.n - 1);
    return Math.max(0, Math.min(keys.shown, endOf(keys, last) - keys.from));
  });
}
