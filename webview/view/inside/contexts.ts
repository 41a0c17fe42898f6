/** One word in two texts: how far its two vectors part from layer to layer, and which heads bring the difference in. */
import type { Head } from '../../core/attention';
import { headName } from '../../core/attention';
import { css, inkOn, ramp } from '../../core/colour';
import { visible } from '../../core/names';
import { Again } from '../../again';
import { element, replaceChildren, setAttribute } from '../../element';
import type { Contexts, Failure } from '../../inside';
import { failed } from '../../inside';
import type { Theme } from '../../render/theme';
import { chart } from './chart';

export interface ContextsSubject {
  readonly texts: readonly [string, string];
  /** Null before the first comparison, and while one runs. */
  readonly contexts: Contexts | Failure | null;
  readonly running: boolean;
}

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
  private readonly again = new Again();
  private texted: ContextsSubject['texts'] | null = null;

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
    if (this.again.same(subject.contexts, subject.running, subject.texts, theme)) return;
    if (this.texted !== subject.texts)
      this.inputs.forEach(({ input }, i) => (input.value = subject.texts[i]));
    this.texted = subject.texts;
    const { contexts, running } = subject;
    this.button.disabled = running;
    setAttribute(this.answer, 'aria-busy', String(running));
    if (contexts && !failed(contexts)) replaceChildren(this.answer, ...this.parting(contexts, theme));
    // While another comparison runs, the last one stays, and with it the focus in it.
    else if (!running || !this.answer.firstElementChild)
      this.answer.textContent = running ? 'Running both texts' : (contexts?.failed ?? '');
  }

  private texts(): [string, string] {
    return [this.inputs[0].input.value, this.inputs[1].input.value];
  }

  private parting(contexts: Contexts, theme: Theme): Node[] {
    const { labels, tokens, cosines, standardised, brought } = contexts;
    const [one, other] = tokens.map((token, side) => visible(labels[side][token]));
    const [first, last] = [cosines[0], cosines.at(-1)!];
    const same = one.trim() === other.trim();
    return [
      this.words(contexts, 0),
      this.words(contexts, 1),
      element(
        'p',
        {},
        element('b', {}, same ? one : `${one} and ${other}`),
        ` ${same ? 'starts as the same vector twice' : 'start as two vectors'} (cosine ${first.toFixed(2)}). `,
        `The last layer reads two vectors of cosine ${last.toFixed(3)}: `,
        last < first - 0.0005
          ? 'what stands around the word has made another of it.'
          : 'nothing that this token can see differs between the texts.',
      ),
      chart(
        'Cosine of the two vectors as each layer reads them',
        'layer that reads them',
        'cosine',
        [
          { name: 'cosine', as: 'line', style: 0, points: cosines.map((value, i) => [i, value]) },
          { name: 'cosine', as: 'points', style: 0, points: cosines.map((value, i) => [i, value]) },
          { name: 'standardised', as: 'line', style: 1, points: standardised.map((value, i) => [i, value]) },
        ],
        lowestOf([...cosines, ...standardised]),
      ),
      element(
        'p',
        { class: 'explanation hint' },
        'A few dimensions are so large that they alone make all vectors of a model look alike, and the cosine stays near 1 ',
        '(Timkey and van Schijndel 2021). Dashed: every dimension measured from its mean over the tokens of both texts, in its ',
        `standard deviations, so that all count alike. There the last layer reads a cosine of ${standardised.at(-1)!.toFixed(2)}.`,
      ),
      element(
        'p',
        {},
        'Heads that bring the difference in: the length of the difference between the two vectors that each writes to the word. ' +
          'It has no unit: of a head with twice another’s, twice as much comes in.',
      ),
      this.heads(brought, theme),
    ];
  }

  /** A text as buttons, one a token: another word can be chosen. */
  private words({ labels, tokens }: Contexts, side: 0 | 1): HTMLElement {
    const place = side ? 'second' : 'first';
    return element(
      'p',
      { class: 'words', role: 'group', 'aria-label': `Word in the ${place} text` },
      ...labels[side].map((label, i) => {
        const button = element(
          'button',
          {
            ...{ type: 'button', class: 'token', 'aria-pressed': String(i === tokens[side]) },
            'data-held': `${place} ${i}`,
          },
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
              { type: 'button', title: `Head ${name}: ${value.toFixed(3)}`, 'data-held': name },
              name,
            );
            const colour = ramp(theme.kind, most > 0 ? value / most : 0);
            button.style.backgroundColor = css(colour);
            button.style.color = css(inkOn(colour));
            button.addEventListener('click', () => this.actions.focus({ layer, head }));
            return element('td', {}, button, element('span', { class: 'digits' }, value.toFixed(2)));
          }),
        ),
      ),
    );
  }
}

/** A round number under all of them: curves near 1 are to be seen, too. */
function lowestOf(cosines: readonly number[]): number {
  const least = Math.min(...cosines);
  return [0.99, 0.95, 0.9, 0.8, 0.5, 0].find((low) => low < least) ?? -1;
}

function field(name: string) {
  const input = element('textarea', { rows: '2', spellcheck: 'false' });
  return { input, root: element('label', {}, name, input) };
}
