/** What figures have around their picture: title, caption, legend, and what the mask hides. */
import type { Scale, Tint } from '../colour';
import { ramp, scaled, word } from '../colour';
import type { Box, Cells, Colour, Figure, FigureTheme, Mark } from './figure';

interface Inks {
  readonly background: Colour;
  readonly text: Colour;
  readonly faint: Colour;
  readonly frame: Colour;
  readonly masked: Colour;
  readonly hatch: Colour;
}

export const INKS: Record<FigureTheme, Inks> = {
  light: {
    background: '#ffffff',
    text: '#1a1a1a',
    faint: '#5a5a5a',
    frame: '#8a8a8a',
    masked: '#f4f4f4',
    hatch: '#cfcfcf',
  },
  dark: {
    background: '#1b1b1f',
    text: '#f0f0f0',
    faint: '#b0b0b4',
    frame: '#77777c',
    masked: '#242428',
    hatch: '#3d3d44',
  },
};

/** What both figures say beside the picture. */
export interface Told {
  readonly title: string;
  /** Model, mask, tokens. */
  readonly caption: string;
  readonly theme: FigureTheme;
  /** In millimetres: 85 is a column of a paper, 175 its full width. */
  readonly millimetres: number;
  readonly scale: Scale;
  /** What each tint in the picture stands for. */
  readonly tints: readonly { readonly tint: Tint; readonly name: string }[];
  /** Whether the mask hides anything. */
  readonly masked: boolean;
}

export const points = (millimetres: number) => (millimetres * 72) / 25.4;

export const PAD = 5;
export const TYPE = { title: 9, caption: 6.5, axis: 6.5, label: 7.5, smallest: 4.5 };
/** Up to so many tokens a pair is a rectangle, beyond it a pixel. */
export const RECTANGLES = 64;
/** Pixels a point that an image has at most: 300 dpi. */
export const FINENESS = 300 / 72;

export function finished(
  of: Told,
  inks: Inks,
  width: number,
  height: number,
  marks: readonly Mark[],
): Figure {
  return {
    ...{ width, height, marks, title: of.title, background: inks.background },
    description: `${of.caption}. Colour shows ${of.tints.map(({ name }) => name).join('; ')}; ${of.scale} scale.`,
  };
}

/** Title and caption. @returns where what follows begins */
export function heading(marks: Mark[], of: Told, inks: Inks, width: number): number {
  const text = { kind: 'text', x: PAD, anchor: 'start', family: 'sans' } as const;
  const room = width - 2 * PAD;
  const title = cut(of.title, TYPE.title, room);
  marks.push({ ...text, text: title, y: PAD + 5, size: TYPE.title, fill: inks.text, bold: true });
  const caption = cut(of.caption, TYPE.caption, room);
  marks.push({ ...text, text: caption, y: PAD + 15, size: TYPE.caption, fill: inks.faint });
  return PAD + 23;
}

/** Hatches what the mask hides: a staircase, or its straight line where the steps are too fine to see. */
export function hide(marks: Mark[], { width, height, maskedFrom }: Cells, box: Box, inks: Inks): void {
  const [across, down] = [box.width / width, box.height / height];
  const rows = maskedFrom.findIndex((from) => from === width);
  const last = rows < 0 ? height : rows;
  if (last === 0) return;
  const right = box.x + box.width;
  const outline: [number, number][] = [[right, box.y]];
  const step = (row: number, y: number) => outline.push([box.x + maskedFrom[row] * across, y]);
  if (height > RECTANGLES) step(0, box.y);
  else
    for (let row = 0; row < last; row++) {
      step(row, box.y + row * down);
      step(row, box.y + (row + 1) * down);
    }
  outline.push([right, box.y + last * down]);
  marks.push({ kind: 'hatch', points: outline, ground: inks.masked, line: inks.hatch });
}

const TICKS: Record<Scale, readonly number[]> = {
  linear: [0, 0.25, 0.5, 0.75, 1],
  'square root': [0, 0.05, 0.25, 0.5, 1],
  log: [0.001, 0.01, 0.1, 1],
};

/** A ramp with its numbers for each tint, and what hatching means. @returns where it ends */
export function legend(
  marks: Mark[],
  of: Told,
  inks: Inks,
  left: number,
  above: number,
  room: number,
): number {
  const [height, width] = [6, Math.min(120, room)];
  const text = { kind: 'text', family: 'sans', size: TYPE.caption, fill: inks.faint } as const;
  let line = above;
  let said = '';
  for (const { tint, name } of of.tints) {
    const y = line + 8;
    const words = Uint32Array.from({ length: 256 }, (_, i) => word(ramp(of.theme, i / 255, tint)));
    const cells: Cells = { width: 256, height: 1, words, maskedFrom: Uint16Array.of(256) };
    const box: Box = { x: left, y, width, height };
    marks.push({ kind: 'image', ...box, cells });
    marks.push({ kind: 'frame', ...box, stroke: inks.frame, thick: 0.35 });
    for (const tick of TICKS[of.scale]) {
      const at = left + width * scaled(tick, of.scale);
      const anchor = tick === 1 ? 'end' : at === left ? 'start' : 'middle';
      marks.push({ ...text, text: String(tick), x: at, y: y + height + 5, anchor });
    }
    said = `${name}, ${of.scale} scale`;
    line = y + height + 14;
    marks.push({ ...text, text: cut(said, TYPE.caption, room), x: left, y: line, anchor: 'start' });
  }
  if (!of.masked) return line + 4;
  const key = lengthOf(said, TYPE.caption) + 12;
  const fits = key + 36 < room;
  const [x, middle] = fits ? [left + key, line] : [left, line + 10];
  const side = 7;
  const [right, top, bottom] = [x + side, middle - side / 2, middle + side / 2];
  const square = [[x, top], [right, top], [right, bottom], [x, bottom]] as const; // prettier-ignore
  marks.push({ kind: 'hatch', points: square, ground: inks.masked, line: inks.hatch });
  marks.push({ kind: 'frame', x, y: top, width: side, height: side, stroke: inks.frame, thick: 0.35 });
  marks.push({ ...text, text: 'masked', x: right + 3, y: middle, anchor: 'start' });
  return middle + 4;
}

/** About how long a text is: characters of East Asia, and pictures, are wider than letters. */
export function lengthOf(text: string, size: number): number {
  let length = 0;
  for (const character of text) length += character.codePointAt(0)! >= 0x1100 ? 1.05 : 0.61;
  return length * size;
}

export function cut(text: string, size: number, room: number): string {
  if (lengthOf(text, size) <= room) return text;
  const characters = [...text];
  while (characters.length > 1 && lengthOf(`${characters.join('')}…`, size) > room) characters.pop();
  return `${characters.join('')}…`;
}
