/** A text that is typed in the panel: Enter gives it, Shift+Enter breaks its line. */
import { element } from '../element';

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
    give: (text: string) => void,
  ) {
    this.text = element('textarea', { rows: '2', 'aria-label': name, spellcheck: 'false' });
    this.submit = element('button', { type: 'submit', class: 'fold plain' }, label);
    const buttons = element('div', { class: 'buttons' }, this.submit, ...others);
    this.root = element('form', { class: 'typed' }, this.text, buttons);
    this.root.addEventListener('submit', (event) => {
      event.preventDefault();
      give(this.text.value);
    });
    this.text.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey) return;
      event.preventDefault();
      give(this.text.value);
    });
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

export function button(label: string, title: string, press: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', class: 'fold plain', title }, label);
  made.addEventListener('click', press);
  return made;
}
