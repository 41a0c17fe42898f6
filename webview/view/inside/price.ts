/** What attention costs: runs over growing prefixes of the text, a parabola through their times, and what a window saves. */
import type { Measured } from '../../core/growth';
import { costAt, fitParabola, openPairs } from '../../core/growth';
import { Again } from '../../again';
import { element, setAttribute } from '../../element';
import { chart } from './chart';

export interface PriceSubject {
  /** Milliseconds of each prefix measured so far. */
  readonly measured: readonly Measured[];
  /** Tokens of the whole text. */
  readonly n: number;
  readonly layers: number;
  readonly heads: number;
  readonly causal: boolean;
  readonly running: boolean;
  /** Tokens that a query may look back, itself included; null without a window. */
  readonly window: number | null;
}

export interface PriceActions {
  measure(): void;
  /** Shows the whole picture under a window. */
  window(size: number | null): void;
}

export class PriceView {
  readonly root: HTMLElement;
  private readonly measure = element(
    'button',
    { type: 'button', class: 'plain' },
    'Measure on growing prefixes',
  );
  private readonly graph = element('div');
  private readonly reading = element('p');
  private readonly saved = element('p');
  private readonly size = element('input', {
    type: 'range',
    min: '1',
    step: '1',
    'aria-label': 'Window, in tokens',
  });
  private readonly shown = element('span');
  private readonly apply = element('button', { type: 'button', class: 'plain' }, 'Show under this window');
  private subject: PriceSubject | null = null;
  private readonly again = new Again();

  constructor(actions: PriceActions) {
    this.measure.addEventListener('click', actions.measure);
    this.size.addEventListener('input', () => this.save());
    this.apply.addEventListener('click', () =>
      actions.window(this.subject?.window === null ? Number(this.size.value) : null),
    );
    this.root = element(
      'div',
      { class: 'price' },
      element('p', {}, this.measure),
      this.graph,
      this.reading,
      element(
        'p',
        {},
        element('label', {}, 'A window of ', this.size, ' ', this.shown, ' tokens'),
        ' ',
        this.apply,
      ),
      this.saved,
    );
  }

  update(subject: PriceSubject): void {
    if (this.again.same(...Object.values(subject))) return;
    if (subject.n !== this.subject?.n) {
      this.size.max = String(subject.n);
      this.size.value = String(subject.window ?? Math.max(1, Math.round(subject.n / 4)));
    }
    this.subject = subject;
    this.measure.disabled = subject.running;
    setAttribute(this.measure, 'aria-busy', subject.running ? 'true' : null);
    this.apply.textContent = subject.window === null ? 'Show under this window' : 'Without the window';
    this.draw(subject);
    this.save();
  }

  private draw({ measured, n, layers, heads }: PriceSubject): void {
    const bytes = (tokens: number) => layers * heads * tokens * tokens * 4;
    const memory = `The maps alone take layers × heads × n² × 4 bytes: ${megabytes(bytes(n))} MB for these ${n} tokens, ${megabytes(bytes(2 * n))} MB for twice as many.`;
    if (measured.length < 2) {
      this.graph.replaceChildren();
      this.reading.textContent = memory;
      return;
    }
    const fit = fitParabola(measured);
    const longest = Math.max(...measured.map((point) => point.n));
    const curve = Array.from({ length: 41 }, (_, i) => (longest * i) / 40);
    this.graph.replaceChildren(
      chart('Milliseconds of a run over its tokens', 'tokens', 'ms', [
        { name: 'fitted', as: 'line', style: 0, points: curve.map((at) => [at, costAt(fit, at)]) },
        { name: 'measured', as: 'points', style: 0, points: measured.map(({ n: at, cost }) => [at, cost]) },
      ]),
    );
    const whole = costAt(fit, longest);
    const share = whole > 0 ? (100 * fit.square * longest ** 2) / whole : 0;
    this.reading.textContent =
      `At ${longest} tokens a run takes ${whole.toFixed(0)} ms, of which ${share.toFixed(0)} % grow with the square of the length. ` +
      `Twice as many tokens would take ${(costAt(fit, 2 * longest) / whole).toFixed(1)} times as long. ${memory}`;
  }

  private save(): void {
    const { n, causal } = this.subject!;
    const size = Number(this.size.value);
    this.shown.textContent = String(size);
    const [all, left] = [openPairs(n, causal), openPairs(n, causal, size)];
    this.saved.textContent = `It leaves ${left.toLocaleString('en')} of ${all.toLocaleString('en')} pairs: ${(100 - (100 * left) / all).toFixed(0)} % need not be computed.`;
  }
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
