/** The head in focus: its matrix, with the tokens as labels where they fit, and the weight of the pair pointed at. */
import type { Matrix } from '../core/attention';
import { headName, isOpen, sameHead, toBytes } from '../core/attention';
import { endOf, pixelOf, tokenOf } from '../core/axis';
import { visible } from '../core/names';
import type { Axes } from '../core/pool';
import { pool } from '../core/pool';
import { element, setAttribute } from '../element';
import { drawCells, drawLegend, palette } from '../render/cells';
import { drawLabels, fits, labelMargin } from '../render/labels';
import { surface } from '../render/surface';
import type { Theme } from '../render/theme';
import type { Scene, State } from '../state';
import { shownHead, toldToken } from '../state';

export interface HeadActions {
  point(token: number | null): void;
  pin(token: number): void;
}

/** Sides of the matrix in CSS pixels, labels included. */
const SMALLEST = 120;
const LARGEST = 640;

export interface Room {
  readonly width: number;
  readonly height: number;
}

interface Pair {
  readonly query: number;
  readonly key: number;
}

/** Where the matrix is: device pixels, inside a canvas with room for labels at the left and on top. */
interface Frame {
  readonly axes: Axes;
  readonly margin: number;
  readonly ratio: number;
}

export class HeadView {
  readonly root: HTMLElement;
  private readonly title = element('strong');
  private readonly subtitle = element('span', { class: 'hint' });
  private readonly cells = element('canvas', { role: 'img' });
  private readonly overlay = element('canvas', { 'aria-hidden': 'true', class: 'overlay' });
  private readonly legend = element('canvas', { 'aria-hidden': 'true', class: 'ramp' });
  private readonly readout = element('p', { class: 'readout' });
  private readonly maskedKey = element(
    'span',
    { class: 'masked-key' },
    element('i', { class: 'hatched' }),
    'masked',
  );
  private frame: Frame | null = null;
  private scene: Scene | null = null;
  private reversed = false;
  private drawn: { seen: Scene['seen']; look: string } | null = null;

  constructor(actions: HeadActions) {
    const stack = element('div', { class: 'stack' }, this.cells, this.overlay);
    this.root = element(
      'section',
      { class: 'head' },
      element('h2', {}, this.title, ' ', this.subtitle),
      stack,
      element('div', { class: 'legend' }, '0', this.legend, '1', this.maskedKey, this.readout),
    );
    stack.addEventListener('pointermove', (event) => {
      const pair = this.pairAt(event);
      actions.point(this.tokenIn(pair));
      this.tell(pair);
    });
    stack.addEventListener('pointerleave', () => {
      actions.point(null);
      this.tell(null);
    });
    stack.addEventListener('click', (event) => {
      const token = this.tokenIn(this.pairAt(event));
      if (token !== null) actions.pin(token);
    });
  }

  /** @param room CSS pixels that the matrix may take, with its labels */
  update(state: State, theme: Theme, room: Room): void {
    const { scene } = state;
    if (!scene) return;
    this.scene = scene;
    this.reversed = state.view.reversed;
    const head = shownHead(scene);
    this.title.textContent = headName(head);
    this.subtitle.textContent =
      `layer ${head.layer}, head ${head.head}` +
      (sameHead(head, scene.focus) ? '' : ' (pointing at it; click to keep)');
    this.maskedKey.hidden = scene.picture.mask !== 'causal';
    // Until the numbers have come the last picture stays: a flash of nothing would tell less.
    if (scene.seen) {
      const side = Math.max(SMALLEST, Math.min(room.width, room.height, LARGEST));
      const look = `${theme.kind} ${state.view.scale} ${side} ${devicePixelRatio} ${scene.picture.key}`;
      if (this.drawn?.seen !== scene.seen || this.drawn.look !== look) {
        this.draw(state, scene, scene.seen, theme, side);
        this.drawn = { seen: scene.seen, look };
      }
      this.drawOverlay(state, scene, theme);
    }
  }

