/** Tells a screen reader what is looked at, which token is told, and its three strongest links. */
import { lookName } from '../core/look';
import type { Viewport } from '../core/viewport';
import { along, isWhole, rangeOf } from '../core/viewport';
import { element } from '../element';
import type { Scene, State } from '../state';
import { columnsOf, rowsOf } from '../places';
import { kindName } from '../sides';
import { linkOf, toldOf } from '../told';
import { lookOf, toldToken } from '../state';

/** So long, in ms, a state has to hold to be worth a word: moving through tokens or heads is not told step by step. */
const HOLDS = 500;

export class Announcer {
  readonly root = element('div', { 'aria-live': 'polite', class: 'unseen', id: 'told' });
  private told: readonly unknown[] = [];
  private link: Scene['link'] = null;
  private viewport: Viewport | null = null;
  private timer = 0;
  /** What is going to be said. */
  private pending: ((state: State) => string) | null = null;

  update(state: State): void {
    const { scene, view } = state;
    const told = [scene?.seen, scene && toldToken(scene), view.reversed, view.grain];
    // What was gone to, or is seen, is told by itself: the rest was told before.
    const sentence = told.some((part, i) => part !== this.told[i])
      ? sentenceOf
      : scene?.link && scene.link !== this.link
        ? linkSentence
        : scene && scene.viewport !== this.viewport
          ? viewSentence
          : null;
    this.link = scene?.link ?? null;
    this.viewport = scene?.viewport ?? null;
    if (!sentence) return;
    this.told = told;
    // The row that is still to be told is more than where one looks at it from.
    if (this.pending !== sentenceOf) this.pending = sentence;
    clearTimeout(this.timer);
    // Found only when it is said: of most tokens that are passed over it never is.
    this.timer = window.setTimeout(() => {
      this.root.textContent = this.pending!(state);
      this.pending = null;
    }, HOLDS);
  }
}

/** "Head 5.1. values looks at space total 0.42, newline 0.11, space = 0.05." */
function sentenceOf(state: State): string {
  const { scene, view } = state;
  if (!scene?.seen) return '';
  const look = lookOf(view, scene);
  const of = kindName(scene.picture, look.kind === 'head' ? `head ${lookName(look)}` : lookName(look));
  const name = `${of[0].toUpperCase()}${of.slice(1)}.`;
  const told = toldOf(state);
  if (!told) return name;
  const links = told.links.slice(0, 3).map((i) => `${told.others.spoken(i)} ${weight(told.values[i])}`);
  const verb = view.reversed ? 'is looked at by' : 'looks at';
  return `${name} ${told.own.spoken(told.place)} ${verb} ${links.join(', ') || 'nothing'}.`;
}

/** "Link 2 of 17: space total 0.42, token 12." */
function linkSentence(state: State): string {
  const told = toldOf(state);
  const link = linkOf(state);
  if (!told || !link) return '';
  const { others, values, links } = told;
  const what = `${others.spoken(link.place)} ${weight(values[link.place])}, ${others.name(link.place)}`;
  return `Link ${link.rank + 1} of ${links.length}: ${what}.`;
}

/** "Seen: line 3 to line 20, looking at line 1 to line 17." */
function viewSentence({ scene, view }: State): string {
  const { picture, viewport } = scene!;
  if (isWhole(viewport)) return 'The whole matrix is seen.';
  const [rows, columns] = [rowsOf(picture, view.grain), columnsOf(picture, view.grain)];
  const range = ({ texts, name }: typeof rows, side: 'x' | 'y') =>
    rangeOf(along(viewport, side), texts.length).map(name).join(' to ');
  return `Seen: ${range(rows, 'y')}, looking at ${range(columns, 'x')}.`;
}

const weight = (value: number) => value.toFixed(2).replace('-', 'minus ');
