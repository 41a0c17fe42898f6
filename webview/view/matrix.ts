/** A look as a matrix: queries downwards, keys across, with the tokens as labels where they fit. */
import { toBytes } from '../core/attention';
import { endOf, pixelOf, tokenOf } from '../core/axis';
import type { Axes } from '../core/pool';
import { pool } from '../core/pool';
import { element, setAttribute } from '../element';
import { drawCells, palette } from '../render/cells';
import { drawLabels, drawMarks, fits, labelMargin } from '../render/labels';
import { surface } from '../render/surface';
import type { Content, Drawing, Pair } from './drawing';

/** Sides of the matrix in CSS pixels, labels included. */
const SMALLEST = 120;
const LARGEST = 640;

/** Where the matrix is: device pixels, inside a canvas with room for labels at the left and on top. */
interface Frame {
  readonly axes: Axes;
  readonly margin: number;
  readonly ratio: number;
  readonly ink: string;
}

export class MatrixView implements Drawing {
  private readonly cells = element('canvas', { role: 'img' });
  private readonly overlay = element('canvas', { 'aria-hidden': 'true', class: 'overlay' });
  readonly root = element('div', { class: 'stack' }, this.cells, this.overlay);
  private frame: Frame | null = null;

  draw({ sheets, labels, name, mask, visibility, theme, room }: Content): void {
    const { queries, keys } = sheets[0];
    const side = Math.max(SMALLEST, Math.min(room.width, room.height, LARGEST));
    const longer = Math.max(queries, keys);
    const ratio = devicePixelRatio || 1;
    const margin = fits(longer, side) ? labelMargin([...labels.queries, ...labels.keys], longer, side) : 0;
    const across = Math.floor((side - margin) * ratio);
    // Whole pixels a token where there are a few, so that all cells are alike.
    const pixels = across >= 2 * longer ? Math.floor(across / longer) : across / longer;
    const axes: Axes = {
      queries: { n: queries, size: Math.max(1, Math.floor(pixels * queries)) },
      keys: { n: keys, size: Math.max(1, Math.floor(pixels * keys)) },
    };
    const at = Math.round(margin * ratio);
    this.frame = { axes, margin: at, ratio, ink: theme.foreground };

    const { context } = surface(this.cells, (at + axes.keys.size) / ratio, (at + axes.queries.size) / ratio);
    const pooled = sheets.map(({ weights }) => {
      const bytes = new Uint8Array(weights.length);
      toBytes(weights, bytes, 0);
      return pool(bytes, 0, axes, mask);
    });
    const tints = sheets.map(({ tint }) => tint);
    drawCells(context, pooled, palette(theme.kind, visibility, tints), at, at);
    if (sheets.length > 1) drawMarks(context, sheets, visibility, axes, at, ratio, theme);
    if (margin > 0) drawLabels(context, labels, axes, at, ratio, theme);
    setAttribute(this.cells, 'aria-label', `Attention of ${name}, ${queries} by ${keys} tokens`);
  }

  mark(token: number | null, reversed: boolean): void {
    const { axes, margin, ratio, ink } = this.frame!;
    const [width, height] = [margin + axes.keys.size, margin + axes.queries.size];
    const { context } = surface(this.overlay, width / ratio, height / ratio);
    if (token === null) return;
    const axis = reversed ? axes.keys : axes.queries;
    const from = margin + pixelOf(axis, token);
    const thick = Math.max(2, endOf(axis, token) - pixelOf(axis, token));
    context.strokeStyle = ink;
    context.lineWidth = Math.max(1, Math.round(ratio));
    if (reversed) context.strokeRect(from, 0.5, thick, height - 1);
    else context.strokeRect(0.5, from, width - 1, thick);
  }

  pairAt(event: MouseEvent): Pair | null {
    if (!this.frame) return null;
    const { axes, margin, ratio } = this.frame;
    const box = this.cells.getBoundingClientRect();
    const x = (event.clientX - box.left) * ratio - margin;
    const y = (event.clientY - box.top) * ratio - margin;
    if ((x < 0 && y < 0) || y >= axes.queries.size || x >= axes.keys.size) return null;
    return { query: y < 0 ? -1 : tokenOf(axes.queries, y), key: x < 0 ? -1 : tokenOf(axes.keys, x) };
  }
}
