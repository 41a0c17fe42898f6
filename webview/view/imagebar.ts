/** Which image is shown, and a way to another. */
import { element, setHidden, setText } from '../element';
import type { State } from '../state';

export interface ImageActions {
  /** Asks which image is to be shown. */
  image(): void;
}

export class ImageBar {
  readonly root: HTMLElement;
  private readonly name = element('span');

  constructor(actions: ImageActions) {
    const other = element('button', { type: 'button', class: 'fold plain' }, 'Choose an image…');
    other.addEventListener('click', actions.image);
    this.root = element('p', { class: 'image-bar hint' }, this.name, other);
    this.root.hidden = true;
  }

  update({ scene }: State): void {
    const { sight, subject } = scene?.picture ?? {};
    setHidden(this.root, !sight);
    if (!sight) return;
    setText(this.name, `${subject!.image!.name}, ${sight.width} × ${sight.height} pixels`);
  }
}
