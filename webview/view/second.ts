/** A second text, read with the first as sentence B: typed here, or the second selection in the document. */
import { element, setAttribute, setHidden, setText } from '../element';
import { markedBy } from '../segments';
import type { State } from '../state';
import type { SecondWish } from '../wanted';
import { button } from './controls';
import { TypedForm } from './typed';

export interface SecondActions {
  second(wish: SecondWish): void;
}

export class SecondView {
  readonly root: HTMLElement;
  private readonly open: HTMLButtonElement;
  private readonly hint = element('span', { class: 'hint' });
  private readonly alone: HTMLButtonElement;
  private readonly form: TypedForm;
  /** Whether someone opened it; a pair that is shown keeps it open. */
  private opened = false;
  private state: State | null = null;

  constructor(actions: SecondActions) {
    this.open = button(
      'Second text',
      'Read the text together with another one, as sentence A and sentence B',
      () => {
        this.opened = !this.opened;
        if (this.state) this.update(this.state);
        if (this.opened) this.form.focus();
      },
    );
    setAttribute(this.open, 'aria-controls', 'second');
    this.alone = button('Read one text', 'Without a second one', () => {
      this.opened = false;
      // It goes with the pair.
      this.open.focus();
      actions.second({ kind: 'typed', text: '' });
    });
    this.form = new TypedForm('Second text', 'Read as a pair', [this.alone], (text) =>
      actions.second({ kind: 'typed', text }),
    );
    this.form.root.id = 'second';
    this.root = element(
      'section',
      { class: 'second', 'aria-label': 'Second text' },
      element('p', {}, this.open, ' ', this.hint),
      this.form.root,
    );
  }

  update(state: State): void {
    this.state = state;
    const { scene, work } = state;
    if (!scene) return;
    const { second, tokens, sight } = scene.picture;
    setHidden(this.root, sight !== null);
    const shown = this.opened || second !== null;
    setHidden(this.form.root, !shown);
    setAttribute(this.open, 'aria-expanded', String(shown));
    setAttribute(this.open, 'aria-disabled', second ? 'true' : null);
    setHidden(this.alone, !second);
    this.form.tell(second?.text ?? '');
    for (const each of [this.form.submit, this.alone])
      setAttribute(each, 'aria-disabled', work.kind === 'busy' ? 'true' : null);
    setText(
      this.hint,
      !second
        ? shown
          ? 'or select two texts in the editor, the second one with Alt held, and show attention'
          : ''
        : second.offset === null
          ? `typed; ${told(markedBy(tokens))}`
          : `selected; ${told(markedBy(tokens))}`,
    );
  }
}

const told = (marks: string): string =>
  marks
    ? `told apart by ${marks}`
    : "this model's tokenizer puts nothing between two texts: it reads one after the other";
