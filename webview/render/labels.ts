/** Token labels along a matrix: rows at the left, columns above, turned. */
import type { Axis } from '../core/axis';
import { pixelOf } from '../core/axis';
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

/** Room that the labels take, in CSS pixels. */
export function labelMargin(labels: readonly string[], side: number): number {
  const longest = Math.max(...labels.map((label) => [...label].length));
  const advance = 0.62 * Math.min(LARGEST, typeSize(labels.length, side));
  return Math.ceil(Math.min(side * SHARE, longest * advance + 6));
}

/** Draws all labels around a matrix whose top left corner is at (margin, margin), in device pixels. */
export function drawLabels(
  context: CanvasRenderingContext2D,
  labels: readonly string[],
  axis: Axis,
  margin: number,
  ratio: number,
  theme: Theme,
): void {
  const step = axis.size / axis.n;
  const size = Math.min(LARGEST * ratio, step - ratio);
  context.font = `${size}px ${theme.font}`;
  context.fillStyle = theme.faint;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  const room = margin - 4 * ratio;
  labels.forEach((label, token) => {
    const middle = margin + pixelOf(axis, token) + step / 2;
    const text = shortened(context, label, room);
    context.fillText(text, margin - 3 * ratio, middle);
    context.save();
    context.translate(middle, margin - 3 * ratio);
    context.rotate(-Math.PI / 2);
    context.textAlign = 'left';
    context.fillText(text, 0, 0);
    context.restore();
  });
}

function shortened(context: CanvasRenderingContext2D, label: string, room: number): string {
  if (context.measureText(label).width <= room) return label;
  const characters = [...label];
  while (characters.length > 1 && context.measureText(`${characters.join('')}…`).width > room)
    characters.pop();
  return `${characters.join('')}…`;
}
