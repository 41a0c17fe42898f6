/**
 * Figures for a paper, as lists of marks: what is drawn and where, in points (1/72 inch), whoever draws it. svg.ts
 * writes them as text, render/figure.ts paints them on a canvas.
 */
import type { Scale } from './colour';
import { css, inkOn, ramp, scaled, word } from './colour';
import type { Tint } from './colour';

export type FigureTheme = 'light' | 'dark';
export type Colour = string;

/** Pairs as coloured pixels. */
export interface Cells {
  readonly width: number;
  readonly height: number;
  /** [height, width] as the 32-bit words of an ImageData (little-endian RGBA). */
  readonly words: Uint32Array;
  /** For each row, the first column that the mask hides; `width` where it hides none. */
  readonly maskedFrom: Uint16Array;
}

type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

export type Mark =
  | (Box & { readonly kind: 'box'; readonly fill: Colour })
  | (Box & { readonly kind: 'frame'; readonly stroke: Colour; readonly thick: number })
  | {
      readonly kind: 'text';
      readonly text: string;
      /** Where the text starts, or ends, or its middle; vertically the middle of its letters. */
      readonly x: number;
      readonly y: number;
      readonly size: number;
      readonly fill: Colour;
      readonly anchor: 'start' | 'middle' | 'end';
      readonly family: 'sans' | 'mono';
      readonly bold?: boolean;
      /** Read from below, turned by 90 degrees about (x, y). */
      readonly turned?: boolean;
    }
  | (Box & { readonly kind: 'image'; readonly cells: Cells })
  /** A closed outline, hatched. */
  | {
      readonly kind: 'hatch';
      readonly points: readonly (readonly [x: number, y: number])[];
      readonly ground: Colour;
      readonly line: Colour;
    };

export interface Figure {
  readonly width: number;
  readonly height: number;
  /** For whoever cannot see it. */
  readonly title: string;
  readonly description: string;
  readonly background: Colour;
  readonly marks: readonly Mark[];
}

/** Lines of a hatching are so far apart, and so thick. */
export const HATCH = { pitch: 3, thick: 0.5 };

