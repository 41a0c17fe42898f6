/** What is in focus: its matrix or its lines, the legend, and the weight of the pair pointed at. */
import { Again } from '../again';
import { headName, isOpen, sameHead, weightsOf } from '../core/attention';
import { css, inkOn, overlayName, ramp } from '../core/colour';
import type { Seen } from '../core/look';
import { lookName, maskOf } from '../core/look';
import { grainedSeen, sheetsOf, tintMark } from '../core/sheets';
import type { Viewport } from '../core/viewport';
import { element, replaceChildren, setAttribute, setText } from '../element';
import type { View } from '../choices';
import type { Tab } from '../inside';
import { named } from '../label';
import type { Grain, Places } from '../places';
import { columnsOf, grainedOf, rowsOf } from '../places';
import { drawLegend, palette } from '../render/cells';
import { surface } from '../render/surface';
import type { Theme } from '../render/theme';
import type { Side } from '../sides';
import { hidingMask, isAcross, keysOf, kindName, sidesOf } from '../sides';
import type { Picture } from '../picture';
import type { Scene, State } from '../state';
import { drawnBy, drawnPart, lookOf, redrawOf, shownHead } from '../state';
import { linkOf, toldOf } from '../told';
import { matchesOf } from '../found';
import type { Drawing, Marked, Pair, Room } from './drawing';
import { LinesView, MOST_LINED } from './lines';
import { MatrixView } from './matrix';
import type { Steer } from './gestures';
import { Zoom } from './zoom';

export interface HeadActions {
  point(token: number | null, side?: Side): void;
  pin(token: number, side: Side): void;
  hideSink(hidden: boolean): void;
  inside(tab: Tab | null): void;
  steer: Steer;
  /** Moves the token told by so many places. */
  movePlace(by: number): void;
  pinTold(): void;
}

/** Least share of the weight on the first token that is worth a word: the "attention sink". */
export const SINK = 0.5;

export class HeadView {
  readonly root: HTMLElement;
  private readonly title = element('strong');
  private readonly subtitle = element('span', { class: 'hint' });
  private readonly sink = element('p', { class: 'sink' });
  private readonly matrix = new MatrixView();
  private readonly lines = new LinesView();
  private readonly legend = element('div', { class: 'legend' });
  private readonly readout = element('p', { class: 'readout' });
  private shown: Drawing = this.matrix;
  private readonly place = element(
    'div',
    { class: 'place', role: 'group', 'aria-label': 'Head in focus', tabindex: '0' },
    this.shown.root,
  );
  readonly zoom: Zoom;
  private state: State | null = null;
  private drawn: { seen: Scene['seen']; look: string; viewport: Viewport } | null = null;

  /** Opens the section below, where the head is taken apart. */
  private readonly inside = element(
    'button',
    { type: 'button', class: 'fold', 'aria-keyshortcuts': 'i' },
    'Inside',
  );

  /** @param again asks for another update with the next frame */
  constructor(
    private readonly actions: HeadActions,
    private readonly again: () => void,
  ) {
    const { place } = this;
    this.zoom = new Zoom(place, this.matrix, actions.steer);
    setAttribute(
      place,
      'aria-description',
      'Arrows move the token; plus, minus and 0 zoom; Shift and arrows move what is seen',
    );
    this.inside.title = 'Open this head: its queries, keys and values, step by step (i)';
    this.inside.addEventListener('click', () => actions.inside(this.state?.view.inside ? null : 'row'));
    this.root = element(
      'section',
      { class: 'head' },
      element('div', { class: 'headline' }, element('h2', {}, this.title, ' ', this.subtitle), this.inside),
      this.sink,
      place,
      element('div', { class: 'below' }, this.legend, this.zoom.root),
      this.readout,
    );
    place.addEventListener('pointermove', (event) => {
      const pair = this.shown.pairAt(event);
      const told = this.tokenIn(pair);
      actions.point(told?.token ?? null, told?.side);
      this.tell(pair);
    });
    place.addEventListener('pointerleave', () => {
      actions.point(null);
      this.tell(null);
    });
    place.addEventListener('click', (event) => {
      // The second of a double click is for what that does.
      const told = event.detail > 1 ? null : this.tokenIn(this.shown.pairAt(event));
      if (told) actions.pin(told.token, told.side);
    });
    place.addEventListener('keydown', (event) => this.onKey(event));
  }

