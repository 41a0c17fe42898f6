/** A text that is typed in the panel: Enter gives it, Shift+Enter breaks its line. */
import { element } from '../element';
import { isEnabled } from './controls';

export class TypedForm {
  readonly root: HTMLFormElement;
  readonly submit: HTMLButtonElement;
  private readonly text: HTMLTextAreaElement;
  private told: string | null = null;

  /** @param others buttons beside the one that gives the text */
  constructor(
    name: string,
    label: string,
    others: readonly HTMLButtonElement[],
    private readonly onGive: (text: string) => void,
  ) {
    this.text = element('textarea', { rows: '2', 'aria-label': name, spellcheck: 'false' });
    this.submit = element('button', { type: 'submit', class: 'fold plain' }, label);
    const buttons = element('div', { class: 'buttons' }, this.submit, ...others);
    this.root = element('form', { class: 'typed' }, this.text, buttons);
    this.root.addEventListener('submit', (event) => {
      event.preventDefault();
      this.give();
    });
    this.text.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.give();
    });
  }

  private give(): void {
    if (isEnabled(this.submit)) this.onGive(this.text.value);
  }

  /** The text that is in use; what is being typed stays until that changes. */
  tell(text: string): void {
    if (text !== this.told) this.text.value = text;
    this.told = text;
  }

  focus(): void {
    this.text.focus();
  }
}
