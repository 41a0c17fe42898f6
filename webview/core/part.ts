/** A rectangle of a matrix: the pairs of some queries with some keys. What lies outside is not drawn. */
import type { Matrix } from './attention';
import type { Window } from './axis';
import { pixelsIn } from './axis';
import type { Axes, Pooled } from './pool';

type Range = readonly [from: number, to: number];

export interface Part {
  /** Half-open. */
  readonly queries: Range;
  readonly keys: Range;
}

/** Null is the whole. */
export const samePart = (a: Part | null, b: Part | null): boolean =>
  a === b || (a !== null && b !== null && `${a.queries} ${a.keys}` === `${b.queries} ${b.keys}`);

/** The matrix with weight 0 outside the part. */
export function only<M extends Matrix>(matrix: M, { queries: [top, bottom], keys: [left, right] }: Part): M {
  const { keys, weights } = matrix;
  const kept = new Float32Array(weights.length);
  for (let query = top; query < bottom; query++)
    kept.set(weights.subarray(query * keys + left, query * keys + right), query * keys + left);
  return { ...matrix, weights: kept };
}

/** The keys that a query has pairs with in the part; reversed, the queries of a key. */
export function pairsOf({ queries, keys }: Part, token: number, reversed: boolean): Range {
  const [own, others] = reversed ? [keys, queries] : [queries, keys];
  return own[0] <= token && token < own[1] ? others : [0, 0];
}

/** What is seen of a matrix. */
export interface Windows {
  readonly queries: Window;
  readonly keys: Window;
}

/** All of it. */
export function windowsOf({ queries, keys }: Axes): Windows {
  const whole = (axis: Axes['keys']): Window => ({ ...axis, from: 0, shown: axis.size });
  return { queries: whole(queries), keys: whole(keys) };
}

/** Where the part is drawn: pixels of what is seen, from the left and the top, half-open. */
export function pixelsOf({ queries, keys }: Part, seen: Windows): { readonly x: Range; readonly y: Range } {
  const along = (window: Window, [from, to]: Range): Range => {
    const [first, end] = from < to ? pixelsIn(window, from, to - 1) : [0, 0];
    return first < end ? [first, end] : [0, 0];
  };
  return { x: along(seen.keys, keys), y: along(seen.queries, queries) };
}

/** The same pixels, with weight 0 outside the part. */
export function onlyPixels(pooled: Pooled, part: Part, axes: Axes): Pooled {
  const { width, bytes } = pooled;
  const { x, y } = pixelsOf(part, windowsOf(axes));
  const kept = new Uint8Array(bytes.length);
  for (let row = y[0]; row < y[1]; row++)
    kept.set(bytes.subarray(row * width + x[0], row * width + x[1]), row * width + x[0]);
  return { ...pooled, bytes: kept };
}