  /** @param room CSS pixels that the drawing may take, with its labels */
  update(state: State, theme: Theme, room: Room): void {
    const { scene, view } = state;
    if (!scene) return;
    this.state = state;
    setAttribute(this.inside, 'aria-expanded', String(view.inside !== null));
    const look = lookOf(view, scene);
    const name = lookName(look);
    setText(this.title, name);
    setText(this.subtitle, this.explain(state, scene));
    const { seen, picture, viewport } = scene;
    const lined = isLined(view, picture);
    this.zoom.update(viewport, !lined);
    // Until the numbers have come the last picture stays: a flash of nothing would tell less.
    if (!seen) return;
    const key = `${theme.kind} ${drawnBy(view, scene)} ${view.lines} ${room.width} ${room.height} ${devicePixelRatio} ${picture.key}`;
    const same = this.drawn?.seen === seen && this.drawn.look === key;
    if (!same || this.drawn!.viewport !== viewport) {
      this.choose(lined ? this.lines : this.matrix);
      const [rows, columns] = [rowsOf(picture, view.grain), columnsOf(picture, view.grain)];
      const grained = grainedOf(picture, view.grain);
      const part = drawnPart(view, scene);
      const done = this.shown.draw({
        sheets: sheetsOf(seen, redrawOf(view, scene), grained, part),
        part,
        values: grainedSeen(seen, grained),
        labels: {
          texts: { queries: rows.texts, keys: columns.texts },
          numbers: { queries: rows.numbers, keys: columns.numbers },
          longest: Math.max(rows.longest, columns.longest),
        },
        unit: view.grain,
        name: kindName(picture, look.kind === 'head' ? `head ${name}` : name),
        mask: maskOf(look, hidingMask(picture)),
        visibility: view,
        theme,
        room,
        viewport,
      });
      // So much is not read within one frame: what stands stays until it is.
      if (!done) return this.again();
      if (!same) this.drawLegend(state, theme);
      if (!same) this.nameSink(state, scene);
      this.drawn = { seen, look: key, viewport };
    }
    const told = toldOf(state);
    const link = told && linkOf(state);
    const { reversed } = view;
    this.shown.mark({
      told: told?.place ?? null,
      reversed,
      link:
        link && (reversed ? { query: link.place, key: told.place } : { query: told.place, key: link.place }),
      found: this.found(state),
    });
  }

  /** What was drawn is lost: all is drawn anew with the next update. */
  forget(): void {
    this.drawn = null;
    this.matrix.forget();
  }

  /** Rows and columns that hold what is searched for. */
  private found(state: State): Marked['found'] {
    const { scene, view } = state;
    const { picture } = scene!;
    const all = matchesOf(state);
    if (this.finding.same(all, picture, view.grain)) return this.lastFound;
    const { queries, keys } = sidesOf(picture);
    const on = (side: Side, { groups }: Places) =>
      side === 'source' ? [...new Set(all.map(([first]) => groups.of[first]))] : [];
    this.lastFound = {
      queries: on(queries, rowsOf(picture, view.grain)),
      keys: on(keys, columnsOf(picture, view.grain)),
    };
    return this.lastFound;
  }
  private readonly finding = new Again();
  private lastFound: Marked['found'] = { queries: [], keys: [] };

  private choose(drawing: Drawing): void {
    if (drawing === this.shown) return;
    this.shown = drawing;
    this.place.replaceChildren(drawing.root);
  }

  private explain({ view }: State, scene: Scene): string {
    const { layer, head } = shownHead(scene);
    const look = lookOf(view, scene);
    const of = look.kind === 'difference' ? look.of : look;
    const what = kindName(scene.picture, of.kind === 'head' ? `layer ${layer}, head ${head}` : '');
    const pointing =
      scene.preview && !sameHead(scene.preview, scene.focus) ? 'pointing at it; click to keep' : '';
    const long =
      view.lines && longer(scene.picture, view.grain) > MOST_LINED
        ? `lines are for up to ${MOST_LINED} ${view.grain}`
        : '';
    const none =
      view.scope === 'overlay' && look.kind !== 'overlay' && !scene.preview
        ? 'no head is pinned yet: Ctrl+click squares, or o on them'
        : '';
    return [what, pointing, long, none].filter(Boolean).join(' · ');
  }

