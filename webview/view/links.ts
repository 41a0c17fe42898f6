/** The strongest links of the told token, in words and numbers; with no token told, the head's strongest far link. */
import { css, ramp } from '../core/colour';
import { lookName } from '../core/look';
import { only } from '../core/part';
import { tintMark } from '../core/sheets';
import { element, replaceChildren } from '../element';
import type { Token } from '../engine/engine';
import { named } from '../label';
import type { Side } from '../sides';
import type { Theme } from '../render/theme';
import type { Scene, State } from '../state';
import type { Told } from '../told';
import { hasPairings } from '../segments';
import { isAcross, keysOf, queriesOf, sidesOf } from '../sides';
import { linkOf, toldOf } from '../told';
import { drawnBy, lookOf, tokenPart, toldToken } from '../state';

export interface LinkActions {
  pin(token: number, side: Side): void;
  goToLink(by: 1 | -1): void;
}

const SHOWN = 5;

export class LinksView {
  readonly root = element('div', { class: 'links' });
  private told: string | null = null;

  constructor(private readonly actions: LinkActions) {}

  update(state: State, theme: Theme): void {
    const { scene } = state;
    if (!scene) return;
    const { view } = state;
    const link = linkOf(state);
    const look = lookName(lookOf(view, scene));
    const key = `${scene.picture.key} ${look} ${toldToken(scene)} ${view.reversed} ${drawnBy(view, scene)} ${theme.kind} ${!!scene.seen} ${link?.rank}`;
    if (key === this.told) return;
    this.told = key;
    const told = toldOf(state);
    // Whoever goes along by a button goes on with it.
    replaceChildren(
      this.root,
      ...(told ? this.row(state, scene, told, link?.rank ?? null, theme) : this.example(state, scene)),
    );
  }

  /** @param rank of the link that was gone to */
  private row({ view }: State, scene: Scene, told: Told, rank: number | null, { kind }: Theme): Node[] {
    const { own, others, place, values, row, sheets, links } = told;
    const left = view.pairing !== 'all' && hasPairings(scene.picture);
    const title = element(
      'p',
      {},
      element('b', {}, scene.picture.sight ? own.spoken(place) : own.texts[place]),
      verb(lookOf(view, scene).kind === 'difference', view.reversed),
      left && links.length === 0 ? ` nothing that is drawn of ${view.pairing}` : '',
    );
    if (links.length > 0) title.append(this.steps(rank, links.length));
    const list = element('ol');
    // The strongest, or those around the one that was gone to.
    const first = rank === null ? 0 : Math.floor(rank / SHOWN) * SHOWN;
    links.slice(first, first + SHOWN).forEach((other, i) => {
      const { tint } = sheets[row.sheet[other]];
      const bar = element('span', { class: 'bar' });
      bar.style.width = `${Math.min(100, 100 * Math.abs(values[other]))}%`;
      bar.style.backgroundColor = css(ramp(kind, row.strengths[other], tint));
      const mark = typeof tint === 'number' ? `${tintMark(tint)} ` : '';
      const sign = tint === 'more' ? '+' : '';
      const value = sign + values[other].toFixed(3).replace('-', '−');
      const gone = first + i === rank;
      list.append(
        element(
          'li',
          gone ? { 'aria-current': 'true' } : {},
          element(
            'span',
            { class: 'name' },
            scene.picture.sight ? others.spoken(other) : others.texts[other],
          ),
          element('span', { class: 'track', 'aria-hidden': 'true' }, bar),
          element('span', { class: 'weight' }, mark + value),
          element('span', { class: 'hint' }, others.name(other)),
        ),
      );
    });
    list.setAttribute('start', String(first + 1));
    return [title, list];
  }

  /** Buttons that go along the links. */
  private steps(rank: number | null, count: number): HTMLElement {
    const step = (by: 1 | -1, name: string, text: string, key: string) => {
      const made = element(
        'button',
        { type: 'button', class: 'plain', 'aria-label': name, title: `${name} (${key})` },
        text,
      );
      made.setAttribute('aria-keyshortcuts', key);
      made.dataset.held = String(by);
      made.addEventListener('click', () => this.actions.goToLink(by));
      return made;
    };
    return element(
      'span',
      { class: 'steps', role: 'group', 'aria-label': 'Links' },
      step(-1, 'Stronger link', '‹', 'Shift+N'),
      element('span', { class: 'hint' }, rank === null ? `${count}` : `${rank + 1} of ${count}`),
      step(1, 'Next strongest link', '›', 'n'),
    );
  }

  /** A sentence that says what the picture says, on its clearest example. */
  private example({ view }: State, scene: Scene): Node[] {
    const { picture, seen } = scene;
    if (seen?.look.kind !== 'head') return [];
    const part = tokenPart(view, scene);
    const { queries, keys, weights } = part ? only(seen, part) : seen;
    const across = isAcross(picture);
    const [who, whom] = [queriesOf(picture), keysOf(picture)];
    let [best, query, key] = [0, 0, 0];
    for (let q = 1; q < queries; q++)
      for (let k = 1; k < keys; k++) {
        const { special } = whom[k];
        const far = across ? 1 : Math.min(8, Math.abs(q - k));
        const telling = weights[q * keys + k] * far;
        if (telling > best && !special) [best, query, key] = [telling, q, k];
      }
    if (best === 0) return [];
    const name = (token: Token) => element('b', {}, named(token));
    const distance = Math.abs(query - key);
    const far = across
      ? ''
      : `${distance} ${distance === 1 ? 'token' : 'tokens'} ${query > key ? 'back' : 'on'}, `;
    const button = element(
      'button',
      { class: 'example', type: 'button' },
      name(who[query]),
      ` looks at `,
      name(whom[key]),
      `, ${far}with weight ${weights[query * keys + key].toFixed(2)}`,
    );
    button.addEventListener('click', () => this.actions.pin(query, sidesOf(picture).queries));
    return [element('p', {}, 'For example, in this head: ', button)];
  }
}

function verb(difference: boolean, reversed: boolean): string {
  if (difference)
    return reversed ? ' is looked at more (+) or less (−) by' : ' looks more (+) or less (−) at';
  return reversed ? ' is looked at by' : ' looks at';
}