  private draw(
    state: State,
    scene: Scene,
    { queries, keys, weights }: Matrix,
    theme: Theme,
    side: number,
  ): void {
    const { picture } = scene;
    const longer = Math.max(queries, keys);
    const ratio = devicePixelRatio || 1;
    const labels = picture.tokens.map(({ text }) => visible(text));
    const margin = fits(longer, side) ? labelMargin(labels, side) : 0;
    const room = Math.floor((side - margin) * ratio);
    // Whole pixels a token where there are a few, so that all cells are alike.
    const pixels = room >= 2 * longer ? Math.floor(room / longer) : room / longer;
    const axes: Axes = {
      queries: { n: queries, size: Math.max(1, Math.floor(pixels * queries)) },
      keys: { n: keys, size: Math.max(1, Math.floor(pixels * keys)) },
    };
    const at = Math.round(margin * ratio);
    this.frame = { axes, margin: at, ratio };

    const { context } = surface(this.cells, (at + axes.keys.size) / ratio, (at + axes.queries.size) / ratio);
    const bytes = new Uint8Array(queries * keys);
    toBytes(weights, bytes, 0);
    const colours = palette(theme.kind, state.view.scale);
    drawCells(context, pool(bytes, 0, axes, picture.mask), colours, at, at);
    if (margin > 0) drawLabels(context, { queries: labels, keys: labels }, axes, at, ratio, theme);
    setAttribute(
      this.cells,
      'aria-label',
      `Attention of head ${headName(shownHead(scene))}, ${queries} by ${keys} tokens`,
    );
    drawLegend(surface(this.legend, 120, 8).context, colours);
  }

  /** The told token's row, or its column where the direction is reversed. */
  private drawOverlay({ view }: State, scene: Scene, theme: Theme): void {
    const { axes, margin, ratio } = this.frame!;
    const [width, height] = [margin + axes.keys.size, margin + axes.queries.size];
    const { context } = surface(this.overlay, width / ratio, height / ratio);
    const token = toldToken(scene);
    if (token === null) return;
    const axis = view.reversed ? axes.keys : axes.queries;
    const from = margin + pixelOf(axis, token);
    const thick = Math.max(2, endOf(axis, token) - pixelOf(axis, token));
    context.strokeStyle = theme.foreground;
    context.lineWidth = Math.max(1, Math.round(ratio));
    if (view.reversed) context.strokeRect(from, 0.5, thick, height - 1);
    else context.strokeRect(0.5, from, width - 1, thick);
  }

  /** The exact inverse of the layout: which query and key lie under the pointer; -1 for one that is on its labels. */
  private pairAt(event: MouseEvent): Pair | null {
    if (!this.frame || !this.scene) return null;
    const { axes, margin, ratio } = this.frame;
    const box = this.cells.getBoundingClientRect();
    const x = (event.clientX - box.left) * ratio - margin;
    const y = (event.clientY - box.top) * ratio - margin;
    if ((x < 0 && y < 0) || y >= axes.queries.size || x >= axes.keys.size) return null;
    return { query: y < 0 ? -1 : tokenOf(axes.queries, y), key: x < 0 ? -1 : tokenOf(axes.keys, x) };
  }

  /** The token that a pair tells of: its query, or, reversed, its key. A label tells of its own. */
  private tokenIn(pair: Pair | null): number | null {
    if (!pair) return null;
    const [first, second] = this.reversed ? [pair.key, pair.query] : [pair.query, pair.key];
    return first >= 0 ? first : second;
  }

  private tell(pair: Pair | null): void {
    const { scene } = this;
    let text = '';
    if (pair && pair.key >= 0 && pair.query >= 0 && scene?.seen) {
      const { tokens, mask } = scene.picture;
      const weight = scene.seen.weights[pair.query * scene.seen.keys + pair.key];
      const name = (token: number) => visible(tokens[token].text);
      const value = isOpen(mask, pair.query, pair.key) ? weight.toPrecision(3) : 'masked';
      text = `${name(pair.query)} → ${name(pair.key)}: ${value}`;
    }
    this.readout.textContent = text;
  }
}