export const FAMILY = {
  sans: "Helvetica, Arial, 'Liberation Sans', sans-serif",
  mono: "Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace",
};

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
interface Told {
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

export interface MatrixFigure extends Told {
  readonly queries: readonly string[];
  readonly keys: readonly string[];
  /** The pairs, pooled where there are more than `most` along a side. */
  cells(most: number): Cells;
  /** For each key, what tells the tint of its pair with a query besides colour: a letter, a sign, or nothing. */
  letters(query: number): readonly string[];
}

export interface GridFigure extends Told {
  readonly layers: number;
  readonly heads: number;
  /** Queries over keys. */
  readonly tall: number;
  cells(layer: number, head: number, most: number): Cells;
}

export const points = (millimetres: number) => (millimetres * 72) / 25.4;

const PAD = 5;
const TYPE = { title: 9, caption: 6.5, axis: 6.5, label: 7.5, smallest: 4.5 };
/** Longest label, as a share of the width. */
const SHARE = 0.22;
/** No cell of a matrix, and no head of a grid, is larger: a figure of three tokens is a small one. */
const LARGEST = { cell: 26, head: 72 };
/** Up to so many tokens a pair is a rectangle, beyond it a pixel. */
const RECTANGLES = 64;
/** Pixels a point that an image has at most: 300 dpi. */
const FINENESS = 300 / 72;

/** One matrix, with its tokens where they can be read, else their numbers. */
export function matrixFigure(of: MatrixFigure): Figure {
  const width = points(of.millimetres);
  const inks = INKS[of.theme];
  const marks: Mark[] = [];
  let y = heading(marks, of, inks, width);

  const longer = Math.max(of.queries.length, of.keys.length);
  const axis = TYPE.axis * 1.5;
  const free = width - 2 * PAD - axis;
  const size = Math.min(TYPE.label, ((free * (1 - SHARE)) / longer) * 0.86);
  const labelled = size >= TYPE.smallest;
  const longest = Math.max(...[...of.queries, ...of.keys].map((label) => lengthOf(label, size)));
  const room = labelled ? Math.min(free * SHARE, longest) + 3 : 20;
  const cell = Math.min(LARGEST.cell, (free - room) / longer);
  const [left, top] = [PAD + axis + room, y + axis + room];
  const box: Box = { x: left, y: top, width: cell * of.keys.length, height: cell * of.queries.length };

  const words = (text: string, x: number, y: number, more: Partial<Words> = {}): void => {
    marks.push({
      ...{ kind: 'text', anchor: 'start', family: 'sans', size: TYPE.axis, fill: inks.faint },
      ...{ text, x, y, ...more },
    });
  };
  words('attended to (key)', left, y + axis / 2);
  words('token (query)', PAD + axis / 2, top + box.height, { turned: true });
  const along = (labels: readonly string[], put: (text: string, middle: number) => void) => {
    if (labelled) labels.forEach((label, i) => put(cut(label, size, room - 3), (i + 0.5) * cell));
    else for (let i = 0; i < labels.length; i += stride(longer)) put(String(i), (i + 0.5) * cell);
  };
  const look = labelled ? ({ family: 'mono', size, fill: inks.text } as const) : { size: TYPE.axis };
  along(of.queries, (text, at) => words(text, left - 2, top + at, { ...look, anchor: 'end' }));
  along(of.keys, (text, at) => words(text, left + at, top - 2, { ...look, turned: true }));

  const cells = of.cells(longer <= RECTANGLES ? longer : Math.floor(box.width * FINENESS));
  if (longer <= RECTANGLES) rectangles(marks, cells, box);
  else marks.push({ kind: 'image', ...box, cells });
  if (longer <= RECTANGLES && of.tints.length > 1) letter(marks, of, cells, box);
  hide(marks, cells, box, inks);
  marks.push({ kind: 'frame', ...box, stroke: inks.frame, thick: 0.5 });
  y = legend(marks, of, inks, left, top + box.height, width - left - PAD);
  return finished(of, inks, width, y + PAD, marks);
}

/** Every head of every layer. */
export function gridFigure(of: GridFigure): Figure {
  const width = points(of.millimetres);
  const inks = INKS[of.theme];
  const marks: Mark[] = [];
  let y = heading(marks, of, inks, width);

  const axis = TYPE.axis * 1.5;
  const gap = 2;
  const [left, top] = [PAD + 2 * axis, y + 2 * axis];
  const across = Math.min(LARGEST.head, (width - PAD - left + gap) / of.heads - gap);
  const down = across * of.tall;
  const text = { kind: 'text', family: 'sans', size: TYPE.axis, fill: inks.faint } as const;
  marks.push({ ...text, text: 'head', x: left, y: y + axis / 2, anchor: 'start' });
  marks.push({
    ...{ ...text, text: 'layer', x: PAD + axis / 2, anchor: 'start', turned: true },
    y: top + Math.max(of.layers * (down + gap) - gap, lengthOf('layer', TYPE.axis)),
  });
  for (let head = 0; head < of.heads; head++) {
    const x = left + head * (across + gap) + across / 2;
    marks.push({ ...text, text: String(head), x, y: y + 1.5 * axis, anchor: 'middle' });
  }
  for (let layer = 0; layer < of.layers; layer++) {
    const at = top + layer * (down + gap);
    marks.push({ ...text, text: String(layer), x: left - 3, y: at + down / 2, anchor: 'end' });
    for (let head = 0; head < of.heads; head++) {
      const box: Box = { x: left + head * (across + gap), y: at, width: across, height: down };
      const cells = of.cells(layer, head, Math.floor(Math.max(across, down) * FINENESS));
      marks.push({ kind: 'image', ...box, cells });
      hide(marks, cells, box, inks);
      marks.push({ kind: 'frame', ...box, stroke: inks.frame, thick: 0.35 });
    }
  }
  y = legend(marks, of, inks, left, top + of.layers * (down + gap) - gap, width - left - PAD);
  return finished(of, inks, width, y + PAD, marks);
}

type Words = Extract<Mark, { kind: 'text' }>;

function finished(of: Told, inks: Inks, width: number, height: number, marks: readonly Mark[]): Figure {
  return {
    ...{ width, height, marks, title: of.title, background: inks.background },
    description: `${of.caption}. Colour shows ${of.tints.map(({ name }) => name).join('; ')}; ${of.scale} scale.`,
  };
}

/** Title and caption. @returns where what follows begins */
function heading(marks: Mark[], of: Told, inks: Inks, width: number): number {
  const text = { kind: 'text', x: PAD, anchor: 'start', family: 'sans' } as const;
  const room = width - 2 * PAD;
  const title = cut(of.title, TYPE.title, room);
  marks.push({ ...text, text: title, y: PAD + 5, size: TYPE.title, fill: inks.text, bold: true });
  const caption = cut(of.caption, TYPE.caption, room);
  marks.push({ ...text, text: caption, y: PAD + 15, size: TYPE.caption, fill: inks.faint });
  return PAD + 23;
}

/** A pair each; neighbours of one colour in a row are one rectangle. */
function rectangles(marks: Mark[], { width, height, words, maskedFrom }: Cells, box: Box): void {
  const [across, down] = [box.width / width, box.height / height];
  for (let row = 0; row < height; row++)
    for (let from = 0; from < maskedFrom[row];) {
      const colour = words[row * width + from];
      let to = from + 1;
      while (to < maskedFrom[row] && words[row * width + to] === colour) to++;
      marks.push({
        ...{ kind: 'box', x: box.x + from * across, y: box.y + row * down },
        ...{ width: (to - from) * across, height: down, fill: hex(colour) },
      });
      from = to;
    }
}

/** A letter in each strong pair, where it can be read. */
function letter(marks: Mark[], of: MatrixFigure, { width, height, words }: Cells, box: Box): void {
  const [across, down] = [box.width / width, box.height / height];
  const size = Math.min(TYPE.label, 0.75 * Math.min(across, down));
  if (size < TYPE.smallest) return;
  for (let query = 0; query < height; query++)
    of.letters(query).forEach((text, key) => {
      if (text === '') return;
      const colour = words[query * width + key];
      marks.push({
        ...{ kind: 'text', text, size, anchor: 'middle', family: 'sans' },
        ...{ x: box.x + (key + 0.5) * across, y: box.y + (query + 0.5) * down },
        fill: css(inkOn([colour & 255, (colour >> 8) & 255, (colour >> 16) & 255])),
      });
    });
}

/** Hatches what the mask hides: a staircase, or its straight line where the steps are too fine to see. */
function hide(marks: Mark[], { width, height, maskedFrom }: Cells, box: Box, inks: Inks): void {
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
function legend(marks: Mark[], of: Told, inks: Inks, left: number, above: number, room: number): number {
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

/** Where every label cannot be read, every so many tokens are numbered. */
function stride(tokens: number): number {
  const wanted = tokens / 8;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return Math.max(
    1,
    [1, 2, 5, 10].map((step) => step * power).find((step) => step >= wanted)!,
  );
}

/** About how long a text is: characters of East Asia, and pictures, are wider than letters. */
export function lengthOf(text: string, size: number): number {
  let length = 0;
  for (const character of text) length += character.codePointAt(0)! >= 0x1100 ? 1.05 : 0.61;
  return length * size;
}

function cut(text: string, size: number, room: number): string {
  if (lengthOf(text, size) <= room) return text;
  const characters = [...text];
  while (characters.length > 1 && lengthOf(`${characters.join('')}…`, size) > room) characters.pop();
  return `${characters.join('')}…`;
}

const hex = (colour: number): Colour =>
  css([colour & 255, (colour >> 8) & 255, (colour >> 16) & 255] as const);
