/** The target of an encoder-decoder: its tokens, and where its text comes from. */
import { element, setAttribute } from '../element';
import type { State, TargetWish } from '../state';
import type { TokenActions } from './tokens';
import { TokensView } from './tokens';

export interface TargetActions extends TokenActions {
  target(wish: TargetWish): void;
}

const FROM: Record<TargetWish['kind'], string> = {
  copied: 'the text itself, copied',
  typed: 'typed',
  generated: 'written by the model, the likeliest token each time',
};

export class TargetView {
  readonly root: HTMLElement;
  private readonly tokens: TokensView;
  private readonly from = element('span', { class: 'hint' });
  private readonly text = element('textarea', {
    rows: '2',
    'aria-label': 'Target text',
    spellcheck: 'false',
  });
  private readonly buttons: Record<TargetWish['kind'], HTMLButtonElement>;
  private told: string | null = null;

  constructor(actions: TargetActions) {
    this.tokens = new TokensView(actions, 'target');
    const give = (kind: 'copied' | 'generated', label: string, title: string) => {
      const made = element('button', { type: 'button', class: 'fold plain', title }, label);
      made.addEventListener('click', () => actions.target({ kind }));
      return made;
    };
    const typed = element('button', { type: 'submit', class: 'fold plain' }, 'Use this text');
    this.buttons = {
      typed,
      copied: give('copied', 'Copy the source', 'The decoder is given the text that the encoder reads'),
      generated: give('generated', 'Generate', 'The model writes it, the likeliest token each time'),
    };
    const form = element(
      'form',
      { class: 'target' },
      this.text,
      element('div', { class: 'buttons' }, typed, this.buttons.copied, this.buttons.generated),
    );
    const submit = () => actions.target({ kind: 'typed', text: this.text.value });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      submit();
    });
    this.text.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey) return;
      event.preventDefault();
      submit();
    });
    this.root = element(
      'section',
      { 'aria-label': 'Target' },
      element('h2', {}, 'Target tokens ', this.from),
      this.tokens.list,
      form,
    );
    this.root.hidden = true;
  }

  update(state: State, theme: Parameters<TokensView['update']>[1]): void {
    const { scene, work, target: wish } = state;
    const target = scene?.picture.target ?? null;
    this.root.hidden = target === null;
    if (!target) return;
    this.tokens.update(state, theme);
    this.from.textContent = FROM[wish.kind];
    // What is being typed stays.
    if (target.text !== this.told) this.text.value = target.text;
    this.told = target.text;
    for (const button of Object.values(this.buttons))
      setAttribute(button, 'aria-disabled', work.kind === 'busy' ? 'true' : null);
  }
}
