/** A look as a matrix: queries downwards, keys across, with the tokens as labels where they fit; any part of it, magnified. */
import { Again } from '../again';
import type { Window } from '../core/axis';
import { pixelsIn, tokenOf } from '../core/axis';
import type { Mask } from '../core/attention';
import { Pyramid } from '../core/pyramid';
import type { Sheet } from '../core/sheets';
import type { Place } from '../core/viewport';
import { along, isWhole, whole, windowOf } from '../core/viewport';
import { element, setAttribute, setHidden } from '../element';
import { clearOutside, drawCells, palette } from '../render/cells';
import { drawLabels, drawMarks, labelMargin } from '../render/labels';
import { drawView } from '../render/map';
import { surface } from '../render/surface';
import type { Content, Drawing, Marked, Pair } from './drawing';

/** Sides of the matrix in CSS pixels, labels included. */
const SMALLEST = 120;
const LARGEST = 640;
/** A cell at the largest zoom, in CSS pixels. */
const CELL = 56;
/** Between the map, which has the corner between the labels, and the matrix, in CSS pixels. */
const GAP = 6;
/** Pairs that are read within one frame: about 10 ms of a slow processor. */
const SLICE = 1 << 21;

/** Where the matrix is: device pixels, inside a canvas with room for labels at the left and on top. */
interface Frame {
  readonly queries: Window;
  readonly keys: Window;
  readonly margin: number;
  readonly ratio: number;
  readonly ink: string;
  readonly accent: string;
}

export class MatrixView implements Drawing {
  private readonly cells = element('canvas', { role: 'img' });
  private readonly overlay = element('canvas', { 'aria-hidden': 'true', class: 'overlay' });
  /** The whole, with a frame around what is seen of it. */
  readonly map = element('canvas', { 'aria-hidden': 'true', class: 'map' });
  readonly root = element('div', { class: 'stack' }, this.cells, this.overlay, this.map);
  /** What the map shows but for that frame: drawn once, whatever moves over it. */
  private readonly small = element('canvas');
  private mapped = new Again();
  private frame: Frame | null = null;
  private read: { sheets: readonly Sheet[]; mask: Mask; pyramids: readonly Pyramid[] } | null = null;
  /** The largest zoom that still shows something new. */
  most = 1;

  draw(content: Content): boolean {
    const { sheets, part, labels, name, mask, visibility, theme, room, viewport, values } = content;
    if (this.read?.sheets !== sheets || this.read.mask !== mask)
      this.read = { sheets, mask, pyramids: sheets.map((sheet) => new Pyramid(sheet, mask)) };
    const { pyramids } = this.read;
    if (!pyramids.map((pyramid) => pyramid.grow(SLICE / sheets.length)).every(Boolean)) return false;

    const { queries, keys } = sheets[0];
    const side = Math.max(SMALLEST, Math.min(room.width, room.height, LARGEST));
    const longer = Math.max(queries, keys);
    const ratio = devicePixelRatio || 1;
    const margin = labelMargin(labels, side);
    const across = Math.floor((side - margin) * ratio);
    // Whole pixels a token where there are a few, so that all cells are alike.
    const pixels = across >= 2 * longer ? Math.floor(across / longer) : across / longer;
    const axis = (n: number) => ({ n, size: Math.max(1, Math.floor(pixels * n)) });
    const axes = { queries: axis(queries), keys: axis(keys) };
    this.most = Math.max(1, (CELL * ratio) / pixels);
    const seen = {
      queries: windowOf(axes.queries, along(viewport, 'y')),
      keys: windowOf(axes.keys, along(viewport, 'x')),
    };
    const at = Math.round(margin * ratio);
    this.frame = { ...seen, margin: at, ratio, ink: theme.foreground, accent: theme.accent };

    const { context } = surface(this.cells, (at + axes.keys.size) / ratio, (at + axes.queries.size) / ratio);
    const colours = palette(
      theme.kind,
      visibility,
      sheets.map(({ tint }) => tint),
    );
    const pooled = pyramids.map((pyramid) => pyramid.pooled(seen.queries, seen.keys));
    drawCells(context, pooled, colours, at, at);
    drawMarks(context, { sheets, values, mask, visibility }, seen, at, ratio, theme);
    // With the numbers that are written there.
    if (part) clearOutside(context, part, seen, at, at);
    drawLabels(context, labels, seen, at, ratio, theme);
    setAttribute(this.cells, 'aria-label', `Attention of ${name}, ${queries} by ${keys} ${content.unit}`);
    this.drawMap(content, margin - GAP);
    return true;
  }

