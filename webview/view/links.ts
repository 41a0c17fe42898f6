/** The strongest links of the told token, in words and numbers; with no token told, the head's strongest far link. */
import { strongest } from '../core/attention';
import { css, ramp } from '../core/colour';
import { lookName } from '../core/look';
import { tintMark } from '../core/sheets';
import { visible } from '../core/names';
import { element } from '../element';
import type { Token } from '../engine/engine';
import type { Side } from '../sides';
import type { Theme } from '../render/theme';
import type { Scene, State, Told } from '../state';
import { isAcross, keysOf, queriesOf, sidesOf, tokensOn, toldSide, weighedSide } from '../sides';
import { lookOf, toldOf, toldToken } from '../state';

export interface LinkActions {
  pin(token: number, side: Side): void;
}

const SHOWN = 5;

export class LinksView {
  readonly root = element('div', { class: 'links' });
  private told: string | null = null;

  constructor(private readonly actions: LinkActions) {}

  update(state: State, theme: Theme): void {
    const { scene } = state;
    if (!scene) return;
    const { reversed, scale, threshold, sinkHidden, valued } = state.view;
    const look = lookName(lookOf(state.view, scene));
    const key = `${scene.picture.key} ${look} ${toldToken(scene)} ${reversed} ${scale} ${threshold} ${sinkHidden} ${valued && !!scene.lengths} ${theme.kind} ${!!scene.seen}`;
    if (key === this.told) return;
    this.told = key;
    const told = toldOf(state);
    this.root.replaceChildren(...(told ? this.row(state, scene, told, theme) : this.example(scene)));
  }

  private row({ view }: State, scene: Scene, told: Told, { kind }: Theme): Node[] {
    const { token, weights, row, sheets } = told;
    const { picture } = scene;
    const others = tokensOn(picture, weighedSide(picture, view.reversed));
    const name = (i: number) => visible(others[i].text);
    const title = element(
      'p',
      {},
      element('b', {}, visible(tokensOn(picture, toldSide(picture, view.reversed))[token].text)),
      verb(lookOf(view, scene).kind === 'difference', view.reversed),
    );
    const list = element('ol');
    for (const other of strongest(weights.map(Math.abs), SHOWN)) {
      if (weights[other] === 0) break;
      const { tint } = sheets[row.sheet[other]];
      const bar = element('span', { class: 'bar' });
      bar.style.width = `${100 * Math.abs(weights[other])}%`;
      bar.style.backgroundColor = css(ramp(kind, row.strengths[other], tint));
      const mark = typeof tint === 'number' ? `${tintMark(tint)} ` : '';
      const sign = tint === 'more' ? '+' : '';
      const value = sign + weights[other].toFixed(3).replace('-', '−');
      list.append(
        element(
          'li',
          {},
          element('span', { class: 'name' }, name(other)),
          element('span', { class: 'track', 'aria-hidden': 'true' }, bar),
          element('span', { class: 'weight' }, mark + value),
          element('span', { class: 'hint' }, `token ${other}`),
        ),
      );
    }
    return [title, list];
  }

  /** A sentence that says what the picture says, on its clearest example. */
  private example({ picture, seen }: Scene): Node[] {
    if (seen?.look.kind !== 'head') return [];
    const { queries, keys, weights } = seen;
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
    const name = ({ text }: Token) => element('b', {}, visible(text));
    const far = across ? '' : `${Math.abs(query - key)} tokens ${query > key ? 'back' : 'on'}, `;
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
