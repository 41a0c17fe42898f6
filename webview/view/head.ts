/** What is in focus: its matrix or its lines, the legend, and the weight of the pair pointed at. */
import { headName, isOpen, sameHead, weightsOf } from '../core/attention';
import { css, inkOn, overlayName, ramp } from '../core/colour';
import { lookName, maskOf } from '../core/look';
import { visible } from '../core/names';
import { sheetsOf, tintMark } from '../core/sheets';
import { element, setAttribute } from '../element';
import type { Token } from '../engine/engine';
import type { Tab } from '../inside';
import { drawLegend, palette } from '../render/cells';
import { surface } from '../render/surface';
import type { Theme } from '../render/theme';
import type { Side } from '../sides';
import { hidingMask, isAcross, keysOf, kindName, queriesOf, sidesOf } from '../sides';
import type { Picture, Scene, State } from '../state';
import { lookOf, redrawOf, shownHead, toldToken } from '../state';
import type { Drawing, Pair, Room } from './drawing';
import { LinesView, MOST_LINED } from './lines';
import { MatrixView } from './matrix';

export interface HeadActions {
  point(token: number | null, side?: Side): void;
  pin(token: number, side: Side): void;
  hideSink(hidden: boolean): void;
  inside(tab: Tab | null): void;
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
  private readonly place = element('div', {}, this.shown.root);
  private state: State | null = null;
  private drawn: { seen: Scene['seen']; look: string } | null = null;

  /** Opens the section below, where the head is taken apart. */
  private readonly inside = element(
    'button',
    { type: 'button', class: 'fold', 'aria-keyshortcuts': 'i' },
    'Inside',
  );

  constructor(private readonly actions: HeadActions) {
    const { place } = this;
    this.inside.title = 'Open this head: its queries, keys and values, step by step (i)';
    this.inside.addEventListener('click', () => actions.inside(this.state?.view.inside ? null : 'row'));
    this.root = element(
      'section',
      { class: 'head' },
      element('div', { class: 'headline' }, element('h2', {}, this.title, ' ', this.subtitle), this.inside),
      this.sink,
      place,
      this.legend,
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
      const told = this.tokenIn(this.shown.pairAt(event));
      if (told) actions.pin(told.token, told.side);
    });
  }

  /** @param room CSS pixels that the drawing may take, with its labels */
  update(state: State, theme: Theme, room: Room): void {
    const { scene, view } = state;
    if (!scene) return;
    this.state = state;
    setAttribute(this.inside, 'aria-expanded', String(view.inside !== null));
    const look = lookOf(view, scene);
    const name = lookName(look);
    this.title.textContent = name;
    this.subtitle.textContent = this.explain(state, scene);
    const { seen, picture } = scene;
    // Until the numbers have come the last picture stays: a flash of nothing would tell less.
    if (!seen) return;
    const key = `${theme.kind} ${view.scale} ${view.threshold} ${view.sinkHidden} ${view.valued && !!scene.lengths} ${view.lines} ${room.width} ${room.height} ${devicePixelRatio} ${picture.key}`;
    if (this.drawn?.seen !== seen || this.drawn.look !== key) {
      const sheets = sheetsOf(seen, redrawOf(view, scene));
      this.choose(view.lines && longer(picture) <= MOST_LINED ? this.lines : this.matrix);
      this.shown.draw({
        sheets,
        labels: { queries: queriesOf(picture).map(label), keys: keysOf(picture).map(label) },
        name: kindName(picture, look.kind === 'head' ? `head ${name}` : name),
        mask: maskOf(look, hidingMask(picture)),
        visibility: view,
        theme,
        room,
      });
      this.drawLegend(state, theme);
      this.nameSink(state, scene);
      this.drawn = { seen, look: key };
    }
    this.shown.mark(toldToken(scene), view.reversed);
  }

  /** What was drawn is lost: all is drawn anew with the next update. */
  forget(): void {
    this.drawn = null;
  }

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
      view.lines && longer(scene.picture) > MOST_LINED ? `lines are for up to ${MOST_LINED} tokens` : '';
    const none =
      view.scope === 'overlay' && look.kind !== 'overlay' && !scene.preview
        ? 'no head is pinned yet: Ctrl+click squares, or o on them'
        : '';
    return [what, pointing, long, none].filter(Boolean).join(' · ');
  }

  private drawLegend({ view, scene }: State, theme: Theme): void {
    const { look } = scene!.seen!;
    const sheets = sheetsOf(scene!.seen!, redrawOf(view, scene!));
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
    const first = visible(keysOf(picture)[0].text);
    // In a text that attends to itself the first token often has no other to look at.
    const from = isAcross(picture) ? 0 : 1;
    const { queries, parts, look } = seen!;
    let on = 0;
    for (const part of parts) {
      const column = weightsOf(part, 0, true);
      for (let query = from; query < queries; query++) on += column[query];
    }
    const share = on / parts.length / Math.max(1, queries - from);
    const named = look.kind !== 'maximum' && look.kind !== 'difference' && share >= SINK;
    const says = view.sinkHidden
      ? `The first token, ${first}, is left out, and the rest of each row rescaled. `
      : named
        ? `${Math.round(100 * share)} % rests on the first token, ${first}: an attention sink. `
        : '';
    this.sink.replaceChildren();
    if (!says) return;
    const button = element(
      'button',
      { type: 'button', class: 'link' },
      view.sinkHidden ? 'Show it' : 'Hide it',
    );
    button.addEventListener('click', () => this.actions.hideSink(!view.sinkHidden));
    this.sink.append(says, button);
  }

  /** The token that a pair tells of: its query, or, reversed, its key. A label tells of its own. */
  private tokenIn(pair: Pair | null): { token: number; side: Side } | null {
    const { scene, view } = this.state ?? {};
    if (!pair || !scene || !view) return null;
    const sides = sidesOf(scene.picture);
    const query = { token: pair.query, side: sides.queries };
    const key = { token: pair.key, side: sides.keys };
    const [first, second] = view.reversed ? [key, query] : [query, key];
    return first.token >= 0 ? first : second;
  }

  private tell(pair: Pair | null): void {
    const seen = this.state?.scene?.seen;
    let text = '';
    if (pair && pair.key >= 0 && pair.query >= 0 && seen) {
      const { picture } = this.state!.scene!;
      const at = pair.query * seen.keys + pair.key;
      const open = isOpen(maskOf(seen.look, hidingMask(picture)), pair.query, pair.key);
      const each = seen.parts.map((part) => part.weights[at].toPrecision(3));
      const value = !open
        ? 'masked'
        : seen.look.kind === 'overlay'
          ? each.map((weight, i) => `${tintMark(i)} ${weight}`).join('  ')
          : seen.look.kind === 'difference'
            ? `${signed(seen.weights[at])} (causal ${each[0]}, bidirectional ${each[1]})`
            : each[0];
      text = `${label(queriesOf(picture)[pair.query])} → ${label(keysOf(picture)[pair.key])}: ${value}`;
    }
    this.readout.textContent = text;
  }
}

const label = ({ text }: Token): string => visible(text);
const longer = (picture: Picture) => Math.max(queriesOf(picture).length, keysOf(picture).length);

const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toPrecision(3)}`;
