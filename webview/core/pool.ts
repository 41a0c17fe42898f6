/** A whole pattern brought to the size it is drawn at, once; by maximum, so that single strong links survive. */
import type { Mask } from './attention';
import type { Axis } from './axis';
import { endOf, pixelOf, tokenOf } from './axis';

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

/** Pools the pattern that starts at `at` in `bytes`. Pairs that a causal mask hides are not read. */
export function pool(bytes: Uint8Array, at: number, { queries, keys }: Axes, mask: Mask): Pooled {
  const width = keys.size;
  const height = queries.size;
  const out = new Uint8Array(width * height);
  const columns = Uint16Array.from({ length: keys.n }, (_, key) => pixelOf(keys, key));
  const ends = Uint16Array.from({ length: keys.n }, (_, key) => endOf(keys, key));
  for (let query = 0; query < queries.n; query++) {
    const top = pixelOf(queries, query) * width;
    const bottom = endOf(queries, query) * width;
    const open = mask === 'causal' ? Math.min(query + 1, keys.n) : keys.n;
    const from = at + query * keys.n;
    for (let key = 0; key < open; key++) {
      const value = bytes[from + key];
      for (let to = top + columns[key]; to < top + ends[key]; to++) if (value > out[to]) out[to] = value;
    }
    for (let row = top + width; row < bottom; row += width) out.copyWithin(row, top, top + width);
  }
  const maskedFrom = Uint16Array.from({ length: height }, (_, y) =>
    mask === 'causal' ? endOf(keys, Math.min(tokenOf(queries, y), keys.n - 1)) : width,
  );
  return { width, height, bytes: out, maskedFrom };
}
