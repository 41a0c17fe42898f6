/** The grid "Heads by layers": every head's whole pattern at once. Canvas for the pictures, elements for who listens. */
import type { Head } from '../core/attention';
import { headName, sameHead } from '../core/attention';
import { pixelsIn } from '../core/axis';
import { css, inkOn, overlayName, ramp } from '../core/colour';
import type { GridLayout } from '../core/layout';
import { cellOrigin, headAt, layoutGrid } from '../core/layout';
import type { Part, Windows } from '../core/part';
import { tintMark } from '../core/sheets';
import type { Place } from '../core/viewport';
import { along, isWhole, rangeOf } from '../core/viewport';
import { element, setAttribute, setText } from '../element';
import { surface } from '../render/surface';
import type { Theme } from '../render/theme';
import type { Picture } from '../picture';
import type { Places } from '../places';
import { columnsOf, rowsOf } from '../places';
import type { State } from '../state';
import { isAcross } from '../sides';
import { lookOf, overlaidOf, toldToken } from '../state';
import type { Frame, Seen, Steer } from './gestures';
import { Gestures } from './gestures';
import { SINK } from './head';
import { percent } from './percent';
import { Squares, viewportOf } from './squares';

export interface GridActions {
  preview(head: Head | null): void;
  focus(head: Head): void;
  /** Pins a head for the overlay, or takes it off. */
  overlay(head: Head): void;
  /** Moves the token told by so many places. */
  moveToken(by: number): void;
  steer: Steer;
  /** Asks for a part of the overview in finer cells; null where none is needed. */
  detail(part: Part | null): void;
}

/** In smaller cells, in CSS pixels, the told token is marked in the head in focus only: forty frames hide what they frame. */
const FRAMED = 44;
const HINT = 'each square: every token (down) attending to every token (across)';

export class GridView implements Frame {
  readonly root: HTMLElement;
  private readonly grid = element('div', { role: 'grid', 'aria-label': 'Heads by layers', class: 'grid' });
  private readonly overlay = element('canvas', { 'aria-hidden': 'true', class: 'overlay' });
  private readonly squares: Squares;
  private gridcells: HTMLElement[] = [];
  private layout: GridLayout | null = null;
  private readonly hint = element('span', { class: 'hint' }, HINT);
  private described = '';
  private pointed: Head | null = null;
  /** Where the pointer was last, anywhere on the page. */
  private pointer = '';

  /**
   * @param zoomed what of the head in focus is seen: every square shows the same part
   * @param again asks for another update with the next frame
   */
  constructor(
    private readonly actions: GridActions,
    zoomed: Seen,
    again: () => void,
  ) {
    this.squares = new Squares(actions.detail, again);
    this.root = element(
      'section',
      { class: 'heads' },
      element('h2', {}, 'Heads by layers ', this.hint),
      this.grid,
    );
    new Gestures(this.grid, zoomed, this, actions.steer);
    this.grid.addEventListener('pointerleave', () => {
      this.pointed = null;
      actions.preview(null);
    });
    this.grid.addEventListener('keydown', (event) => this.onKey(event));
    // After the cells have heard of it: they compare with where it was before.
    for (const kind of ['pointermove', 'pointerup'] as const)
      document.addEventListener(kind, (event) => (this.pointer = placeOf(event)));
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
    const seen = this.squares.update(state, theme, this.layout!);
    this.drawOverlay(state, theme, seen);
    const hint = hintOf(state);
    setText(this.hint, hint);
    const overlaid = overlaidOf(state.view, scene);
    const description = `${picture.key} ${theme.kind} ${overlaid.map(headName)}`;
    if (description !== this.described) {
      this.described = description;
      this.describe(picture, overlaid, theme);
    }
    this.gridcells.forEach((cell, i) => {
      const focused = sameHead(scene.focus, headAt(i, heads));
      setAttribute(cell, 'aria-selected', String(focused));
      setAttribute(cell, 'tabindex', focused ? '0' : '-1');
    });
  }

  /** What was drawn is lost: all is drawn anew with the next update. */
  forget(): void {
    this.squares.forget();
  }

  /** At once, not with the next frame: whoever asked must not take the old picture for the answer. */
  busy(): void {
    setAttribute(this.grid, 'aria-busy', 'true');
  }

  focusCell(): void {
    this.gridcells.find((cell) => cell.tabIndex === 0)?.focus();
  }

