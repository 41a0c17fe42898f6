/** What may be left out or changed of a row, at the step it belongs to; and the same through the whole model. */
import type { RowSwitches } from '../../core/row';
import { asTheModel } from '../../core/row';
import { element } from '../../element';
import type { Experiment } from '../../engine/engine';

export interface SwitchesSubject {
  /** What the model multiplies products by. */
  readonly scale: number;
  /** What the whole model is run with at the moment. */
  readonly experiment: Experiment;
}

export interface SwitchesActions {
  /** Runs the whole model changed, or as it is. */
  experiment(change: Partial<Experiment>): void;
}

export class SwitchesView {
  readonly root: HTMLElement;
  private readonly scaled = check('÷ √d', () => this.change({ scaled: this.scaled.input.checked }));
  private readonly masked = check('mask', () => this.change({ masked: this.masked.input.checked }));
  private readonly temperature = slider(() => this.change({ temperature: this.temperature.value() }));
  private readonly whole = element('button', { type: 'button', class: 'plain' });
  private readonly unmasked = element(
    'span',
    { class: 'hint' },
    'Through the whole model: the switch “Causal mask” at the top.',
  );
  private switches: RowSwitches = asTheModel;
  private subject: SwitchesSubject | null = null;

  /** @param changed is called after each change */
  constructor(
    actions: SwitchesActions,
    private readonly changed: () => void,
  ) {
    this.whole.addEventListener('click', () => actions.experiment({ scores: this.power }));
    this.root = element(
      'fieldset',
      { class: 'switches' },
      this.scaled.root,
      this.masked.root,
      this.temperature.root,
      this.whole,
      this.unmasked,
    );
  }

  get value(): RowSwitches {
    return this.switches;
  }

  /** What every score of the model would have to be multiplied by to do as the switches say; masks apart. */
  get power(): number {
    const { scaled, temperature } = this.switches;
    return (scaled ? 1 : 1 / this.subject!.scale) / temperature;
  }

  update(subject: SwitchesSubject): void {
    this.subject = subject;
    this.unmasked.hidden = this.switches.masked;
    this.whole.textContent = this.offer(subject.experiment.scores);
    this.whole.hidden = this.whole.textContent === '';
  }

  private change(change: Partial<RowSwitches>): void {
    this.switches = { ...this.switches, ...change };
    this.changed();
  }

  private offer(running: number): string {
    if (Math.abs(this.power - running) <= 1e-6) return '';
    return this.power === 1 ? 'Back to the model as it is' : 'Through the whole model';
  }
}

function check(label: string, changed: () => void) {
  const input = element('input', { type: 'checkbox' });
  input.checked = true;
  input.addEventListener('change', changed);
  return { input, root: element('label', { class: 'check' }, input, ` ${label}`) };
}

/** Temperatures from 1/4 to 4, even steps of their logarithm. */
function slider(changed: () => void) {
  const input = element('input', { type: 'range', min: '-2', max: '2', step: '0.1', value: '0' });
  const shown = element('span', { 'aria-hidden': 'true' }, '1.00');
  const value = () => 2 ** Number(input.value);
  input.addEventListener('input', () => {
    shown.textContent = value().toFixed(2);
    // The slider itself counts in powers of two.
    input.setAttribute('aria-valuetext', shown.textContent);
    changed();
  });
  return { value, root: element('label', { class: 'check' }, 'temperature ', input, ' ', shown) };
}
