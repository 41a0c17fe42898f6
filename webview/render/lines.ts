/** Links between two columns of text: queries at the left, keys at the right, wide and opaque by weight. */
import type { Tint, Visibility } from '../core/colour';
import { css, ramp, visibly } from '../core/colour';
import type { Sheet } from '../core/sheets';
import type { Theme } from './theme';

/** Where the lines are, in device pixels: all rows are alike, and the same in both columns. */
export interface Columns {
  /** Right edge of the queries, left edge of the keys. */
  readonly left: number;
  readonly right: number;
  readonly row: number;
  readonly ratio: number;
}

/** Weaker links than this, on the scale in use, are not drawn. */
const FAINTEST = 1 / 32;
const WIDEST = 4;

/** What tells the lines of an overlay and of a difference apart besides colour; lengths in CSS pixels. */
function dashes(tint: Tint): readonly number[] {
  if (typeof tint === 'number') return [[], [7, 3], [2, 3], [9, 3, 2, 3], [4, 6]][tint];
  return tint === 'less' ? [6, 4] : [];
}

/** Draws the links of every query, or of one token only: as a query, or, reversed, as a key. */
export function drawLines(
  context: CanvasRenderingContext2D,
  sheets: readonly Sheet[],
  { left, right, row, ratio }: Columns,
  { scale, threshold }: Visibility,
  { kind }: Theme,
  only: { readonly token: number; readonly reversed: boolean } | null,
): void {
  const middle = (left + right) / 2;
  for (const { weights, keys, tint } of sheets) {
    context.setLineDash(dashes(tint).map((length) => length * ratio));
    weights.forEach((weight, pair) => {
      const key = pair % keys;
      const query = (pair - key) / keys;
      if (only && (only.reversed ? key : query) !== only.token) return;
      const strength = visibly(weight, scale, threshold);
      if (strength < FAINTEST) return;
      const [from, to] = [(query + 0.5) * row, (key + 0.5) * row];
      context.globalAlpha = 0.2 + 0.8 * strength;
      context.strokeStyle = css(ramp(kind, 0.35 + 0.5 * strength, tint));
      context.lineWidth = ratio * (0.5 + (WIDEST - 0.5) * strength);
      context.beginPath();
      context.moveTo(left, from);
      context.bezierCurveTo(middle, from, middle, to, right, to);
      context.stroke();
    });
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
}

/** Draws both columns; what is told stands out. */
export function drawColumns(
  context: CanvasRenderingContext2D,
  labels: { readonly queries: readonly string[]; readonly keys: readonly string[] },
  { left, right, row, ratio }: Columns,
  { font, faint }: Theme,
): void {
  context.font = `${Math.min(13 * ratio, row - 2 * ratio)}px ${font}`;
  context.fillStyle = faint;
  context.textBaseline = 'middle';
  const column = (texts: readonly string[], align: CanvasTextAlign, x: number) => {
    context.textAlign = align;
    texts.forEach((label, token) => context.fillText(label, x, (token + 0.5) * row));
  };
  column(labels.queries, 'right', left - 4 * ratio);
  column(labels.keys, 'left', right + 4 * ratio);
}
