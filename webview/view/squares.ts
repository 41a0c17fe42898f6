/** The pictures of the grid: a square a head, each of the part that is seen, and drawn a few a frame while that moves. */
import type { Overview } from '../core/attention';
import type { Window } from '../core/axis';
import { tokensIn } from '../core/axis';
import { blocksOf, finer, holds, isCoarse, partAround } from '../core/detail';
import type { Groups } from '../core/groups';
import type { GridLayout } from '../core/layout';
import { cellOrigin, headAt } from '../core/layout';
import type { Part, Windows } from '../core/part';
import { pooled } from '../core/pool';
import type { Viewport } from '../core/viewport';
import { along, ungrouped, whole, windowOf } from '../core/viewport';
import { element } from '../element';
import { columnsOf, rowsOf } from '../places';
import { clearOutside, drawCells, palette } from '../render/cells';
import { surface } from '../render/surface';
import type { Theme } from '../render/theme';
import { hidingMask } from '../sides';
import type { State } from '../state';
import { drawnDetail, drawnOverview, tokenPart } from '../state';
import { isLined } from './head';

/** What is drawn of the heads within one frame, while what is seen of them moves: cells, and as many for each pixel. */
const SLICE = 1 << 22;
const A_PIXEL = 4;

/** What is drawn: the cells of the whole, or of a part. */
interface Source {
  readonly overview: Overview;
  readonly part: Part | null;
}

export class Squares {
  readonly canvas = element('canvas', { 'aria-hidden': 'true' });
  private drawn: {
    readonly overview: Overview;
    readonly look: string;
    readonly layout: GridLayout;
    readonly source: Source;
    readonly seen: Windows;
  } | null = null;
  /** Heads whose square shows another part still, and the next one of them. */
  private left = 0;
  private next = 0;
  /** The part that finer cells were asked of. */
  private finer: Part | null = null;

  /**
   * @param detail asks for a part of the overview in finer cells; null where none is needed
   * @param again asks for another update with the next frame
   */
  constructor(
    private readonly detail: (part: Part | null) => void,
    private readonly again: () => void,
  ) {}

  /** @returns what of each square is seen */
  update(state: State, theme: Theme, layout: GridLayout): Windows {
    const { view } = state;
    const ratio = devicePixelRatio || 1;
    const overview = drawnOverview(view, state.scene!);
    const look = `${theme.kind} ${view.scale} ${view.threshold} ${view.pairing} ${ratio}`;
    const seen = seenOf(state, layout, ratio);
    const source = this.sourceOf(state, overview, seen);
    const { drawn } = this;
    const same = drawn?.overview === overview && drawn.look === look && drawn.layout === layout;
    if (!same) {
      surface(this.canvas, layout.width, layout.height);
      this.next = 0;
    }
    if (!same || drawn.source.overview !== source.overview || !sameSeen(drawn.seen, seen))
      this.left = layout.layers * layout.heads;
    this.drawn = { overview, look, layout, source, seen };
    if (this.left > 0) this.draw(theme, state, same ? SLICE : Infinity);
    return seen;
  }

  /** What was drawn is lost: all is drawn anew with the next update. */
  forget(): void {
    this.drawn = null;
  }

  /** As long as nothing is asked for that is finer, the cells of the whole. */
  private sourceOf({ view, scene }: State, overview: Overview, seen: Windows): Source {
    if (!isCoarse(overview, seen)) {
      this.finer = null;
      this.detail(null);
      return { overview, part: null };
    }
    const fits = this.finer && holds(this.finer, seen) && !isCoarse(finer(overview, this.finer), seen);
    if (!fits) this.finer = partAround(seen);
    this.detail(this.finer);
    const detail = drawnDetail(view, scene!);
    return detail && holds(detail.part, seen) ? detail : { overview, part: null };
  }

  /** Draws heads whose square shows another part still, as many as the price allows; the rest with the next frames. */
  private draw({ kind }: Theme, { view, scene }: State, price: number): void {
    const { source, seen, layout } = this.drawn!;
    const { layers, heads } = layout;
    const ratio = devicePixelRatio || 1;
    const context = this.canvas.getContext('2d')!;
    const colours = palette(kind, view);
    const part = tokenPart(view, scene!);
    const mask = hidingMask(scene!.picture);
    const each = priceOf(source.overview, seen);
    for (let paid = 0; this.left > 0 && (paid === 0 || paid + each <= price); paid += each) {
      const head = headAt(this.next, heads);
      const { x, y } = cellOrigin(layout, head);
      const cells = pooled(blocksOf(source.overview, head, source.part), seen.queries, seen.keys, mask);
      const [left, top] = [Math.round(x * ratio), Math.round(y * ratio)];
      drawCells(context, [cells], colours, left, top);
      if (part) clearOutside(context, part, seen, left, top);
      this.next = (this.next + 1) % (layers * heads);
      this.left--;
    }
    if (this.left > 0) this.again();
  }
}

/** What of every head is seen: the part that the head in focus shows, brought from words or lines to tokens. */
function seenOf(state: State, { across, down }: GridLayout, ratio: number): Windows {
  const { picture } = state.scene!;
  const { queries, keys } = picture.overview;
  const viewport = viewportOf(state);
  const { grain } = state.view;
  const on = (n: number, side: number, groups: Groups, way: 'x' | 'y'): Window =>
    windowOf({ n, size: Math.round(side * ratio) }, ungrouped(along(viewport, way), groups.starts));
  return {
    queries: on(queries, down, rowsOf(picture, grain).groups, 'y'),
    keys: on(keys, across, columnsOf(picture, grain).groups, 'x'),
  };
}

/** What of the matrix in focus is seen; of lines all. */
export const viewportOf = ({ view, scene }: State): Viewport =>
  isLined(view, scene!.picture) ? whole : scene!.viewport;

function sameSeen(a: Windows, b: Windows): boolean {
  const same = (one: Window, other: Window) => one.size === other.size && one.from === other.from;
  return same(a.queries, b.queries) && same(a.keys, b.keys);
}

/** What a square takes to be drawn. */
function priceOf({ cell }: Overview, { queries, keys }: Windows): number {
  const [cells, pixels] = [queries, keys].reduce(
    ([cells, pixels], window) => {
      const [first, last] = tokensIn(window);
      return [(cells * (last - first + 1)) / cell, pixels * window.shown];
    },
    [1, 1],
  );
  return cells + A_PIXEL * pixels;
}
