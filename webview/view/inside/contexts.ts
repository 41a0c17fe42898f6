/** One word in two texts: how far its two vectors part from layer to layer, and which heads bring the difference in. */
import type { Head } from '../../core/attention';
import { headName } from '../../core/attention';
import { css, inkOn, ramp } from '../../core/colour';
import { visible } from '../../core/names';
import { element } from '../../element';
import type { Theme } from '../../render/theme';
import { chart } from './chart';

/** One text, read, and the token of the word in it. */
export interface Context {
  readonly text: string;
  readonly labels: readonly string[];
  readonly token: number;
}

export interface Parting {
  readonly contexts: readonly [Context, Context];
  /** Cosine of the two vectors of the word: after the embedding, then after each layer. */
  readonly cosines: readonly number[];
  /** [layers][heads] Length of the difference of what each head writes to the word. */
  readonly brought: readonly (readonly number[])[];
}

export type ContextsSubject =
  | { readonly kind: 'asking'; readonly texts: readonly [string, string] }
  | { readonly kind: 'running'; readonly texts: readonly [string, string] }
  | { readonly kind: 'failed'; readonly texts: readonly [string, string]; readonly sentence: string }
  | { readonly kind: 'shown'; readonly texts: readonly [string, string]; readonly parting: Parting };

export interface ContextsActions {
  /** Reads both texts, and takes the word that both hold unless one is chosen in each. */
  compare(texts: readonly [string, string], tokens: readonly [number, number] | null): void;
  focus(head: Head): void;
}

export class ContextsView {
  readonly root: HTMLElement;
  private readonly inputs = [field('First text'), field('Second text')] as const;
  private readonly button = element('button', { type: 'submit', class: 'plain' }, 'Compare');
  private readonly answer = element('div', { 'aria-live': 'polite' });
  private shown: { subject: ContextsSubject; theme: Theme } | null = null;

  constructor(private readonly actions: ContextsActions) {
    const form = element(
      'form',
      { class: 'contexts' },
      ...this.inputs.map(({ root }) => root),
      element('p', {}, this.button),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      actions.compare(this.texts(), null);
    });
    this.root = element('div', {}, form, this.answer);
  }

  update(subject: ContextsSubject, theme: Theme): void {
    if (this.shown?.subject === subject && this.shown.theme === theme) return;
    if (this.shown?.subject.texts !== subject.texts)
      this.inputs.forEach(({ input }, i) => (input.value = subject.texts[i]));
    this.shown = { subject, theme };
    this.button.disabled = subject.kind === 'running';
    if (subject.kind === 'shown') this.answer.replaceChildren(...this.parting(subject.parting, theme));
    else
      this.answer.textContent =
        subject.kind === 'failed' ? subject.sentence : subject.kind === 'running' ? 'Running both texts' : '';
  }

  private texts(): [string, string] {
    return [this.inputs[0].input.value, this.inputs[1].input.value];
  }

  private parting({ contexts, cosines, brought }: Parting, theme: Theme): Node[] {
    const word = visible(contexts[0].labels[contexts[0].token]);
    const [first, last] = [cosines[0], cosines.at(-1)!];
    return [
      ...contexts.map((_, side) => this.words(contexts, side as 0 | 1)),
      element(
        'p',
        {},
        element('b', {}, word),
        ` starts as the same vector twice (cosine ${first.toFixed(2)}) and ends ${last.toFixed(2)} alike: the words around it have made two of it.`,
      ),
      chart('Cosine of the two vectors after each layer', 'layers passed', 'cosine', [
        { name: 'cosine', as: 'line', style: 0, points: cosines.map((value, i) => [i, value]) },
        { name: 'cosine', as: 'points', style: 0, points: cosines.map((value, i) => [i, value]) },
      ]),
      element(
        'p',
        {},
        'Heads that bring the difference in: how far apart the two things are that each writes to the word.',
      ),
      this.heads(brought, theme),
    ];
  }

  /** A text as buttons, one a token: another word can be chosen. */
  private words(contexts: readonly [Context, Context], side: 0 | 1): HTMLElement {
    const { labels, token } = contexts[side];
    const tokens = contexts.map((context) => context.token) as [number, number];
    return element(
      'p',
      {
        class: 'words',
        role: 'group',
        'aria-label': side ? 'Word in the second text' : 'Word in the first text',
      },
      ...labels.map((label, i) => {
        const button = element(
          'button',
          { type: 'button', class: 'token', 'aria-pressed': String(i === token) },
          visible(label),
        );
        button.addEventListener('click', () =>
          this.actions.compare(this.texts(), side ? [tokens[0], i] : [i, tokens[1]]),
        );
        return button;
      }),
    );
  }

  private heads(brought: readonly (readonly number[])[], theme: Theme): HTMLElement {
    const most = Math.max(...brought.flat());
    return element(
      'table',
      { class: 'brought' },
      ...brought.map((row, layer) =>
        element(
          'tr',
          {},
          ...row.map((value, head) => {
            const name = headName({ layer, head });
            const button = element(
              'button',
              { type: 'button', title: `Head ${name}: ${value.toFixed(3)}` },
              name,
            );
            const colour = ramp(theme.kind, most > 0 ? value / most : 0);
            button.style.backgroundColor = css(colour);
            button.style.color = css(inkOn(colour));
            button.addEventListener('click', () => this.actions.focus({ layer, head }));
            return element('td', {}, button, element('span', { class: 'number' }, value.toFixed(2)));
          }),
        ),
      ),
    );
  }
}

function field(name: string) {
  const input = element('textarea', { rows: '2', spellcheck: 'false' });
  return { input, root: element('label', {}, name, input) };
}
