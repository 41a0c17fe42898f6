/** The target of an encoder-decoder: its tokens, and where its text comes from. */
import { element, setAttribute, setHidden, setText } from '../element';
import type { State } from '../state';
import type { TargetWish } from '../wanted';
import type { TokenActions } from './tokens';
import { TokensView } from './tokens';
import { button } from './controls';
import { TypedForm } from './typed';

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
  private readonly form: TypedForm;
  private readonly buttons: Record<TargetWish['kind'], HTMLButtonElement>;

  constructor(actions: TargetActions) {
    this.tokens = new TokensView(actions, 'target');
    const give = (kind: 'copied' | 'generated', label: string, title: string) =>
      button(label, title, () => actions.target({ kind }));
    const copied = give('copied', 'Copy the source', 'The decoder is given the text that the encoder reads');
    const generated = give('generated', 'Generate', 'The model writes it, the likeliest token each time');
    this.form = new TypedForm('Target text', 'Use this text', [copied, generated], (text) =>
      actions.target({ kind: 'typed', text }),
    );
    this.buttons = { typed: this.form.submit, copied, generated };
    this.root = element(
      'section',
      { 'aria-label': 'Target' },
      element('h2', {}, 'Target tokens ', this.from),
      this.tokens.list,
      this.form.root,
    );
    this.root.hidden = true;
  }

  update(state: State, theme: Parameters<TokensView['update']>[1]): void {
    const { scene, work } = state;
    const target = scene?.picture.target ?? null;
    setHidden(this.root, target === null);
    if (!scene || !target) return;
    this.tokens.update(state, theme);
    setText(this.from, FROM[scene.picture.wish.kind]);
    this.form.tell(target.text);
    for (const button of Object.values(this.buttons))
      setAttribute(button, 'aria-disabled', work.kind === 'busy' ? 'true' : null);
  }
}
