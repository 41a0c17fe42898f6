/** The strongest links of the told token. A pointer passes over many tokens: what is made once is filled anew for each. */
import { css, ramp } from '../core/colour';
import { tintMark } from '../core/sheets';
import { element, setAttribute, setText } from '../element';
import type { Theme } from '../render/theme';
import type { Told } from '../told';

const SHOWN = 5;

/** What is told beside the links themselves. */
export interface Ranked {
  readonly told: Told;
  /** Of the link that was gone to. */
  readonly rank: number | null;
  /** The token that is told. */
  readonly who: string;
  /** What it does: " looks at"; and that there is nothing, where that is so. */
  readonly verb: string;
  /** A link's other token, in words. */
  readonly whom: (place: number) => string;
}

export class Ranking {
  private readonly who = element('b');
  private readonly verb = element('span');
  private readonly count = element('span', { class: 'hint' });
  private readonly steps: HTMLElement;
  private readonly title: HTMLElement;
  private readonly list = element('ol');
  private readonly items = Array.from({ length: SHOWN }, () => new Item());
  readonly parts: readonly HTMLElement[];

  /** @param go along the links, to a weaker one or a stronger one */
  constructor(private readonly go: (by: 1 | -1) => void) {
    this.steps = element(
      'span',
      { class: 'steps', role: 'group', 'aria-label': 'Links' },
      this.step(-1, 'Stronger link', '‹', 'Shift+N'),
      this.count,
      this.step(1, 'Next strongest link', '›', 'n'),
    );
    this.title = element('p', {}, this.who, this.verb);
    this.parts = [this.title, this.list];
  }

  update({ told, rank, who, verb, whom }: Ranked, theme: Theme): void {
    const { links } = told;
    setText(this.who, who);
    setText(this.verb, verb);
    setText(this.count, rank === null ? `${links.length}` : `${rank + 1} of ${links.length}`);
    if (links.length === 0) this.steps.remove();
    else if (!this.steps.isConnected) this.title.append(this.steps);
    // The strongest, or those around the one that was gone to.
    const first = rank === null ? 0 : Math.floor(rank / SHOWN) * SHOWN;
    const shown = links.slice(first, first + SHOWN);
    setAttribute(this.list, 'start', String(first + 1));
    if (this.list.childElementCount !== shown.length)
      this.list.replaceChildren(...this.items.slice(0, shown.length).map(({ root }) => root));
    shown.forEach((place, i) => this.items[i].update(told, place, whom(place), first + i === rank, theme));
  }

  private step(by: 1 | -1, name: string, text: string, key: string): HTMLElement {
    const made = element(
      'button',
      { type: 'button', class: 'plain', 'aria-label': name, title: `${name} (${key})` },
      text,
    );
    made.setAttribute('aria-keyshortcuts', key);
    made.dataset.held = String(by);
    made.addEventListener('click', () => this.go(by));
    return made;
  }
}

/** One link: whom, how much, and where that is. */
class Item {
  private readonly name = element('span', { class: 'name' });
  private readonly bar = element('span', { class: 'bar' });
  private readonly weight = element('span', { class: 'weight' });
  private readonly where = element('span', { class: 'hint' });
  readonly root = element(
    'li',
    {},
    this.name,
    element('span', { class: 'track', 'aria-hidden': 'true' }, this.bar),
    this.weight,
    this.where,
  );

  update(
    { others, values, row, sheets }: Told,
    place: number,
    whom: string,
    gone: boolean,
    { kind }: Theme,
  ): void {
    const { tint } = sheets[row.sheet[place]];
    const mark = typeof tint === 'number' ? `${tintMark(tint)} ` : '';
    const sign = tint === 'more' ? '+' : '';
    setAttribute(this.root, 'aria-current', gone ? 'true' : null);
    setText(this.name, whom);
    this.bar.style.width = `${Math.min(100, 100 * Math.abs(values[place]))}%`;
    this.bar.style.backgroundColor = css(ramp(kind, row.strengths[place], tint));
    setText(this.weight, mark + sign + values[place].toFixed(3).replace('-', '−'));
    setText(this.where, others.name(place));
  }
}
