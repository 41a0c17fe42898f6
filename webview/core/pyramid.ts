/**
 * A matrix as bytes, and the same pooled by maximum to a half, a quarter and so on: made once, after which any part of
 * it is drawn at any size for about the same price.
 */
import type { Mask, Matrix } from './attention';
import { toBytes } from './attention';
import type { Window } from './axis';
import { tokensIn } from './axis';
import type { Pooled } from './pool';
import { pooled } from './pool';

/** Blocks of 2^i by 2^i pairs, at place i. */
interface Level {
  readonly queries: number;
  readonly keys: number;
  readonly bytes: Uint8Array;
}

/** Most blocks that are read for a drawing: all pairs, as long as they are no more than this, about 3 ms. */
const MOST_READ = 1 << 21;
/** And a small drawing reads no more than so many a pixel. */
const READ_A_PIXEL = 16;

export class Pyramid {
  private readonly levels: Level[] = [];
  private rows = 0;

  /** Nothing of the matrix is read yet: see `grow`. Pairs that the mask hides never are. */
  constructor(
    private readonly matrix: Matrix,
    private readonly mask: Mask,
  ) {
    let { queries, keys } = matrix;
    for (;;) {
      this.levels.push({ queries, keys, bytes: new Uint8Array(queries * keys) });
      if (queries === 1 && keys === 1) break;
      [queries, keys] = [Math.ceil(queries / 2), Math.ceil(keys / 2)];
    }
  }

  /** Reads about so many pairs more. @returns whether all are read */
  grow(pairs: number): boolean {
    const { queries, keys } = this.matrix;
    const to = Math.min(queries, this.rows + Math.max(1, Math.ceil(pairs / keys)));
    for (; this.rows < to; this.rows++) {
      this.read(this.rows);
      // A row that completes a pair of rows is pooled at once, while both are at hand; so on upwards.
      let row = this.rows;
      for (let i = 1; i < this.levels.length; i++) {
        if (row % 2 === 0 && row < this.levels[i - 1].queries - 1) break;
        row >>= 1;
        this.halve(i, row);
      }
    }
    return this.rows === queries;
  }

  /** A part at the size it is drawn at; with few enough pairs in sight, exactly the largest that each pixel covers. */
  pooled(queries: Window, keys: Window): Pooled {
    const [top, bottom] = tokensIn(queries);
    const [left, right] = tokensIn(keys);
    const most = Math.min(MOST_READ, READ_A_PIXEL * keys.shown * queries.shown);
    let i = 0;
    while (i < this.levels.length - 1 && ((bottom - top + 1) >> i) * ((right - left + 1) >> i) > most) i++;
    const { bytes, queries: rows, keys: columns } = this.levels[i];
    return pooled({ bytes, at: 0, cell: 1 << i, rows, columns, query: 0, key: 0 }, queries, keys, this.mask);
  }

  private read(query: number): void {
    const { keys, weights } = this.matrix;
    const open = this.mask === 'causal' ? Math.min(query + 1, keys) : keys;
    const at = query * keys;
    toBytes(weights.subarray(at, at + open), this.levels[0].bytes, at);
  }

  /** Pools a row of a level from the one below, whose last row or column may stand alone. */
  private halve(i: number, row: number): void {
    const { keys, bytes } = this.levels[i];
    const below = this.levels[i - 1];
    const upper = 2 * row * below.keys;
    const lower = Math.min(2 * row + 1, below.queries - 1) * below.keys;
    for (let key = 0, at = row * keys; key < keys; key++, at++) {
      const [left, right] = [2 * key, Math.min(2 * key + 1, below.keys - 1)];
      const a = Math.max(below.bytes[upper + left], below.bytes[upper + right]);
      const b = Math.max(below.bytes[lower + left], below.bytes[lower + right]);
      bytes[at] = a > b ? a : b;
    }
  }
}
