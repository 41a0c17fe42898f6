/** The keys of a row as a table: a line for each, a column for each step, left to right as it is computed. */
import { strongest } from '../../core/attention';
import { css, ramp } from '../../core/colour';
import { visible } from '../../core/names';
import type { RowFeed, RowSteps } from '../../core/row';
import { largest, rowOf } from '../../core/vector';
import { element, replaceChildren, setAttribute } from '../../element';
import type { Theme } from '../../render/theme';
import type { Column, StepsView } from './steps';
import { AROUND, COLUMNS } from './steps';
import { barred, cell, digits, foot, table } from './table';
import { VectorView } from './vector';

export interface KeysSubject {
  /** The texts of the keys. */
  readonly labels: readonly string[];
  readonly feed: RowFeed;
  readonly steps: RowSteps;
  /** The key whose terms are named. */
  readonly chosen: number;
  /** Dimensions lit in the keys. */
  readonly marked: ReadonlySet<number>;
  /** [hidden] The output through the head's part of the output projection; null where that cannot be told. */
  readonly written: Float32Array | null;
  /** Whether the steps are those of the model: what is changed for a row alone is not carried on through the projection. */
  readonly own: boolean;
}

const NAMES = Object.keys(COLUMNS) as Column[];
/** Columns of one number each, on the way to the weight. */
const NUMBERS = ['product', 'score', 'biased', 'masked'] as const satisfies Column[];

/** Keys shown at first, the strongest. */
const FEW = 8;
/** Keys shown at most: each is two vectors to be drawn, and of thousands nobody reads the weak ones. */
const MOST = 128;

/** A bias smaller than this is what single precision leaves of none. */
const NO_BIAS = 1e-3;

export class KeysView {
  readonly root: HTMLElement;
  private readonly heads: ReadonlyMap<Column, HTMLElement>;
  private readonly body = element('tbody');
  private readonly output = new VectorView('Sum of weights times values');
  private readonly written = new VectorView('What the head writes');
  private readonly sums = foot(
    ['sum of weight × v: the output of this head'],
    NAMES.length,
    element('td', {}, this.output.root),
  );
  private readonly writes = foot(
    ['through the output projection W', element('sub', {}, 'O'), ', to be added to those of the other heads'],
    NAMES.length,
    element('td', {}, this.written.root),
  );
  private readonly more = element('button', { type: 'button', class: 'example' });
  private many = false;
  /** Steps that change nothing in this row, and so are not drawn. */
  private idle: ReadonlySet<Column> = new Set();

  constructor(
    private readonly steps: StepsView,
    private readonly choose: (key: number) => void,
    redraw: () => void,
  ) {
    const heads = NAMES.map((column) => {
      const { title } = COLUMNS[column];
      const head = element('th', { scope: 'col', tabindex: '0', class: column }, title);
      steps.lights(head, COLUMNS[column]);
      return head;
    });
    this.heads = new Map(NAMES.map((column, i) => [column, heads[i]]));
    steps.lights(this.sums, AROUND.sum);
    steps.lights(this.writes, AROUND.projection);
    this.more.addEventListener('click', () => {
      this.many = !this.many;
      redraw();
    });
    const name = element('th', { scope: 'col', class: 'name' }, 'token');
    this.root = element('div', {}, table([name, ...heads], this.body, [this.sums, this.writes]), this.more);
  }

  update(subject: KeysSubject, theme: Theme): void {
    const { feed, steps, written, own } = subject;
    this.drawHeads(feed);
    const longest = { keys: largest(feed.keys), values: largest(feed.values) };
    const shown = strongest(steps.weights, this.many ? MOST : FEW).sort((a, b) => a - b);
    const others = feed.open.length - shown.length;
    replaceChildren(
      this.body,
      ...shown.map((key) => this.line(key, subject, longest, theme)),
      ...(others > 0 ? [this.rest(others, shown, steps)] : []),
    );
    this.more.hidden = feed.open.length <= FEW;
    this.more.textContent = this.many ? `Show the strongest ${FEW} only` : offer(feed.open.length);
    this.output.update({ values: steps.output, largest: longest.values, marked: null }, theme);
    this.writes.hidden = written === null;
    this.writes.classList.toggle('faded', !own);
    if (written) this.written.update({ values: written, largest: largest(written), marked: null }, theme);
  }

