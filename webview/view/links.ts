/** The strongest links of the told token, in words and numbers; with no token told, the head's strongest far link. */
import { lookName } from '../core/look';
import { only } from '../core/part';
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
import type { Ranked } from './ranking';
import { Ranking } from './ranking';

export interface LinkActions {
  pin(token: number, side: Side): void;
  goToLink(by: 1 | -1): void;
}

export class LinksView {
  readonly root = element('div', { class: 'links' });
  private told: string | null = null;
  private readonly ranking: Ranking;

  constructor(private readonly actions: LinkActions) {
    this.ranking = new Ranking((by) => actions.goToLink(by));
  }

  update(state: State, theme: Theme): void {
    const { scene } = state;
    if (!scene) return;
    const { view } = state;
    const rank = linkOf(state)?.rank ?? null;
    const look = lookName(lookOf(view, scene));
    const key = `${scene.picture.key} ${look} ${toldToken(scene)} ${view.reversed} ${drawnBy(view, scene)} ${theme.kind} ${!!scene.seen} ${rank}`;
    if (key === this.told) return;
    this.told = key;
    const told = toldOf(state);
    if (told) this.ranking.update(rankedOf(state, scene, told, rank), theme);
    const isThere = this.root.contains(this.ranking.parts[0]);
    if (!told) replaceChildren(this.root, ...this.example(state, scene));
    else if (!isThere) replaceChildren(this.root, ...this.ranking.parts);
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

/** @param rank of the link that was gone to */
function rankedOf({ view }: State, scene: Scene, told: Told, rank: number | null): Ranked {
  const { own, others, place, links } = told;
  const isImage = scene.picture.sight !== null;
  const left = links.length === 0 && view.pairing !== 'all' && hasPairings(scene.picture);
  return {
    told,
    rank,
    who: isImage ? own.spoken(place) : own.texts[place],
    verb:
      verb(lookOf(view, scene).kind === 'difference', view.reversed) +
      (left ? ` nothing that is drawn of ${view.pairing}` : ''),
    whom: (other) => (isImage ? others.spoken(other) : others.texts[other]),
  };
}

function verb(difference: boolean, reversed: boolean): string {
  if (difference)
    return reversed ? ' is looked at more (+) or less (−) by' : ' looks more (+) or less (−) at';
  return reversed ? ' is looked at by' : ' looks at';
}