  /** A pointer that rests points at nothing new: a list that closes under it may uncover a cell. */
  private pointAt(head: Head, event: PointerEvent): void {
    if (sameHead(head, this.pointed) || placeOf(event) === this.pointer) return;
    this.pointed = head;
    this.actions.preview(head);
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
    this.described = '';
    const rows: HTMLElement[] = [];
    for (let layer = 0; layer < layers; layer++) {
      const row = element('div', { role: 'row' });
      for (let head = 0; head < heads; head++) {
        const cell = element('div', {
          role: 'gridcell',
          'aria-label': `Layer ${layer} head ${head}`,
          class: 'cell',
        });
        cell.addEventListener('pointermove', (event) => this.pointAt({ layer, head }, event));
        cell.addEventListener('click', (event) => {
          if (event.ctrlKey || event.metaKey) this.actions.overlay({ layer, head });
          else this.actions.focus({ layer, head });
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
      this.squares.canvas,
      this.overlay,
      ...Array.from({ length: heads }, (_, i) => number('across', i)),
      ...Array.from({ length: layers }, (_, i) => number('down', i)),
      ...rows,
    );
  }

  /** Every square is a frame before the same part. */
  placeAt({ target, clientX, clientY }: MouseEvent): Place | null {
    const cell = this.gridcells.find((one) => one === target);
    if (!cell) return null;
    const { left, top, width, height } = cell.getBoundingClientRect();
    return { x: (clientX - left) / width, y: (clientY - top) / height };
  }

  get size() {
    return { width: this.layout!.across, height: this.layout!.down };
  }

  /** The told token's row (or column, reversed) in every cell, and the frame of what is looked at. */
  private drawOverlay({ scene, view }: State, theme: Theme, { queries, keys }: Windows): void {
    const layout = this.layout!;
    const { context, ratio } = surface(this.overlay, layout.width, layout.height);
    const { focus, preview } = scene!;
    const [width, height] = [keys.shown, queries.shown];
    const token = toldToken(scene!);
    const told = token === null ? [0, 0] : pixelsIn(view.reversed ? keys : queries, token);
    const thick = told[1] - told[0];
    for (let i = 0; i < this.gridcells.length; i++) {
      const head = headAt(i, layout.heads);
      const at = cellOrigin(layout, head);
      const [x, y] = [Math.round(at.x * ratio), Math.round(at.y * ratio)];
      const inFocus = sameHead(head, preview ?? focus);
      if (thick > 0 && (layout.down >= FRAMED || inFocus)) {
        context.strokeStyle = theme.foreground;
        context.globalAlpha = 0.55;
        context.lineWidth = 1;
        if (view.reversed) context.strokeRect(x + told[0] - 0.5, y - 0.5, thick + 1, height + 1);
        else context.strokeRect(x - 0.5, y + told[0] - 0.5, width + 1, thick + 1);
        context.globalAlpha = 1;
      }
      const framed = sameHead(head, focus) ? 2 * ratio : sameHead(head, preview) ? ratio : 0;
      if (framed) {
        context.strokeStyle = theme.accent;
        context.lineWidth = framed;
        context.strokeRect(x - framed / 2, y - framed / 2, width + framed, height + framed);
      }
    }
    const look = lookOf(view, scene!);
    const of = look.kind === 'difference' ? look.of : look;
    if (of.kind !== 'average' && of.kind !== 'maximum') return;
    // All heads that it is made of, in one frame.
    const last = { layer: of.layer ?? layout.layers - 1, head: layout.heads - 1 };
    const from = cellOrigin(layout, { layer: of.layer ?? 0, head: 0 });
    const to = cellOrigin(layout, last);
    const line = 2 * ratio;
    context.strokeStyle = theme.accent;
    context.lineWidth = line;
    context.strokeRect(
      from.x * ratio - line / 2,
      from.y * ratio - line / 2,
      (to.x - from.x) * ratio + width + line,
      (to.y - from.y) * ratio + height + line,
    );
  }

  /** What each cell says, and the letters of those that are pinned for the overlay. */
  private describe(picture: Picture, overlaid: readonly Head[], { kind }: Theme): void {
    picture.measures.forEach(({ distance, sink, confidence }, i) => {
      const cell = this.gridcells[i];
      const head = headAt(i, this.layout!.heads);
      const tint = overlaid.findIndex((one) => sameHead(one, head));
      const description = [
        tint < 0 ? '' : `pinned as ${tintMark(tint)}, ${overlayName(kind, tint)}`,
        sink >= SINK ? `${percent(sink)} on the first token` : '',
        // Nothing lies between the tokens of two texts.
        isAcross(picture) ? '' : `looks ${distance.toFixed(1)} tokens away on average`,
        // What Voita et al. 2019 call the confidence of a head.
        `${percent(confidence)} on the strongest link, the first token aside`,
      ]
        .filter(Boolean)
        .join('; ');
      setAttribute(cell, 'aria-description', description);
      setAttribute(cell, 'title', [headName(head), description].filter(Boolean).join(': '));
      setAttribute(cell, 'data-mark', tint < 0 ? null : tintMark(tint));
      if (tint < 0) return;
      const colour = ramp(kind, 1, tint);
      cell.style.setProperty('--mark', css(colour));
      cell.style.setProperty('--mark-ink', css(inkOn(colour)));
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
    } else if (event.key === 'o') {
      this.actions.overlay(headAt(from, heads));
    } else return;
    event.preventDefault();
  }
}

const placeOf = ({ screenX, screenY }: PointerEvent) => `${screenX} ${screenY}`;

/** "each square: lines 3–20 (down) attending to 1–17 (across)". */
function hintOf(state: State): string {
  const { view, scene } = state;
  const viewport = viewportOf(state);
  if (isWhole(viewport)) return HINT;
  const range = ({ numbers }: Places, way: 'x' | 'y') =>
    [...new Set(rangeOf(along(viewport, way), numbers.length).map((place) => numbers[place]))].join('–');
  const [rows, columns] = [rowsOf(scene!.picture, view.grain), columnsOf(scene!.picture, view.grain)];
  const unit = scene!.picture.sight ? 'tokens' : view.grain;
  return `each square: ${unit} ${range(rows, 'y')} (down) attending to ${range(columns, 'x')} (across)`;
}

function position(on: HTMLElement, x: number, y: number, width: number, height: number): void {
  on.style.left = `${x}px`;
  on.style.top = `${y}px`;
  on.style.width = `${width}px`;
  on.style.height = `${height}px`;
}
