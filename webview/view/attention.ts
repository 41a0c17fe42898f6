/** The radiogroup "Attention": which of an encoder-decoder's three is shown. Models of one stack have none. */
import { element, setHidden } from '../element';
import type { SiteKind } from '../onnx/index';
import type { State } from '../state';
import { KINDS } from '../choices';
import { chosenKind } from '../state';

const NAMES = { encoder: 'Encoder', decoder: 'Decoder', cross: 'Cross' } as const;
const SAYS = {
  encoder: 'Tokens attend to tokens',
  decoder: 'Target tokens attend to target tokens',
  cross: 'Target tokens attend to tokens',
} as const;

export class AttentionChoice {
  readonly root = element('div', { role: 'radiogroup', 'aria-label': 'Attention', class: 'radios' });
  private readonly choices = KINDS.map((kind) => {
    const input = element('input', { type: 'radio', name: 'attention', value: kind });
    const label = element('label', { title: SAYS[kind] }, input, NAMES[kind]);
    return { kind, input, label };
  });

  constructor(choose: (kind: SiteKind) => void) {
    for (const { kind, input } of this.choices) input.addEventListener('change', () => choose(kind));
    this.root.append(...this.choices.map(({ label }) => label));
    this.root.hidden = true;
  }

  update({ scene, view }: State): void {
    const kinds = scene?.picture.kinds ?? [];
    setHidden(this.root, kinds.length < 2);
    for (const { kind, input, label } of this.choices) {
      setHidden(label, !kinds.includes(kind));
      input.checked = kinds.length > 1 && kind === chosenKind(view, kinds);
    }
  }
}
