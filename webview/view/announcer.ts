/** Tells a screen reader what is looked at, which token is told, and its three strongest links. */
import { strongest } from '../core/attention';
import { lookName } from '../core/look';
import { spoken } from '../core/names';
import { element } from '../element';
import type { Token } from '../engine/engine';
import type { State } from '../state';
import { kindName, tokensOn, toldSide, weighedSide } from '../sides';
import { lookOf, toldOf, toldToken } from '../state';

/** So long, in ms, a state has to hold to be worth a word: moving through tokens or heads is not told step by step. */
const HOLDS = 500;

export class Announcer {
  readonly root = element('div', { 'aria-live': 'polite', class: 'unseen', id: 'told' });
  private told: readonly unknown[] = [];
  private timer = 0;

  update(state: State): void {
    const { scene, view } = state;
    const told = [scene?.seen, scene && toldToken(scene), view.reversed];
    if (told.every((part, i) => part === this.told[i])) return;
    this.told = told;
    clearTimeout(this.timer);
    // Found only when it is said: of most tokens that are passed over it never is.
    this.timer = window.setTimeout(() => (this.root.textContent = sentenceOf(state)), HOLDS);
  }
}

/** "Head 5.1. values looks at space total 0.42, newline 0.11, space = 0.05." */
function sentenceOf(state: State): string {
  const { scene, view } = state;
  if (!scene?.seen) return '';
  const look = lookOf(view, scene);
  const { picture } = scene;
  const of = kindName(picture, look.kind === 'head' ? `head ${lookName(look)}` : lookName(look));
  const name = `${of[0].toUpperCase()}${of.slice(1)}.`;
  const told = toldOf(state);
  if (!told) return name;
  const { token, weights } = told;
  const text = ({ special, text }: Token) => (special ? text : spoken(text));
  const others = tokensOn(picture, weighedSide(picture, view.reversed));
  const teller = tokensOn(picture, toldSide(picture, view.reversed))[token];
  const links = strongest(weights.map(Math.abs), 3)
    .filter((i) => weights[i] !== 0)
    .map((i) => `${text(others[i])} ${weights[i].toFixed(2).replace('-', 'minus ')}`);
  const verb = view.reversed ? 'is looked at by' : 'looks at';
  return `${name} ${text(teller)} ${verb} ${links.join(', ') || 'nothing'}.`;
}
