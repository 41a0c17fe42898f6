/**
 * The listboxes "Tokens" and "Target tokens": a text as the model read it, one option a position, white space and all;
 * or an image, patch by patch.
 */
import type { ThemeKind, Tint } from '../core/colour';
import { css, inkOn, ramp } from '../core/colour';
import type { Match } from '../core/find';
import { visible } from '../core/names';
import { stepFrom } from '../core/patches';
import { FAINTEST_MARKED, tintMark } from '../core/sheets';
import { element, setAttribute } from '../element';
import type { Sight, Token } from '../engine/engine';
import { said } from '../label';
import type { Theme } from '../render/theme';
import { standsOn, segmentName } from '../segments';
import type { Side } from '../sides';
import { tokensOn, toldSide, weighedSide } from '../sides';
import type { Picture } from '../picture';
import type { Scene, State } from '../state';
import { linkOf, toldOf } from '../told';
import { matchesOf } from '../found';
import { toldToken } from '../state';
import { ImageLayer, veil } from './patches';

export interface TokenActions {
  point(token: number | null, side: Side): void;
  pin(token: number, side: Side): void;
  pinTold(): void;
  moveToken(by: number, side: Side): void;
  goToToken(token: number, side: Side): void;
}

/** Text that shows as nothing, or breaks what shows it: control characters, lone surrogates, only zero-width or odd white space. */
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|\p{Cs}|^(?![ \t]+$)[\s\p{Cf}]+$/u;

/** Tokens that are laid out together, at least; a block ends with a line, and one that is not in sight is skipped. */
const BLOCK = 48;

/** Steps of strength that are told apart; the first is not coloured. Few, so that a move repaints few tokens. */
const STEPS = 32;

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
    const { scale, threshold, sinkHidden, pairing, valued, reversed, grain } = state.view;
    const look = `${theme.kind} ${scale} ${threshold} ${sinkHidden} ${pairing} ${valued && !!scene.lengths} ${reversed} ${scene.pinned} ${grain} ${scene.link?.rank}`;
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
      this.options = tokens.map((token, i) => this.ofImage(token, i));
      this.layer = new ImageLayer(this.options, sight);
      this.fill(this.layer.parts, tokens, subject);
      return;
    }
    this.layer = null;
    const stands = standsOn(picture, this.side);
    const pair = this.side === 'source' && picture.second !== null;
    const made = () => element('div', { role: 'presentation', class: 'block' });
    const white = (text: string) => element('span', { 'aria-hidden': 'true', class: 'break' }, text);
    let block = made();
    const blocks = [block];
    let count = 0;
    /** That of the line which begins here; null within one. */
    let indent: string | null = null;
    this.options = tokens.map((token, i) => {
      const { text, special } = token;
      const segment = pair ? segmentName(token) : null;
      const { shown, breaks } = special ? { shown: text, breaks: '' } : written(tokens, i);
      const option = element(
        'span',
        {
          role: 'option',
          id: this.nameOf(i),
          'data-index': String(i),
          'data-start': String(stands[i].start),
          'data-end': String(stands[i].end),
          'data-text': text,
          'aria-label': nameOf(token),
          'aria-selected': 'false',
          class: special ? 'token special' : /^\s*$/.test(text) ? 'token blank' : 'token',
        },
        shown,
      );
      setAttribute(option, 'data-segment', segment);
      setAttribute(option, 'aria-description', segment && `sentence ${segment}`);
      if (indent !== null && count >= BLOCK) {
        blocks.push((block = made()));
        count = 0;
      }
      if (indent) block.append(white(indent));
      // Each sentence on lines of its own, with its letter.
      if (segment && tokens.findIndex((one) => one.segment === token.segment) === i) {
        if (i > 0) block.append(white('\n'));
        block.append(element('b', { 'aria-hidden': 'true', class: 'segment' }, segment));
      }
      block.append(option);
      count++;
      indent = breaks === '' ? null : breaks.replace(/^\n*/, '');
      if (breaks) block.append(white(breaks.slice(0, breaks.length - indent!.length)));
      return option;
    });
    this.fill(blocks, tokens, subject);
  }

  /** A token of an image: a patch, which has a place and no span, or a chip beside. */
  private ofImage(token: Token, i: number): HTMLElement {
    const { text, special } = token;
    const option = element(
      'span',
      {
        role: 'option',
        id: this.nameOf(i),
        'data-index': String(i),
        'data-text': text,
        'aria-label': nameOf(token),
        'aria-selected': 'false',
        class: special ? 'token special' : 'patch',
      },
      special ? text : '',
    );
    if (special) {
      option.dataset.start = option.dataset.end = '0';
    }
    return option;
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

const nameOf = (token: Token) => (token.special ? `${token.text}, special token` : said(token));

/** Over an image they move both ways. */
const ARROWS: Readonly<Record<string, readonly [across: number, down: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const paints = new Map<string, string>();

/** A style at one of the steps of strength, made once. */
function once(name: string, make: () => string): string {
  const known = paints.get(name);
  if (known !== undefined) return known;
  const made = make();
  paints.set(name, made);
  return made;
}

const veilOf = (kind: ThemeKind, tint: Tint, step: number) =>
  once(`veil ${kind} ${tint} ${step}`, () => veil(kind, tint, step / STEPS));

const paintOf = (kind: ThemeKind, tint: Tint, step: number) =>
  step === 0 ? '' : once(`${kind} ${tint} ${step}`, () => paint(kind, tint, step));

function paint(kind: ThemeKind, tint: Tint, step: number): string {
  const colour = ramp(kind, step / STEPS, tint);
  // Strength is told by the height of a bar too, and the tint by a letter, not by colour alone.
  const bar = `inset 0 ${-Math.round((step / STEPS) * 4)}px 0 ${css(ramp(kind, 1, tint))}`;
  return `background-color: ${css(colour)}; color: ${css(inkOn(colour))}; box-shadow: ${bar}; forced-color-adjust: none`;
}

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

/**
 * What stands in an option's box, and the real line break and indentation that follow it. A box is never empty and
 * never spans lines, so that each can be pointed at: a line break shows as ⏎, and of tokens that share a character the
 * first shows it and the others their number.
 */
function written(tokens: readonly Token[], i: number): { shown: string; breaks: string } {
  const { text, span } = tokens[i];
  const twin = (other: number) =>
    tokens[other]?.span.start === span.start && tokens[other]?.span.end === span.end;
  if (twin(i - 1)) {
    let first = i;
    while (twin(first - 1)) first--;
    return { shown: `+${i - first}`, breaks: '' };
  }
  const line = text.search(/[\r\n]/);
  if (line < 0) return { shown: UNSEEN.test(text) ? visible(text) : text, breaks: '' };
  const head = text.slice(0, line);
  const broken = text.slice(line);
  // Indentation after the last break is shown where it indents; anything else stays in the box.
  const indent = /[\t ]*$/.exec(broken)![0];
  const body = broken.slice(0, broken.length - indent.length);
  const lines = body.replace(/\r\n?/g, '\n').replace(/[^\n]/g, '').length;
  return { shown: head + visible(body), breaks: '\n'.repeat(Math.max(1, lines)) + indent };
}
