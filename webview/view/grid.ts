/** The grid "Heads by layers": every head's whole pattern at once. Canvas for the pictures, elements for who listens. */
import type { Head } from '../core/attention';
import { headName, headOffset, sameHead } from '../core/attention';
import { endOf, pixelOf } from '../core/axis';
import type { ThemeKind } from '../core/colour';
import type { GridLayout } from '../core/layout';
import { cellOrigin, layoutGrid } from '../core/layout';
import type { HeadMeasures } from '../core/measures';
import type { Axes } from '../core/pool';
import { pool } from '../core/pool';
import { element, setAttribute } from '../element';
import { drawCells, palette } from '../render/cells';
import { surface } from '../render/surface';
import type { Theme } from '../render/theme';
import type { Picture, State } from '../state';
import { toldToken } from '../state';

export interface GridActions {
  preview(head: Head | null): void;
  focus(head: Head): void;
  /** Moves the token told by so many places. */
  moveToken(by: number): void;
}

/** Least share of the weight on the first token that is worth a word: the "attention sink". */
const SINK = 0.5;

export class GridView {
  readonly root: HTMLElement;
  private readonly grid = element('div', { role: 'grid', 'aria-label': 'Heads by layers', class: 'grid' });
  private readonly cells = element('canvas', { 'aria-hidden': 'true' });
  private readonly overlay = element('canvas', { 'aria-hidden': 'true', class: 'overlay' });
  private gridcells: HTMLElement[] = [];
  private layout: GridLayout | null = null;
  private drawn: { picture: Picture; look: string; layout: GridLayout } | null = null;

  constructor(private readonly actions: GridActions) {
    this.root = element(
      'section',
      { class: 'heads' },
      element(
        'h2',
        {},
        'Heads by layers ',
        element(
          'span',
          { class: 'hint' },
          'each square: every token (down) attending to every token (across)',
        ),
      ),
      this.grid,
    );
    this.grid.addEventListener('pointerleave', () => actions.preview(null));
    this.grid.addEventListener('keydown', (event) => this.onKey(event));
  }

  /** @param room CSS pixels that the grid may take */
  update(state: State, theme: Theme, room: { width: number; height: number }): void {
    const { scene } = state;
    if (state.work.kind !== 'busy') setAttribute(this.grid, 'aria-busy', 'false');
    if (!scene) return;
    const { picture } = scene;
    const ratio = devicePixelRatio || 1;
    const { heads } = picture.overview;
    const layout = layoutGrid(picture.overview, { ...room, ratio });
    if (JSON.stringify(layout) !== JSON.stringify(this.layout)) this.place(layout);
    const look = `${theme.kind} ${state.view.scale} ${ratio}`;
    const { drawn } = this;
    if (drawn?.picture !== picture || drawn.look !== look || drawn.layout !== this.layout) {
      this.draw(picture, theme.kind, state);
      this.drawn = { picture, look, layout: this.layout! };
      this.describe(picture.measures);
    }
    this.drawOverlay(state, theme);
    this.gridcells.forEach((cell, i) => {
      const focused = sameHead(scene.focus, headAt(i, heads));
      setAttribute(cell, 'aria-selected', String(focused));
      setAttribute(cell, 'tabindex', focused ? '0' : '-1');
    });
  }

  /** At once, not with the next frame: whoever asked must not take the old picture for the answer. */
  busy(): void {
    setAttribute(this.grid, 'aria-busy', 'true');
  }

  focusCell(): void {
    this.gridcells.find((cell) => cell.tabIndex === 0)?.focus();
  }

  /** Makes the cells anew and puts them where the layout has them. */
  private place(layout: GridLayout): void {
    const before = this.layout;
    this.layout = layout;
    const { layers, heads, across, down } = layout;
    this.grid.style.width = `${layout.width}px`;
    this.grid.style.height = `${layout.height}px`;
    if (layers !== before?.layers || heads !== before.heads) this.makeCells(layers, heads);
    this.gridcells.forEach((gridcell, i) => {
      const { x, y } = cellOrigin(layout, headAt(i, heads));
      position(gridcell, x, y, across, down);
    });
    const numbers = this.grid.querySelectorAll<HTMLElement>('.number');
    for (let head = 0; head < heads; head++) {
      const { x } = cellOrigin(layout, { layer: 0, head });
      position(numbers[head], x, 0, across, 18);
    }
    for (let layer = 0; layer < layers; layer++) {
      const { y } = cellOrigin(layout, { layer, head: 0 });
      position(numbers[heads + layer], 0, y, 18, down);
    }
  }

