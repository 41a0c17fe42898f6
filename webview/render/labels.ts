/** Labels along a matrix, rows at the left and columns above, turned; and what is written into its cells. */
import type { Mask, Matrix } from '../core/attention';
import { isOpen } from '../core/attention';
import type { Window } from '../core/axis';
import { tokensIn } from '../core/axis';
import type { Visibility } from '../core/colour';
import { css, inkOn, ramp } from '../core/colour';
import type { Windows } from '../core/part';
import type { Sheet } from '../core/sheets';
import { FAINTEST_MARKED, rowOf, tintMark } from '../core/sheets';
import type { Theme } from './theme';

export interface Texts {
  readonly queries: readonly string[];
  readonly keys: readonly string[];
}

export interface Labels {
  readonly texts: Texts;
  /** What rows and columns are numbered by, where their texts have no room. */
  readonly numbers: { readonly queries: readonly number[]; readonly keys: readonly number[] };
  /** Characters of the longest text. */
  readonly longest: number;
}

/** Smallest and largest type, in CSS pixels. */
const SMALLEST = 7;
const LARGEST = 12;
const NUMBERS = 10;
/** Longest label, as a share of the side. */
const SHARE = 0.16;
/** Least room for labels, in CSS pixels: a number of four digits, or a map of the whole. */
const LEAST = 40;
/** Numbers are at least so far apart, in CSS pixels. */
const APART = 44;

/** Room that the labels take, in CSS pixels, the same at every zoom: nothing may jump where they appear. */
export function labelMargin({ longest }: Labels, side: number): number {
  return Math.ceil(Math.max(LEAST, Math.min(side * SHARE, longest * 0.62 * LARGEST + 6)));
}

/** Draws the labels of what is seen of a matrix whose top left corner is at (margin, margin), in device pixels. */
export function drawLabels(
  context: CanvasRenderingContext2D,
  { texts, numbers }: Labels,
  { queries, keys }: Windows,
  margin: number,
  ratio: number,
  theme: Theme,
): void {
  const step = Math.min(queries.size / queries.n, keys.size / keys.n);
  const size = Math.min(LARGEST * ratio, step - ratio);
  const room = margin - 4 * ratio;
  const edge = margin - 3 * ratio;
  context.fillStyle = theme.faint;
  context.textBaseline = 'middle';
  if (size < SMALLEST * ratio) return drawNumbers(context, numbers, { queries, keys }, margin, ratio, theme);
  context.font = `${size}px ${theme.font}`;
  context.textAlign = 'right';
  each(queries, 1, (query, middle) =>
    context.fillText(shortened(context, texts.queries[query], room), edge, margin + middle),
  );
  context.textAlign = 'left';
  each(keys, 1, (key, middle) => {
    context.save();
    context.translate(margin + middle, edge);
    context.rotate(-Math.PI / 2);
    context.fillText(shortened(context, texts.keys[key], room), 0, 0);
    context.restore();
  });
}

/** Every so many rows and columns have their number, with a tick. */
function drawNumbers(
  context: CanvasRenderingContext2D,
  numbers: Labels['numbers'],
  { queries, keys }: Windows,
  margin: number,
  ratio: number,
  theme: Theme,
): void {
  const line = Math.max(1, Math.round(ratio));
  const edge = margin - 7 * ratio;
  context.font = `${NUMBERS * ratio}px ${theme.font}`;
  context.textAlign = 'right';
  each(queries, stride(queries, ratio), (query, middle) => {
    context.fillText(String(numbers.queries[query]), edge, margin + middle);
    context.fillRect(margin - 4 * line, Math.round(margin + middle), 3 * line, line);
  });
  context.textAlign = 'center';
  each(keys, stride(keys, ratio), (key, middle) => {
    context.fillText(String(numbers.keys[key]), margin + middle, edge - 4 * ratio);
    context.fillRect(Math.round(margin + middle), margin - 4 * line, line, 3 * line);
  });
}

/** The rows or columns whose middle is seen, and where that is; those only that are a whole number of steps from the first. */
function each(window: Window, step: number, draw: (place: number, middle: number) => void): void {
  const [first, last] = tokensIn(window);
  for (let place = Math.ceil(first / step) * step; place <= last; place += step) {
    const middle = middleOf(window, place);
    if (middle >= 0 && middle < window.shown) draw(place, middle);
  }
}

/** 1, 2 or 5 times a power of ten: the least by which numbers do not touch. */
function stride({ n, size }: Window, ratio: number): number {
  const least = (APART * ratio * n) / size;
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((times) => times * power).find((step) => step >= least)!;
}

/** A label cut to so many pixels in the font that is set. */
export function shortened(context: CanvasRenderingContext2D, label: string, room: number): string {
  if (context.measureText(label).width <= room) return label;
  const characters = [...label];
  while (characters.length > 1 && context.measureText(`${characters.join('')}…`).width > room)
    characters.pop();
  return `${characters.join('')}…`;
}

/** Smallest cell that a letter can be read in, and a number, in CSS pixels. */
const LETTERED = 11;
const NUMBERED = 38;

interface Cells {
  readonly sheets: readonly Sheet[];
  readonly values: Matrix;
  readonly mask: Mask;
  readonly visibility: Visibility;
}

/**
 * Writes into each strong cell which sheet it is of, where there are several and cells have room: colour alone must not
 * tell. In large cells also the number that is told.
 */
export function drawMarks(
  context: CanvasRenderingContext2D,
  { sheets, values, mask, visibility }: Cells,
  { queries, keys }: Windows,
  margin: number,
  ratio: number,
  theme: Theme,
): void {
  const step = Math.min(queries.size / queries.n, keys.size / keys.n);
  const numbered = step >= NUMBERED * ratio;
  if (!numbered && (sheets.length < 2 || step < LETTERED * ratio)) return;
  context.save();
  context.beginPath();
  context.rect(margin, margin, keys.shown, queries.shown);
  context.clip();
  context.font = `${Math.min(LARGEST * ratio, step * (numbered ? 0.26 : 0.7))}px ${theme.font}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const [top, bottom] = tokensIn(queries);
  const [left, right] = tokensIn(keys);
  for (let query = top; query <= bottom; query++) {
    const { strengths, sheet } = rowOf(sheets, query, false, visibility);
    for (let key = left; key <= right; key++) {
      const { tint } = sheets[sheet[key]];
      const mark = strengths[key] < FAINTEST_MARKED ? '' : tintMark(tint);
      const value = values.weights[query * values.keys + key];
      const number = numbered && isOpen(mask, query, key) ? written(value) : '';
      // A sign is the number's own.
      const text = number && typeof tint !== 'number' ? number : `${mark} ${number}`.trim();
      if (!text) continue;
      context.fillStyle = css(inkOn(ramp(theme.kind, strengths[key], tint)));
      const [x, y] = [middleOf(keys, key), middleOf(queries, query)];
      // A number that is cut off is another number.
      if (number && (x < step / 2.2 || x > keys.shown - step / 2.2)) continue;
      context.fillText(text, margin + x, margin + y);
    }
  }
  context.restore();
}

const middleOf = (window: Window, place: number) => ((place + 0.5) * window.size) / window.n - window.from;

/** "0.42", "−0.03"; nothing for what rounds to nothing, of which most cells are. */
function written(value: number): string {
  const size = Math.abs(value);
  return size < 0.005 ? '' : `${value < 0 ? '−' : ''}${size.toFixed(2)}`;
}
