/** Patterns to pixels: bytes through a ramp, masked pairs hatched. */
import type { Scale, ThemeKind } from '../core/colour';
import { rampWords, word } from '../core/colour';
import type { Pooled } from '../core/pool';

/** Colours for the 256 byte values, and the two of the hatching. */
export interface Palette {
  readonly words: Uint32Array;
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

export function palette(kind: ThemeKind, scale: Scale): Palette {
  const [ground, line] = HATCHING[kind].map((hex) => word([(hex >> 16) & 255, (hex >> 8) & 255, hex & 255]));
  return { words: rampWords(kind, scale), masked: ground, hatch: line };
}

/** Draws one pattern with its top left corner at a device pixel. */
export function drawCells(
  context: CanvasRenderingContext2D,
  { width, height, bytes, maskedFrom }: Pooled,
  { words, masked, hatch }: Palette,
  x: number,
  y: number,
): void {
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let row = 0, at = 0; row < height; row++) {
    const open = maskedFrom[row];
    for (let column = 0; column < width; column++, at++)
      pixels[at] = column < open ? words[bytes[at]] : (row + column) % PITCH === 0 ? hatch : masked;
  }
  context.putImageData(image, x, y);
}

/** The ramp itself, from weight 0 to 1, as a legend. */
export function drawLegend(context: CanvasRenderingContext2D, { words }: Palette): void {
  const { width, height } = context.canvas;
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let at = 0; at < pixels.length; at++) pixels[at] = words[Math.floor(((at % width) * 256) / width)];
  context.putImageData(image, 0, 0);
}
