/** A part of a long text's overview in finer cells, for a grid that shows no more than that part. */
import type { Head, Matrix, Overview } from './attention';
import { cellFor, countCells, headOffset } from './attention';
import type { Window } from './axis';
import { tokensIn } from './axis';
import type { Part, Windows } from './part';
import type { Blocks } from './pool';

export interface Detail {
  readonly part: Part;
  /** Of the part alone. */
  readonly overview: Overview;
}

/** A cell of several tokens that takes more device pixels than this shows what it hides. */
const COARSE = 2;

/** Whether what is seen asks for finer cells than these. */
export function isCoarse({ cell }: Pick<Overview, 'cell'>, { queries, keys }: Windows): boolean {
  const pixels = ({ n, size }: Window) => (cell * size) / n;
  return cell > 1 && Math.max(pixels(queries), pixels(keys)) > COARSE;
}

/** What is seen and half as much around it, so that a small step needs no other part. */
export function partAround({ queries, keys }: Windows): Part {
  const around = (window: Window): Part['keys'] => {
    const [first, last] = tokensIn(window);
    const more = Math.ceil((last - first + 1) / 2);
    return [Math.max(0, first - more), Math.min(window.n, last + 1 + more)];
  };
  return { queries: around(queries), keys: around(keys) };
}

/** Whether all that is seen lies in the part. */
export function holds(part: Part, { queries, keys }: Windows): boolean {
  const within = ([from, to]: Part['keys'], window: Window) => {
    const [first, last] = tokensIn(window);
    return from <= first && last < to;
  };
  return within(part.queries, queries) && within(part.keys, keys);
}

/** The shape of a part's overview: cells as fine as its size allows. */
export function finer(whole: Omit<Overview, 'bytes'>, part: Part): Omit<Overview, 'bytes'> {
  const [queries, keys] = [part.queries, part.keys].map(([from, to]) => to - from);
  return { ...whole, queries, keys, cell: cellFor(Math.max(queries, keys)) };
}

/** The part as a matrix of its own. */
export function cutOut(
  { keys, weights }: Matrix,
  { queries: [top, bottom], keys: [left, right] }: Part,
): Matrix {
  const kept = new Float32Array((bottom - top) * (right - left));
  for (let query = top; query < bottom; query++)
    kept.set(weights.subarray(query * keys + left, query * keys + right), (query - top) * (right - left));
  return { queries: bottom - top, keys: right - left, weights: kept };
}

/** The cells of one head, of all of the matrix or of a part. */
export function blocksOf(overview: Overview, head: Head, part: Part | null): Blocks {
  const { queries: rows, keys: columns } = countCells(overview);
  const [query, key] = part ? [part.queries[0], part.keys[0]] : [0, 0];
  return {
    bytes: overview.bytes,
    at: headOffset(overview, head),
    cell: overview.cell,
    rows,
    columns,
    query,
    key,
  };
}