  private makeCells(layers: number, heads: number): void {
    this.gridcells = [];
    const rows: HTMLElement[] = [];
    for (let layer = 0; layer < layers; layer++) {
      const row = element('div', { role: 'row' });
      for (let head = 0; head < heads; head++) {
        const cell = element('div', {
          role: 'gridcell',
          'aria-label': `Layer ${layer} head ${head}`,
          class: 'cell',
        });
        cell.addEventListener('pointerenter', () => this.actions.preview({ layer, head }));
        cell.addEventListener('click', () => {
          this.actions.focus({ layer, head });
          cell.focus({ preventScroll: true });
        });
        this.gridcells.push(cell);
        row.append(cell);
      }
      rows.push(row);
    }
    const number = (axis: string, i: number) =>
      element('span', { class: `number ${axis}`, 'aria-hidden': 'true' }, String(i));
    this.grid.replaceChildren(
      this.cells,
      this.overlay,
      ...Array.from({ length: heads }, (_, i) => number('across', i)),
      ...Array.from({ length: layers }, (_, i) => number('down', i)),
      ...rows,
    );
  }

  private draw(picture: Picture, kind: ThemeKind, state: State): void {
    const layout = this.layout!;
    const { context, ratio } = surface(this.cells, layout.width, layout.height);
    const colours = palette(kind, state.view.scale);
    const { overview, mask } = picture;
    const axes = axesOf(picture, layout, ratio);
    for (let i = 0; i < this.gridcells.length; i++) {
      const head = headAt(i, layout.heads);
      const { x, y } = cellOrigin(layout, head);
      const pooled = pool(overview.bytes, headOffset(overview, head), axes, mask);
      drawCells(context, pooled, colours, Math.round(x * ratio), Math.round(y * ratio));
    }
  }

  /** The told token's row (or column, reversed) in every cell, and the focused head's frame. */
  private drawOverlay({ scene, view }: State, theme: Theme): void {
    const layout = this.layout!;
    const { context, ratio } = surface(this.overlay, layout.width, layout.height);
    const { picture, focus, preview } = scene!;
    const { queries, keys } = axesOf(picture, layout, ratio);
    const [width, height] = [keys.size, queries.size];
    const axis = view.reversed ? keys : queries;
    const token = toldToken(scene!);
    for (let i = 0; i < this.gridcells.length; i++) {
      const head = headAt(i, layout.heads);
      const at = cellOrigin(layout, head);
      const [x, y] = [Math.round(at.x * ratio), Math.round(at.y * ratio)];
      if (token !== null) {
        const from = pixelOf(axis, token);
        const thick = Math.max(1, endOf(axis, token) - from);
        context.strokeStyle = theme.foreground;
        context.globalAlpha = 0.55;
        context.lineWidth = 1;
        if (view.reversed) context.strokeRect(x + from - 0.5, y - 0.5, thick + 1, height + 1);
        else context.strokeRect(x - 0.5, y + from - 0.5, width + 1, thick + 1);
        context.globalAlpha = 1;
      }
      const framed = sameHead(head, focus) ? 2 * ratio : sameHead(head, preview) ? ratio : 0;
      if (framed) {
        context.strokeStyle = theme.accent;
        context.lineWidth = framed;
        context.strokeRect(x - framed / 2, y - framed / 2, width + framed, height + framed);
      }
    }
  }

  private describe(measures: readonly HeadMeasures[]): void {
    measures.forEach(({ distance, sink }, i) => {
      const far = `looks ${distance.toFixed(1)} tokens away on average`;
      const description = sink >= SINK ? `${Math.round(sink * 100)} % on the first token; ${far}` : far;
      setAttribute(this.gridcells[i], 'aria-description', description);
      setAttribute(this.gridcells[i], 'title', `${headName(headAt(i, this.layout!.heads))}: ${description}`);
    });
  }

  private onKey(event: KeyboardEvent): void {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const from = this.gridcells.indexOf(document.activeElement as HTMLElement);
    if (from < 0 || !this.layout || event.ctrlKey || event.metaKey || event.altKey) return;
    const { layers, heads } = this.layout;
    if (step && event.shiftKey) {
      this.actions.moveToken(step[0] + step[1]);
    } else if (step) {
      const layer = Math.floor(from / heads) + step[0];
      const head = (from % heads) + step[1];
      if (layer >= 0 && layer < layers && head >= 0 && head < heads) {
        this.actions.focus({ layer, head });
        this.gridcells[layer * heads + head].focus();
      }
    } else if (event.key === 'Enter' || event.key === ' ') {
      this.actions.focus(headAt(from, heads));
    } else return;
    event.preventDefault();
  }
}

const headAt = (i: number, heads: number): Head => ({ layer: Math.floor(i / heads), head: i % heads });

/** Where every cell's matrix is drawn, in device pixels from its corner. */
function axesOf({ overview }: Picture, { across, down }: GridLayout, ratio: number): Axes {
  return {
    queries: { n: overview.queries, size: Math.round(down * ratio) },
    keys: { n: overview.keys, size: Math.round(across * ratio) },
  };
}

function position(on: HTMLElement, x: number, y: number, width: number, height: number): void {
  on.style.left = `${x}px`;
  on.style.top = `${y}px`;
  on.style.width = `${width}px`;
  on.style.height = `${height}px`;
}
