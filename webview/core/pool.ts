/** A whole n x n pattern brought to the size it is drawn at, once; by maximum, so that single strong links survive. */
import type { Mask } from './attention';
import type { Axis } from './axis';
import { endOf, pixelOf, tokenOf } from './axis';

/** A square of bytes at its size in device pixels. */
export interface Pooled {
  readonly size: number;
  /** [size, size], rows are queries; 255 is weight 1. */
  readonly bytes: Uint8Array;
  /** For each row of pixels, the first pixel that the mask hides; `size` where it hides none. */
  readonly maskedFrom: Uint16Array;
}

/** Pools the pattern that starts at `at` in `bytes`. Pairs that a causal mask hides are not read. */
export function pool(bytes: Uint8Array, at: number, { n, size }: Axis, mask: Mask): Pooled {
  const axis = { n, size };
  const out = new Uint8Array(size * size);
  const columns = Uint16Array.from({ length: n }, (_, token) => pixelOf(axis, token));
  if (n >= size) {
    for (let query = 0; query < n; query++) {
      const row = columns[query] * size;
      const keys = mask === 'causal' ? query + 1 : n;
      const from = at + query * n;
      for (let key = 0; key < keys; key++) {
        const value = bytes[from + key];
        const to = row + columns[key];
        if (value > out[to]) out[to] = value;
      }
    }
  } else {
    for (let query = 0; query < n; query++) {
      const top = columns[query] * size;
      const bottom = endOf(axis, query) * size;
      const keys = mask === 'causal' ? query + 1 : n;
      for (let key = 0; key < keys; key++)
        out.fill(bytes[at + query * n + key], top + columns[key], top + endOf(axis, key));
      for (let row = top + size; row < bottom; row += size) out.copyWithin(row, top, top + size);
    }
  }
  const maskedFrom = Uint16Array.from({ length: size }, (_, y) =>
    mask === 'causal' ? Math.min(size, endOf(axis, tokenOf(axis, y))) : size,
  );
  return { size, bytes: out, maskedFrom };
}
