/** Tells a screen reader what is looked at, which token is told, and its three strongest links. */
import { strongest } from '../core/attention';
import { lookName } from '../core/look';
import { spoken } from '../core/names';
import { element } from '../element';
import type { State } from '../state';
import { lookOf, toldToken, toldWeights } from '../state';

/** So long, in ms, a state has to hold to be worth a word: moving through tokens or heads is not told step by step. */
const HOLDS = 500;

export class Announcer {
  readonly root = element('div', { 'aria-live': 'polite', class: 'unseen', id: 'told' });
  private said = '';
  private timer = 0;

  update(state: State): void {
    const sentence = sentenceOf(state);
    if (sentence === this.said) return;
    this.said = sentence;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => (this.root.textContent = sentence), HOLDS);
  }
}

/** "Head 5.1. values looks at space total 0.42, newline 0.11, space = 0.05." */
function sentenceOf(state: State): string {
  const { scene, view } = state;
  if (!scene?.seen) return '';
  const look = lookOf(view, scene);
  const name = look.kind === 'head' ? `Head ${lookName(look)}.` : `${lookName(look)}.`;
  const token = toldToken(scene);
  const weights = toldWeights(state);
  if (token === null || !weights) return name;
  const { tokens } = scene.picture;
  const text = (i: number) => (tokens[i].special ? tokens[i].text : spoken(tokens[i].text));
  const links = strongest(weights.map(Math.abs), 3)
    .filter((i) => weights[i] !== 0)
    .map((i) => `${text(i)} ${weights[i].toFixed(2).replace('-', 'minus ')}`);
  const verb = view.reversed ? 'is looked at by' : 'looks at';
  return `${name} ${text(token)} ${verb} ${links.join(', ') || 'nothing'}.`;
}
