/**
 * Tokens along a length in device pixels. With room, a token takes several pixels; without, several tokens share one.
 * Layout, pooling and hit test all use this one mapping, so they cannot disagree.
 */
export interface Axis {
  /** Tokens. */
  readonly n: number;
  /** Device pixels, a whole number. */
  readonly size: number;
}

/** First pixel of a token; `pixelOf(axis, n)` is the length. */
export function pixelOf({ n, size }: Axis, token: number): number {
  return Math.floor((token * size) / n);
}

/** The token at a pixel: the last one that starts at or before it, so that it inverts `pixelOf`. Clamped to 0..n-1. */
export function tokenOf({ n, size }: Axis, pixel: number): number {
  const token = Math.floor(((Math.floor(pixel) + 1) * n - 1) / size);
  return Math.max(0, Math.min(n - 1, token));
}

/** The pixel after a token's last, at least one pixel on. */
export function endOf(axis: Axis, token: number): number {
  return Math.max(pixelOf(axis, token + 1), pixelOf(axis, token) + 1);
}
