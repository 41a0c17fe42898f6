/** What attention costs: the time and memory of runs over growing prefixes, parabolas through them, and what a window saves. */
import type { Parabola } from '../../core/growth';
import { costAt, disturbed, fitHeap, fitUndisturbed, openPairs } from '../../core/growth';
import { Again } from '../../again';
import { element } from '../../element';
import type { Prices } from '../../inside';
import { percent } from '../percent';
import { chart } from './chart';

export interface PriceSubject {
  /** What was measured so far; null before. */
  readonly prices: Prices | null;
  /** Tokens of the longest run that is measured: more than the text has where that is short. */
  readonly longest: number;
  /** Tokens of the whole text. */
  readonly n: number;
  readonly layers: number;
  readonly heads: number;
  readonly causal: boolean;
  /** Where the runs are: a GPU has memory of its own. */
  readonly device: 'wasm' | 'webgpu';
  readonly running: boolean;
  /** Tokens that a query may look back, itself included; null without a window. */
  readonly window: number | null;
}

export interface PriceActions {
  measure(): void;
  stopMeasuring(): void;
  /** Shows the whole picture under a window. */
  window(size: number | null): void;
}

export class PriceView {
  readonly root: HTMLElement;
  private readonly measure = element('button', { type: 'button', class: 'plain' });
  private readonly how = element('p', { class: 'hint' });
  private readonly time = element('figure', { class: 'cost' });
  private readonly memory = element('figure', { class: 'cost' });
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
    this.measure.addEventListener('click', () =>
      this.subject?.running ? actions.stopMeasuring() : actions.measure(),
    );
    this.size.addEventListener('input', () => this.save());
    this.apply.addEventListener('click', () =>
      actions.window(this.subject?.window === null ? Number(this.size.value) : null),
    );
    this.root = element(
      'div',
      { class: 'price' },
      element('p', {}, this.measure),
      this.how,
      element('div', { class: 'costs' }, this.time, this.memory),
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
    this.measure.textContent = subject.running ? 'Stop measuring' : 'Measure on growing prefixes';
    this.apply.textContent = subject.window === null ? 'Show under this window' : 'Without the window';
    this.draw(subject);
    this.save();
  }

  private draw(subject: PriceSubject): void {
    const { prices, n, longest, running } = subject;
    this.how.textContent =
      running && !prices ? 'Opening the model in a worker of its own' : howOf(n, longest);
    const measured = prices !== null && prices.runs.length > 1;
    this.time.replaceChildren(...(measured ? timeOf(prices) : []));
    this.memory.replaceChildren(...(measured ? memoryOf(prices, subject) : mapsOf(subject)));
  }

  private save(): void {
    const { n, causal } = this.subject!;
    const size = Number(this.size.value);
    this.shown.textContent = String(size);
    const [all, left] = [openPairs(n, causal), openPairs(n, causal, size)];
    this.saved.textContent = `It leaves ${left.toLocaleString('en')} of ${all.toLocaleString('en')} pairs: ${(100 - (100 * left) / all).toFixed(0)} % need not be computed.`;
  }
}

function howOf(n: number, longest: number): string {
  const repeated =
    longest > n
      ? ` What a run costs goes by how many tokens there are, not by which: yours are repeated up to ${longest}.`
      : '';
  return `Each length is run up to three times, in a worker opened for this; the fastest counts.${repeated}`;
}

function timeOf({ runs }: Prices): Node[] {
  const points = runs.map(({ n, ms }): [number, number] => [n, ms]);
  const fit = fitUndisturbed(runs.map(({ n, ms }) => ({ n, cost: ms })));
  const last = runs.at(-1)!.n;
  const whole = costAt(fit, last);
  const out = disturbed(runs.length);
  const left =
    out > 0
      ? ` The ${out} of ${runs.length} runs that fit least are left out, since something else may have held them up.`
      : '';
  return [
    chart('Milliseconds of a run over its tokens', 'tokens', 'ms', [
      { name: 'fitted', as: 'line', style: 0, points: curve(last, (at) => costAt(fit, at)) },
      { name: 'measured', as: 'points', style: 0, points },
    ]),
    element(
      'figcaption',
      {},
      `Time: ${whole.toFixed(0)} ms at ${last} tokens, of which ${percent(whole > 0 ? square(fit, last) / whole : 0)} grow with the square of the length. ` +
        `Twice as many tokens would take ${(costAt(fit, 2 * last) / whole).toFixed(1)} times as long.${left}`,
    ),
  ];
}

function memoryOf({ opened, runs }: Prices, subject: PriceSubject): Node[] {
  const points = runs.map(({ n, heap }): [number, number] => [n, (heap - opened) / 1e6]);
  const fit = fitHeap(
    runs.map(({ n, heap }) => ({ n, cost: heap })),
    opened,
  );
  const { n: last, heap } = runs.at(-1)!;
  const maps = (at: number) => mapBytes(subject, at);
  const above = (at: number) => Math.max(0, costAt(fit!, at) - opened);
  const gpu =
    subject.device === 'webgpu'
      ? ' What the graphics card holds of its own is not in it: it cannot be read.'
      : '';
  const grown = fit
    ? `The growth by the square alone is ${megabytes(square(fit, last))} MB; twice as many tokens would take ${megabytes(above(2 * last))} MB.`
    : 'That is too little to fit a curve: runs of this length fit into what opening the model has left free.';
  return [
    chart('Megabytes that runs add to the heap, over their tokens', 'tokens', 'MB', [
      ...(fit
        ? [{ name: 'fitted', as: 'line', style: 0, points: curve(last, (at) => above(at) / 1e6) } as const]
        : []),
      { name: 'all maps', as: 'line', style: 1, points: curve(last, (at) => maps(at) / 1e6) },
      { name: 'measured', as: 'points', style: 0, points },
    ]),
    element(
      'figcaption',
      {},
      `Memory: the runtime held ${megabytes(opened)} MB with the model open, and ${megabytes(heap - opened)} MB more at ${last} tokens. ` +
        `${grown} All maps, layers × heads × n² × 4 bytes, are ${megabytes(maps(last))} MB (dashed): a run holds those of one layer at a time. ` +
        `Measured is the most of its heap that was ever in use; a heap grows and never shrinks.${gpu}`,
    ),
  ];
}

/** Before anything is measured: what can be computed. */
function mapsOf(subject: PriceSubject): Node[] {
  const { n } = subject;
  const maps = (at: number) => megabytes(mapBytes(subject, at));
  return [
    element(
      'figcaption',
      {},
      `All maps are layers × heads × n² × 4 bytes: ${maps(n)} MB for these ${n} tokens, ${maps(2 * n)} MB for twice as many. A run holds those of one layer at a time.`,
    ),
  ];
}

const mapBytes = ({ layers, heads }: PriceSubject, n: number) => layers * heads * n * n * 4;
const square = (fit: Parabola, n: number) => fit.square * n ** 2;

function curve(longest: number, at: (n: number) => number): [number, number][] {
  return Array.from({ length: 41 }, (_, i) => [(longest * i) / 40, at((longest * i) / 40)]);
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
