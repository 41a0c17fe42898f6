/** Token labels along a matrix: rows at the left, columns above, turned. */
import { pixelOf } from '../core/axis';
import type { Visibility } from '../core/colour';
import { css, inkOn, ramp } from '../core/colour';
import type { Axes } from '../core/pool';
import type { Sheet } from '../core/sheets';
import { FAINTEST_MARKED, rowOf, tintMark } from '../core/sheets';
import type { Theme } from './theme';

/** Smallest and largest type, in CSS pixels. */
const SMALLEST = 7;
const LARGEST = 12;
/** Longest label, as a share of the side. */
const SHARE = 0.16;

/** Type size for so many tokens on a side. */
const typeSize = (n: number, side: number) => Math.min(LARGEST, (side * (1 - SHARE)) / n - 1);

/** Whether every token gets a label that can be read. */
export const fits = (n: number, side: number): boolean => typeSize(n, side) >= SMALLEST;

/** Room that the labels take, in CSS pixels, with so many tokens on the longer side. */
export function labelMargin(labels: readonly string[], n: number, side: number): number {
  const longest = Math.max(...labels.map((label) => [...label].length));
  const advance = 0.62 * Math.min(LARGEST, typeSize(n, side));
  return Math.ceil(Math.min(side * SHARE, longest * advance + 6));
}

/** Draws all labels around a matrix whose top left corner is at (margin, margin), in device pixels. */
export function drawLabels(
  context: CanvasRenderingContext2D,
  labels: Readonly<Record<keyof Axes, readonly string[]>>,
  axes: Axes,
  margin: number,
  ratio: number,
  theme: Theme,
): void {
  const step = Math.min(axes.queries.size / axes.queries.n, axes.keys.size / axes.keys.n);
  const size = Math.min(LARGEST * ratio, step - ratio);
  context.font = `${size}px ${theme.font}`;
  context.fillStyle = theme.faint;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  const room = margin - 4 * ratio;
  const edge = margin - 3 * ratio;
  const middle = (axis: Axes[keyof Axes], token: number) =>
    margin + pixelOf(axis, token) + axis.size / axis.n / 2;
  labels.queries.forEach((label, query) =>
    context.fillText(shortened(context, label, room), edge, middle(axes.queries, query)),
  );
  context.textAlign = 'left';
  labels.keys.forEach((label, key) => {
    context.save();
    context.translate(middle(axes.keys, key), edge);
    context.rotate(-Math.PI / 2);
    context.fillText(shortened(context, label, room), 0, 0);
    context.restore();
  });
}

/** A label cut to so many pixels in the font that is set. */
export function shortened(context: CanvasRenderingContext2D, label: string, room: number): string {
  if (context.measureText(label).width <= room) return label;
  const characters = [...label];
  while (characters.length > 1 && context.measureText(`${characters.join('')}…`).width > room)
    characters.pop();
  return `${characters.join('')}…`;
}

/** Smallest cell that a letter can be read in, in CSS pixels. */
const MARKED_CELL = 11;

/** Writes into each strong cell which sheet it is of, where cells have room: colour alone must not tell. */
export function drawMarks(
  context: CanvasRenderingContext2D,
  sheets: readonly Sheet[],
  visibility: Visibility,
  { queries, keys }: Axes,
  margin: number,
  ratio: number,
  theme: Theme,
): void {
  const step = Math.min(queries.size / queries.n, keys.size / keys.n);
  if (step < MARKED_CELL * ratio) return;
  context.font = `${Math.min(LARGEST * ratio, step * 0.7)}px ${theme.font}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (let query = 0; query < queries.n; query++) {
    const { strengths, sheet } = rowOf(sheets, query, false, visibility);
    for (let key = 0; key < keys.n; key++) {
      if (strengths[key] < FAINTEST_MARKED) continue;
      const { tint } = sheets[sheet[key]];
      context.fillStyle = css(inkOn(ramp(theme.kind, strengths[key], tint)));
      const x = margin + pixelOf(keys, key) + step / 2;
      context.fillText(tintMark(tint), x, margin + pixelOf(queries, query) + step / 2);
    }
  }
}