  /** What products are multiplied with in this model, whether it adds anything, and whether it closes anything. */
  private drawHeads({ scale, query, bias, open }: RowFeed): void {
    const usual = Math.abs(scale * Math.sqrt(query.length) - 1) < 1e-3;
    this.heads.get('score')!.textContent = usual ? COLUMNS.score.title : `× ${Number(scale.toPrecision(3))}`;
    const idle = new Set<Column>();
    if (largest(bias) <= NO_BIAS) idle.add('biased');
    if (!open.includes(0)) idle.add('masked');
    this.idle = idle;
    for (const [column, head] of this.heads) head.hidden = idle.has(column);
    this.root.style.setProperty('--numbers', String(NUMBERS.length - idle.size));
    for (const line of [this.sums, this.writes])
      setAttribute(line.firstElementChild!, 'colspan', String(NAMES.length - idle.size));
    this.steps.formula.show({ bias: !idle.has('biased'), mask: !idle.has('masked') });
  }

  private line(
    key: number,
    { labels, feed, steps, chosen, marked }: KeysSubject,
    longest: Readonly<Record<'keys' | 'values', number>>,
    theme: Theme,
  ): HTMLElement {
    const name = visible(labels[key]);
    const keyVector = new VectorView(`Key of ${name}`);
    const own = rowOf(feed.keys, key, feed.query.length);
    keyVector.update({ values: own, largest: longest.keys, marked }, theme);
    const valueVector = new VectorView(`Value of ${name}`);
    const value = rowOf(feed.values, key, feed.values.length / feed.open.length);
    valueVector.update({ values: value, largest: longest.values, marked: null }, theme);
    const weight = steps.weights[key];
    const button = element(
      'button',
      {
        ...{ type: 'button', class: 'example', 'aria-pressed': String(key === chosen) },
        'data-held': String(key),
      },
      name,
    );
    button.addEventListener('click', () => this.choose(key));
    return element(
      'tr',
      { class: key === chosen ? 'chosen' : '' },
      element('th', { scope: 'row', class: 'name' }, button),
      cell('key', keyVector.root),
      ...NUMBERS.filter((column) => !this.idle.has(column)).map((column) =>
        number(column, numbersOf(steps)[column][key]),
      ),
      barred(weight, css(ramp(theme.kind, 0.35 + 0.5 * weight)), weight.toFixed(3)),
      cell('value', valueVector.root),
    );
  }

  /** What is not shown, so that weights still add up to 1. */
  private rest(count: number, shown: readonly number[], { weights }: RowSteps): HTMLElement {
    const left = 1 - shown.reduce((sum, key) => sum + weights[key], 0);
    const says = count === 1 ? 'the other token' : `the other ${count.toLocaleString('en')} tokens together`;
    return element(
      'tr',
      { class: 'rest' },
      element('th', { scope: 'row', colspan: String(NAMES.indexOf('weight') + 1 - this.idle.size) }, says),
      digits(Math.max(0, left).toFixed(3)),
      cell('value'),
    );
  }
}

function offer(tokens: number): string {
  if (tokens > MOST) return `Show the strongest ${MOST}`;
  return tokens - FEW === 1 ? 'Show the other token' : `Show the other ${tokens - FEW} tokens`;
}

const number = (column: Column, value: number) =>
  value === -Infinity ? cell(`digits ${column} closed`, '−∞') : cell(`digits ${column}`, value.toFixed(2));

const numbersOf = ({
  products,
  scaled,
  scores,
  masked,
}: RowSteps): Record<(typeof NUMBERS)[number], Float64Array> => ({
  product: products,
  score: scaled,
  biased: scores,
  masked,
});
