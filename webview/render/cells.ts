/** Patterns to pixels: bytes through a ramp, masked pairs hatched. */
import type { ThemeKind, Tint, Visibility } from '../core/colour';
import { rampWords, word } from '../core/colour';
import type { Part, Windows } from '../core/part';
import { pixelsOf } from '../core/part';
import { tokenOf } from '../core/axis';
import type { Axes, Pooled } from '../core/pool';
import { coloured } from '../core/pool';

/** Colours for the 256 byte values of each sheet, and the two of the hatching. */
export interface Palette {
  readonly words: readonly Uint32Array[];
  readonly masked: number;
  readonly hatch: number;
}

/** The hatching repeats after so many device pixels. */
const PITCH = 5;

const HATCHING: Record<ThemeKind, readonly [ground: number, line: number]> = {
  dark: [0x262628, 0x333338],
  light: [0xececec, 0xdcdcdc],
  'hc-dark': [0x000000, 0x5a5a5a],
  'hc-light': [0xffffff, 0xa8a8a8],
};

export function palette(
  kind: ThemeKind,
  visibility: Pick<Visibility, 'scale' | 'threshold'>,
  tints: readonly Tint[] = ['heat'],
): Palette {
  const [ground, line] = HATCHING[kind].map((hex) => word([(hex >> 16) & 255, (hex >> 8) & 255, hex & 255]));
  return { words: tints.map((tint) => rampWords(kind, visibility, tint)), masked: ground, hatch: line };
}

/** Draws sheets of one size, the strongest showing, with their top left corner at a device pixel. */
export function drawCells(
  context: CanvasRenderingContext2D,
  sheets: readonly Pooled[],
  { words, masked, hatch }: Palette,
  x: number,
  y: number,
): void {
  const { width, height, maskedFrom } = sheets[0];
  const colours = coloured(sheets, words);
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let row = 0, at = 0; row < height; row++) {
    const open = maskedFrom[row];
    for (let column = 0; column < width; column++, at++)
      pixels[at] = column < open ? colours[at] : (row + column) % PITCH === 0 ? hatch : masked;
  }
  context.putImageData(image, x, y);
}

/** Hatches pairs of a matrix that was drawn, each with pixels of its own, from the top left corner on. */
export function hatchCells(
  context: CanvasRenderingContext2D,
  { queries, keys }: Axes,
  { masked, hatch }: Palette,
  isHidden: (query: number, key: number) => boolean,
): void {
  const image = context.getImageData(0, 0, keys.size, queries.size);
  const pixels = new Uint32Array(image.data.buffer);
  for (let row = 0, at = 0; row < queries.size; row++)
    for (let column = 0; column < keys.size; column++, at++)
      if (isHidden(tokenOf(queries, row), tokenOf(keys, column)))
        pixels[at] = (row + column) % PITCH === 0 ? hatch : masked;
  context.putImageData(image, 0, 0);
}

/** Leaves nothing of a matrix, drawn with its top left corner there, but a part of it: blank is not masked. */
export function clearOutside(
  context: CanvasRenderingContext2D,
  part: Part,
  seen: Windows,
  left: number,
  top: number,
): void {
  const { x, y } = pixelsOf(part, seen);
  const [width, height] = [seen.keys.shown, seen.queries.shown];
  context.clearRect(left, top, width, y[0]);
  context.clearRect(left, top + y[1], width, height - y[1]);
  context.clearRect(left, top + y[0], x[0], y[1] - y[0]);
  context.clearRect(left + x[1], top + y[0], width - x[1], y[1] - y[0]);
}

/** The ramp itself, from weight 0 to 1, as a legend; of a difference's two arms, from -1 to 1. */
export function drawLegend(context: CanvasRenderingContext2D, { words: [up, down] }: Palette): void {
  const { width, height } = context.canvas;
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let at = 0; at < pixels.length; at++) {
    const share = (at % width) / width;
    const value = down ? 2 * share - 1 : share;
    pixels[at] = (value < 0 ? down : up)[Math.floor(Math.abs(value) * 256) & 255];
  }
  context.putImageData(image, 0, 0);
}
