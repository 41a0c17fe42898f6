/** Where the grid's cells are, in CSS pixels. The cells are elements, so the page itself knows what lies under a pointer. */
import type { Head } from './attention';

/** Room for layer numbers at the left and head numbers above. */
export const GUTTER = { left: 24, top: 20 };
const GAP = 4;
/** Room at the right and at the bottom for the frame of a cell there. */
const FRAME = 3;
const SMALLEST = 12;
const LARGEST = 132;

export interface GridLayout {
  readonly layers: number;
  readonly heads: number;
  /** Side of a cell; a whole number of device pixels. */
  readonly cell: number;
  /** From one cell's left or top edge to the next one's. */
  readonly step: number;
  readonly width: number;
  readonly height: number;
}

/** The largest square cells that fit the width, and the height where they can without getting tiny. */
export function layoutGrid(
  shape: { readonly layers: number; readonly heads: number },
  room: { readonly width: number; readonly height: number; readonly ratio: number },
): GridLayout {
  const { layers, heads } = shape;
  const across = (room.width - GUTTER.left - FRAME) / heads - GAP;
  const down = (room.height - GUTTER.top - FRAME) / layers - GAP;
  const fitting = Math.max(SMALLEST, Math.min(across, Math.max(down, 40), LARGEST));
  const cell = Math.max(1, Math.floor(fitting * room.ratio)) / room.ratio;
  const step = cell + GAP;
  return {
    layers,
    heads,
    cell,
    step,
    width: GUTTER.left + heads * step - GAP + FRAME,
    height: GUTTER.top + layers * step - GAP + FRAME,
  };
}

/** Left and top of a cell. */
export function cellOrigin({ step }: GridLayout, { layer, head }: Head): { x: number; y: number } {
  return { x: GUTTER.left + head * step, y: GUTTER.top + layer * step };
}
