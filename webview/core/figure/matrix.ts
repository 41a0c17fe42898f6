/** A figure of one matrix. */
import { css, inkOn } from '../colour';
import type { Box, Cells, Colour, Figure, Mark } from './figure';
import type { Told } from './frame';
import {
  finished,
  heading,
  hide,
  legend,
  cut,
  lengthOf,
  FINENESS,
  INKS,
  PAD,
  points,
  RECTANGLES,
  TYPE,
} from './frame';

interface MatrixFigure extends Told {
  readonly queries: readonly string[];
  readonly keys: readonly string[];
  /** The pairs, pooled where there are more than `most` along a side. */
  cells(most: number): Cells;
  /** For each key, what tells the tint of its pair with a query besides colour: a letter, a sign, or nothing. */
  letters(query: number): readonly string[];
}

/** Longest label, as a share of the width. */
const SHARE = 0.22;
/** No cell is larger: a figure of three tokens is a small one. */
const LARGEST = 26;

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
  const cell = Math.min(LARGEST, (free - room) / longer);
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

type Words = Extract<Mark, { kind: 'text' }>;

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

/** Where every label cannot be read, every so many tokens are numbered. */
function stride(tokens: number): number {
  const wanted = tokens / 8;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return Math.max(
    1,
    [1, 2, 5, 10].map((step) => step * power).find((step) => step >= wanted)!,
  );
}

const hex = (colour: number): Colour =>
  css([colour & 255, (colour >> 8) & 255, (colour >> 16) & 255] as const);
