/** Where the grid's cells are, in CSS pixels. The cells are elements, so the page itself knows what lies under a pointer. */
import type { Head, Shape } from './attention';

/** Room for layer numbers at the left and head numbers above. */
const GUTTER = { left: 24, top: 20 };
const GAP = 4;
/** Room at the right and at the bottom for the frame of a cell there. */
const FRAME = 3;
const SMALLEST = 12;
const LARGEST = 160;

export interface GridLayout {
  readonly layers: number;
  readonly heads: number;
  /** Sides of a cell; whole numbers of device pixels. Square where queries and keys are the same tokens. */
  readonly across: number;
  readonly down: number;
  readonly width: number;
  readonly height: number;
}

/** The largest cells that fit the width, and the height where they can without getting tiny. */
export function layoutGrid(
  { layers, heads, queries, keys }: Shape,
  room: { readonly width: number; readonly height: number; readonly ratio: number },
): GridLayout {
  const width = (room.width - GUTTER.left - FRAME) / heads - GAP;
  const height = (room.height - GUTTER.top - FRAME) / layers - GAP;
  const longer = Math.max(queries, keys);
  // A cell of a few tokens by hundreds is still one that can be seen and pointed at. The quotient comes first: it is
  // exactly 1 for the longer side, which so is the side of a square cell, to the last device pixel.
  const side = (tokens: number, fitting: number) =>
    Math.max(1, Math.floor(Math.max(SMALLEST, fitting * (tokens / longer)) * room.ratio)) / room.ratio;
  const fitting = Math.max(SMALLEST, Math.min(width, Math.max(height, 40), LARGEST));
  const across = side(keys, fitting);
  const down = side(queries, fitting);
  return {
    layers,
    heads,
    across,
    down,
    width: GUTTER.left + heads * (across + GAP) - GAP + FRAME,
    height: GUTTER.top + layers * (down + GAP) - GAP + FRAME,
  };
}

/** The head of a cell, counted row by row. */
export const headAt = (i: number, heads: number): Head => ({ layer: Math.floor(i / heads), head: i % heads });

/** Left and top of a cell. */
export function cellOrigin({ across, down }: GridLayout, { layer, head }: Head): { x: number; y: number } {
  return { x: GUTTER.left + head * (across + GAP), y: GUTTER.top + layer * (down + GAP) };
}
