/**
 * The listboxes "Tokens" and "Target tokens": a text as the model read it, one option a position, white space and all;
 * or an image, patch by patch.
 */
import type { Match } from '../core/find';
import { stepFrom } from '../core/patches';
import { FAINTEST_MARKED, tintMark } from '../core/sheets';
import { element, setAttribute } from '../element';
import type { Sight, Token } from '../engine/engine';
import type { Theme } from '../render/theme';
import type { Side } from '../sides';
import { tokensOn, toldSide, weighedSide } from '../sides';
import type { Picture } from '../picture';
import type { Scene, State } from '../state';
import { linkOf, toldOf } from '../told';
import { matchesOf } from '../found';
import { drawnBy, toldToken } from '../state';
import { blocksOf, patchOf } from './boxes';
import { ImageLayer } from './patches';
import { paintOf, STEPS, veilOf } from './strength';

export interface TokenActions {
  point(token: number | null, side: Side): void;
  pin(token: number, side: Side): void;
  pinTold(): void;
  moveToken(by: number, side: Side): void;
  goToToken(token: number, side: Side): void;
}

export class TokensView {
  readonly list: HTMLElement;
  private options: HTMLElement[] = [];
  /** What each option has been given: what does not change is left alone, and not even read. */
  private paints: string[] = [];
  private marks: string[] = [];
  private weights: Float32Array | null = null;
  private told: number | null = null;
  private pinned: number | null = null;
  private linked: number | null = null;
  private tokens: readonly Token[] | null = null;
  private found: readonly Match[] = [];
  /** The image that the tokens are patches of. */
  private sight: Sight | null = null;
  private layer: ImageLayer | null = null;
  private painted: {
    picture: Picture;
    seen: Scene['seen'];
    token: number | null;
    look: string;
  } | null = null;

  constructor(
    private readonly actions: TokenActions,
    private readonly side: Side,
  ) {
    this.list = element('div', {
      role: 'listbox',
      'aria-label': side === 'source' ? 'Tokens' : 'Target tokens',
      class: 'tokens',
      tabindex: '0',
    });
    this.list.addEventListener('pointerover', ({ target }) => {
      const token = tokenOf(target);
      if (token !== null) actions.point(token, side);
    });
    this.list.addEventListener('pointerleave', () => actions.point(null, side));
    this.list.addEventListener('click', ({ target }) => {
      const token = tokenOf(target);
      if (token !== null) actions.pin(token, side);
    });
    this.list.addEventListener('keydown', (event) => this.onKey(event));
  }

  update(state: State, theme: Theme): void {
    const { scene } = state;
    if (!scene) return;
    // Both masks read the same tokens: the elements stay, and with them the scroll position and the focus.
    const { picture, seen } = scene;
    const tokens = tokensOn(picture, this.side);
    if (this.tokens !== tokens) this.make(tokens, picture);
    this.tokens = tokens;
    if (this.side === 'source') this.markMatches(state);
    const token = toldToken(scene);
    const look = `${theme.kind} ${drawnBy(state.view, scene)} ${state.view.reversed} ${scene.pinned} ${scene.link?.rank}`;
    const { painted } = this;
    if (
      painted?.token === token &&
      painted.look === look &&
      painted.seen === seen &&
      painted.picture === picture
    )
      return;
    this.painted = { picture, seen, token, look };
    this.paint(state, theme);
  }

  private make(tokens: readonly Token[], picture: Picture): void {
    const { sight, subject } = picture;
    this.layer?.release();
    this.sight = sight;
    if (sight) {
      this.options = tokens.map((token, i) => patchOf(token, i, this.nameOf(i)));
      this.layer = new ImageLayer(this.options, sight);
      this.fill(this.layer.parts, tokens, subject);
      return;
    }
    this.layer = null;
    const { blocks, options } = blocksOf(tokens, picture, this.side, (i) => this.nameOf(i));
    this.options = options;
    this.fill(blocks, tokens, subject);
  }

  private fill(children: readonly Node[], tokens: readonly Token[], { continues }: Picture['subject']): void {
    this.list.classList.toggle('of-image', this.layer !== null);
    // A text that continues another keeps the scroll position.
    const { scrollTop } = this.list;
    this.list.replaceChildren(...children);
    this.list.scrollTop = continues ? scrollTop : 0;
    this.found = [];
    this.paints = tokens.map(() => '');
    this.marks = tokens.map(() => '');
    this.weights = this.told = this.pinned = this.linked = null;
    this.painted = null;
  }