  private drawLegend({ view, scene }: State, theme: Theme): void {
    const { look } = scene!.seen!;
    const sheets = sheetsOf(
      scene!.seen!,
      redrawOf(view, scene!),
      grainedOf(scene!.picture, view.grain),
      drawnPart(view, scene!),
    );
    const parts: (Node | string)[] = [];
    if (look.kind === 'overlay') {
      look.heads.forEach((head, tint) => {
        const colour = ramp(theme.kind, 1, tint);
        const swatch = element('b', { class: 'swatch' }, tintMark(tint));
        swatch.style.backgroundColor = css(colour);
        swatch.style.color = css(inkOn(colour));
        const entry = element('span', { class: 'entry' }, swatch, headName(head));
        entry.title = `${headName(head)}: ${overlayName(theme.kind, tint)}`;
        parts.push(entry);
      });
    } else {
      const ramps = element('canvas', { 'aria-hidden': 'true', class: 'ramp' });
      const tints = sheets.map(({ tint }) => tint);
      drawLegend(surface(ramps, 120, 8).context, palette(theme.kind, view, tints));
      if (look.kind === 'difference') parts.push('−1, more if bidirectional', ramps, '+1, more if causal');
      else parts.push('0', ramps, '1');
    }
    if (maskOf(look, hidingMask(scene!.picture)) === 'causal' && this.shown === this.matrix)
      parts.push(element('span', { class: 'masked-key' }, element('i', { class: 'hatched' }), 'masked'));
    if (view.threshold > 0) parts.push(element('span', {}, `under ${view.threshold} not drawn`));
    this.legend.replaceChildren(...parts);
  }

  /** Says where most of the weight rests on the first token, or that the first token is left out. */
  private nameSink({ view }: State, { picture, seen }: Scene): void {
    const first = named(keysOf(picture)[0]);
    // In a text that attends to itself the first token often has no other to look at.
    const from = isAcross(picture) ? 0 : 1;
    const { queries, parts, look } = seen!;
    let on = 0;
    for (const part of parts) {
      const column = weightsOf(part, 0, true);
      for (let query = from; query < queries; query++) on += column[query];
    }
    const share = on / parts.length / Math.max(1, queries - from);
    const isNamed = look.kind !== 'maximum' && look.kind !== 'difference' && share >= SINK;
    const says = view.sinkHidden
      ? `The first token, ${first}, is left out, and the rest of each row rescaled. `
      : isNamed
        ? `${Math.round(100 * share)} % rests on the first token, ${first}: an attention sink. `
        : '';
    if (!says) return this.sink.replaceChildren();
    const button = element(
      'button',
      { type: 'button', class: 'link' },
      view.sinkHidden ? 'Show it' : 'Hide it',
    );
    button.addEventListener('click', () => this.actions.hideSink(!view.sinkHidden));
    replaceChildren(this.sink, says, button);
  }

  /** The token that a pair tells of, the first of its query, or, reversed, of its key. A label tells of its own. */
  private tokenIn(pair: Pair | null): { token: number; side: Side } | null {
    const { scene, view } = this.state ?? {};
    if (!pair || !scene || !view) return null;
    const sides = sidesOf(scene.picture);
    const { picture } = scene;
    const first = ({ groups }: Places, place: number) => (place < 0 ? -1 : groups.starts[place]);
    const query = { token: first(rowsOf(picture, view.grain), pair.query), side: sides.queries };
    const key = { token: first(columnsOf(picture, view.grain), pair.key), side: sides.keys };
    const [one, other] = view.reversed ? [key, query] : [query, key];
    return one.token >= 0 ? one : other;
  }

  private tell(pair: Pair | null): void {
    const { scene, view } = this.state ?? {};
    const text =
      scene?.seen && view && pair && pair.key >= 0 && pair.query >= 0
        ? readoutOf(scene.picture, scene.seen, view.grain, pair)
        : '';
    setText(this.readout, text);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== this.place) return;
    const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[
      event.key
    ] ?? [0, 0];
    if (event.key === 'Enter' || event.key === ' ') this.actions.pinTold();
    else if (x + y === 0) return;
    else if (event.shiftKey) this.zoom.pan(x, y);
    else this.actions.movePlace(x + y);
    event.preventDefault();
  }
}

/** "best → shapes: 0.42", with the parts that it is made of. */
function readoutOf(picture: Picture, seen: Seen, grain: Grain, { query, key }: Pair): string {
  const { look, parts, weights, keys } = grainedSeen(seen, grainedOf(picture, grain));
  const at = query * keys + key;
  const open = isOpen(maskOf(look, hidingMask(picture)), query, key);
  const each = parts.map((part) => part.weights[at].toPrecision(3));
  const value = !open
    ? 'masked'
    : look.kind === 'overlay'
      ? each.map((weight, i) => `${tintMark(i)} ${weight}`).join('  ')
      : look.kind === 'difference'
        ? `${signed(weights[at])} (causal ${each[0]}, bidirectional ${each[1]})`
        : each[0];
  return `${rowsOf(picture, grain).texts[query]} → ${columnsOf(picture, grain).texts[key]}: ${value}`;
}

/** Whether it is drawn as lines, of which all are always seen. */
export const isLined = (view: View, picture: Picture): boolean =>
  view.lines && longer(picture, view.grain) <= MOST_LINED;

const longer = (picture: Picture, grain: Grain) =>
  Math.max(rowsOf(picture, grain).texts.length, columnsOf(picture, grain).texts.length);

const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toPrecision(3)}`;