  private drawMap({ viewport, sheets, part, visibility, theme }: Content, side: number): void {
    setHidden(this.map, isWhole(viewport));
    this.root.classList.toggle('zoomed', !this.map.hidden);
    if (this.map.hidden) return;
    const { queries, keys } = sheets[0];
    const longer = Math.max(queries, keys);
    const sides = [keys, queries].map((n) => Math.max(4, (side * n) / longer)) as [number, number];
    const { context, ratio } = surface(this.map, ...sides);
    const { width, height } = context.canvas;
    const all = {
      queries: windowOf({ n: queries, size: height }, along(whole, 'y')),
      keys: windowOf({ n: keys, size: width }, along(whole, 'x')),
    };
    const { scale, threshold } = visibility;
    if (!this.mapped.same(this.read, JSON.stringify(part), theme.kind, scale, threshold, width, height)) {
      [this.small.width, this.small.height] = [width, height];
      const small = this.small.getContext('2d')!;
      const pooled = this.read!.pyramids.map((pyramid) => pyramid.pooled(all.queries, all.keys));
      const tints = sheets.map(({ tint }) => tint);
      drawCells(small, pooled, palette(theme.kind, visibility, tints), 0, 0);
      if (part) clearOutside(small, part, all, 0, 0);
    }
    context.drawImage(this.small, 0, 0);
    drawView(context, viewport, ratio, theme);
  }

  /** What was drawn is lost. */
  forget(): void {
    this.mapped = new Again();
  }

  mark({ told, reversed, link, found }: Marked): void {
    if (!this.frame) return;
    const { queries, keys, margin, ratio, ink, accent } = this.frame;
    const [width, height] = [margin + keys.shown, margin + queries.shown];
    const { context } = surface(this.overlay, width / ratio, height / ratio);
    const line = Math.max(1, Math.round(ratio));
    // Matches: a tick at the edge of each row and column that has one.
    context.fillStyle = accent;
    const tick = 3 * line;
    for (const query of found.queries) {
      const [from, to] = pixelsIn(queries, query);
      if (to > from) context.fillRect(margin - tick, margin + from, tick, Math.max(line, to - from));
    }
    for (const key of found.keys) {
      const [from, to] = pixelsIn(keys, key);
      if (to > from) context.fillRect(margin + from, margin - tick, Math.max(line, to - from), tick);
    }
    context.strokeStyle = ink;
    context.lineWidth = line;
    if (told !== null) {
      const [from, to] = pixelsIn(reversed ? keys : queries, told);
      const thick = Math.max(2, to - from);
      if (to > from && reversed) context.strokeRect(margin + from, 0.5, thick, height - 1);
      else if (to > from) context.strokeRect(0.5, margin + from, width - 1, thick);
    }
    if (!link) return;
    const [top, bottom] = pixelsIn(queries, link.query);
    const [left, right] = pixelsIn(keys, link.key);
    if (top >= bottom || left >= right) return;
    // Large enough to be found, also where a pair is a pixel.
    const box = Math.max(right - left, bottom - top, 9 * line);
    const [x, y] = [(left + right) / 2 + margin, (top + bottom) / 2 + margin];
    context.strokeStyle = accent;
    context.lineWidth = 2 * line;
    context.strokeRect(x - box / 2 - line, y - box / 2 - line, box + 2 * line, box + 2 * line);
  }

  pairAt(event: MouseEvent): Pair | null {
    if (!this.frame) return null;
    const { queries, keys, margin, ratio } = this.frame;
    const box = this.cells.getBoundingClientRect();
    const x = (event.clientX - box.left) * ratio - margin;
    const y = (event.clientY - box.top) * ratio - margin;
    if ((x < 0 && y < 0) || y >= queries.shown || x >= keys.shown) return null;
    return {
      query: y < 0 ? -1 : tokenOf(queries, queries.from + y),
      key: x < 0 ? -1 : tokenOf(keys, keys.from + x),
    };
  }

  /** Where a pointer is in the frame, labels left out. */
  placeAt(event: MouseEvent): Place {
    const { queries, keys, margin, ratio } = this.frame!;
    const box = this.cells.getBoundingClientRect();
    const share = (at: number, size: number) => Math.max(0, Math.min(1, (at * ratio - margin) / size));
    return {
      x: share(event.clientX - box.left, keys.shown),
      y: share(event.clientY - box.top, queries.shown),
    };
  }

  /** Sides of the frame in CSS pixels. */
  get size(): { readonly width: number; readonly height: number } {
    const { queries, keys, ratio } = this.frame!;
    return { width: keys.shown / ratio, height: queries.shown / ratio };
  }

  get isDrawn(): boolean {
    return this.frame !== null;
  }
}