  private markMatches(state: State): void {
    const all = matchesOf(state);
    if (all === this.found) return;
    this.found = all;
    for (const option of this.list.querySelectorAll('.match')) option.classList.remove('match');
    for (const [first, last] of all)
      for (let i = first; i <= last; i++) this.options[i].classList.add('match');
  }

  private paint(state: State, { kind }: Theme): void {
    const { scene, view } = state;
    const { picture } = scene!;
    const tells = toldSide(picture, view.reversed) === this.side;
    const token = tells ? toldToken(scene!) : null;
    const pinned = tells ? scene!.pinned : null;
    const told = weighedSide(picture, view.reversed) === this.side ? toldOf(state) : null;
    const link = told && linkOf(state);
    const linked = link ? told.others.groups.starts[link.place] : null;
    // Keys and carets can point at what is scrolled out of sight; a pointer cannot. Read before anything is written.
    const aim = linked !== null && linked !== this.linked ? linked : token;
    if (aim !== null && !this.list.matches(':hover')) reach(this.list, this.options[aim]);
    this.weigh(told?.weights ?? null);
    const [row, groups] = [told?.row, told?.others.groups];
    this.options.forEach((option, i) => {
      const place = groups ? groups.of[i] : 0;
      const strength = row ? row.strengths[place] : 0;
      const tint = told && told.sheets[row!.sheet[place]].tint;
      const step = Math.floor(strength * STEPS);
      const isPatch = this.tokens![i].patch !== undefined;
      const paint = tint === null ? '' : isPatch ? veilOf(kind, tint, step) : paintOf(kind, tint, step);
      if (paint !== this.paints[i]) option.style.cssText = this.paints[i] = paint;
      const mark = tint !== null && strength >= FAINTEST_MARKED ? tintMark(tint) : '';
      if (mark === this.marks[i]) return;
      this.marks[i] = mark;
      setAttribute(option, 'data-mark', mark || null);
    });
    const move = (from: number | null, to: number | null, set: (option: Element, on: boolean) => void) => {
      if (from === to) return;
      if (from !== null) set(this.options[from], false);
      if (to !== null) set(this.options[to], true);
    };
    move(this.told, token, (option, on) => option.classList.toggle('told', on));
    move(this.linked, linked, (option, on) => option.classList.toggle('linked', on));
    move(this.pinned, pinned, (option, on) => setAttribute(option, 'aria-selected', String(on)));
    [this.told, this.linked, this.pinned] = [token, linked, pinned];
    setAttribute(this.list, 'aria-activedescendant', token === null ? null : this.nameOf(token));
  }

  private weigh(weights: Float32Array | null): void {
    const before = this.weights;
    if (weights === before) return;
    this.options.forEach((option, i) => {
      if (!weights) option.removeAttribute('data-weight');
      else if (weights[i] !== before?.[i]) option.setAttribute('data-weight', String(weights[i]));
    });
    this.weights = weights;
  }

  private nameOf(token: number): string {
    return `${this.side === 'source' ? 'token' : 'target'}-${token}`;
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -Infinity, End: Infinity }[
      event.key
    ];
    const arrow = this.sight && ARROWS[event.key];
    if (this.sight && arrow && this.painted && this.painted.token !== null) {
      const { grid } = this.sight;
      this.actions.goToToken(stepFrom(grid, this.painted.token, arrow, this.options.length), this.side);
    } else if (by !== undefined) this.actions.moveToken(by, this.side);
    else if (event.key === 'Enter' || event.key === ' ') this.actions.pinTold();
    else return;
    event.preventDefault();
  }
}

/** Over an image they move both ways. */
const ARROWS: Readonly<Record<string, readonly [across: number, down: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Scrolls the list, and only the list, so far that the option is seen: what is pointed at elsewhere stays put. */
function reach(list: HTMLElement, option: HTMLElement, again = true): void {
  const [outer, inner] = [list.getBoundingClientRect(), option.getBoundingClientRect()];
  if (inner.top < outer.top) list.scrollTop -= outer.top - inner.top;
  else if (inner.bottom > outer.bottom) list.scrollTop += inner.bottom - outer.bottom;
  else return;
  // Blocks that come into sight get their real heights, and move it once more.
  if (again) requestAnimationFrame(() => reach(list, option, false));
}

function tokenOf(target: EventTarget | null): number | null {
  const option = (target as Element | null)?.closest?.('[data-index]');
  return option ? Number(option.getAttribute('data-index')) : null;
}
