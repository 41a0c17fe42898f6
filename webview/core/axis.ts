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

/** A part of an axis that is seen: so many device pixels of its length, from one on. */
export interface Window extends Axis {
  readonly from: number;
  readonly shown: number;
}

/** First and last token of which something is seen. */
export function tokensIn(window: Window): readonly [first: number, last: number] {
  const { n, size, from, shown } = window;
  // The first of those that share the first pixel; of one that takes several, the one that holds it.
  const first = Math.min(Math.ceil((from * n) / size), tokenOf(window, from));
  return [first, tokenOf(window, from + shown - 1)];
}

/** Pixels that a run of tokens takes in a window, from its first one; empty, or turned round, where none is seen. */
export function pixelsIn(window: Window, first: number, last = first): readonly [from: number, to: number] {
  return [
    Math.max(0, pixelOf(window, first) - window.from),
    Math.min(window.shown, endOf(window, last) - window.from),
  ];
}
