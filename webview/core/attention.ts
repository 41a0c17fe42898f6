/**
 * The attention tensor: what every head of every layer gave from each query to each key, softmax(QKᵀ/√d) after the
 * mask (Vaswani et al. 2017, section 3.2.1).
 */

export type Mask = 'causal' | 'bidirectional';

/** A head, as papers name it: layer.head, both from 0. */
export interface Head {
  readonly layer: number;
  readonly head: number;
}

export const headName = ({ layer, head }: Head): string => `${layer}.${head}`;
export const sameHead = (a: Head | null, b: Head | null): boolean =>
  a === b || (a !== null && b !== null && a.layer === b.layer && a.head === b.head);

/**
 * Shape of a tensor [layers, heads, queries, keys]: a row for each query, a column for each key. Where a text attends to
 * itself both are its tokens; where a decoder attends to an encoder, keys are the encoder's.
 */
export interface Shape {
  readonly layers: number;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
}

/**
 * All probabilities as bytes, for pictures: 255 is weight 1. Of a long text several tokens share a cell, which has the
 * largest of their weights. Numbers told to anyone come from f32 instead.
 */
export interface Overview extends Shape {
  /** Tokens along each side of a cell. */
  readonly cell: number;
  /** [layers, heads, ⌈queries / cell⌉, ⌈keys / cell⌉], row-major. */
  readonly bytes: Uint8Array;
}

/** No square of the grid has more device pixels a side, by far; a figure's have fewer, too. */
const MOST_CELLS = 512;

/** Tokens along each side of a cell, for an overview of so many. */
export const cellFor = (tokens: number): number => Math.ceil(tokens / MOST_CELLS);

/** How many cells an overview has, down and across. */
export function countCells({
  queries,
  keys,
  cell,
}: Omit<Overview, 'bytes'>): Pick<Shape, 'queries' | 'keys'> {
  return { queries: Math.ceil(queries / cell), keys: Math.ceil(keys / cell) };
}

/** A matrix [queries, keys] of weights, f32, row-major: one head's probabilities, or what is made of several. */
export interface Matrix {
  readonly queries: number;
  readonly keys: number;
  readonly weights: Float32Array;
}

/** Whether the mask lets the query at `query` see the key at `key`. Causal only where both count the same tokens. */
export function isOpen(mask: Mask, query: number, key: number): boolean {
  return mask === 'bidirectional' || key <= query;
}

/**
 * bool[n, n] as bytes: 1 where the query may see the key. With a window, only keys fewer than so many tokens away,
 * itself counted.
 */
export function maskCells(mask: Mask, n: number, window: number | null = null): Uint8Array {
  const cells = new Uint8Array(n * n);
  const reach = window ?? n;
  for (let query = 0; query < n; query++) {
    const from = Math.max(0, query - reach + 1);
    const to = Math.min(n, mask === 'causal' ? query + 1 : query + reach);
    cells.fill(1, query * n + from, query * n + to);
  }
  return cells;
}

/** bool[n, n] as bytes: 1 where a causal mask is to be opened. Only the future: what else hides the past stays hidden. */
export function openedCells(mask: Mask, n: number): Uint8Array {
  const cells = new Uint8Array(n * n);
  if (mask === 'bidirectional')
    for (let query = 0; query < n; query++) cells.fill(1, query * n + query + 1, (query + 1) * n);
  return cells;
}

/** Probabilities in [0, 1] to bytes, rounded: at most 0.5/255 off. What is more, such as a sum of maxima, is 1. */
export function toBytes(weights: Float32Array, into: Uint8Array, at: number): void {
  for (let i = 0; i < weights.length; i++) into[at + i] = weights[i] < 1 ? weights[i] * 255 + 0.5 : 255;
}

/** Where the bytes of one head start in an overview. */
export function headOffset(overview: Omit<Overview, 'bytes'>, { layer, head }: Head): number {
  const { queries, keys } = countCells(overview);
  return (layer * overview.heads + head) * queries * keys;
}

/** One head's weights into an overview: the largest of each cell. */
export function toCells({ queries, keys, weights }: Matrix, overview: Overview, head: Head): void {
  const { cell, bytes } = overview;
  const across = countCells(overview).keys;
  const start = headOffset(overview, head);
  const largest = new Float32Array(across);
  for (let query = 0, at = 0; query < queries; query++) {
    if (query % cell === 0) largest.fill(0);
    for (let column = 0; column < across; column++)
      for (const end = Math.min(keys, (column + 1) * cell) + query * keys; at < end; at++)
        if (weights[at] > largest[column]) largest[column] = weights[at];
    if (query % cell < cell - 1 && query < queries - 1) continue;
    toBytes(largest, bytes, start + Math.floor(query / cell) * across);
  }
}

/** An overview with nothing in it yet. */
export function emptyOverview(of: Omit<Overview, 'bytes'>): Overview {
  const { layers, heads, cell } = of;
  const { queries, keys } = countCells(of);
  const { queries: rows, keys: columns } = of;
  return {
    layers,
    heads,
    queries: rows,
    keys: columns,
    cell,
    bytes: new Uint8Array(layers * heads * queries * keys),
  };
}

/** What the query `token` gives to each key, f32[keys]; reversed: what each query gives to the key, f32[queries]. */
export function weightsOf(matrix: Matrix, token: number, reversed: boolean): Float32Array {
  const { queries, keys, weights } = matrix;
  if (!reversed) return weights.subarray(token * keys, (token + 1) * keys);
  const column = new Float32Array(queries);
  for (let query = 0; query < queries; query++) column[query] = weights[query * keys + token];
  return column;
}

/** Indices of the `count` largest weights, strongest first; ties go to the earlier token. */
export function strongest(weights: ArrayLike<number>, count: number): number[] {
  return Array.from({ length: weights.length }, (_, i) => i)
    .sort((a, b) => weights[b] - weights[a] || a - b)
    .slice(0, count);
}
