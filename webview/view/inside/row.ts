/** One row of attention as a table: a line for each key, a column for each step, left to right as it is computed. */
import type { Matrix } from '../../core/attention';
import { strongest } from '../../core/attention';
import { css, ramp } from '../../core/colour';
import { visible } from '../../core/names';
import type { RowFeed, RowSteps, RowSwitches } from '../../core/row';
import { asTheModel, leading, stepsOf, termsOf } from '../../core/row';
import { Again } from '../../again';
import { largest } from '../../core/vector';
import { element, setAttribute } from '../../element';
import type { Experiment } from '../../engine/engine';
import type { Theme } from '../../render/theme';
import { entropies } from './entropies';
import { Formula } from './formula';
import type { Term } from './formula';
import { barred, digits, foot, table } from './table';
import { VectorView } from './vector';

export interface RowSubject {
  /** The texts of all tokens. */
  readonly labels: readonly string[];
  /** The token whose row this is. */
  readonly token: number;
  readonly head: string;
  readonly feed: RowFeed;
  /** [hidden] The output through the head's part of the output projection; null where that cannot be told. */
  readonly written: Float32Array | null;
  /** The head's whole matrix as the model has it; null while another is looked at. */
  readonly matrix: Matrix | null;
  /** Heads of queries that share these keys and values. */
  readonly shared: number;
  /** What the whole model is run with at the moment. */
  readonly experiment: Experiment;
}

export interface RowActions {
  /** Runs the whole model changed, or as it is. */
  experiment(change: Partial<Experiment>): void;
}

/** Keys shown at first, the strongest. */
const SHOWN = 8;
/** Terms of a product that are named. */
const NAMED = 3;

/** What the bars of all lines share, so that they can be compared. */
interface Scales {
  readonly keys: number;
  readonly values: number;
  readonly marked: ReadonlySet<number> | null;
}

interface Step {
  readonly title: string;
  readonly terms: readonly Term[];
  /** What the step does, for who wants to read it. */
  readonly why: string;
}

const STEPS = {
  key: {
    title: 'key k',
    terms: ['key'],
    why: 'What each token offers to be found by: its own vector, times the head’s key weights.',
  },
  product: {
    title: 'q · k',
    terms: ['query', 'key'],
    why: 'Query and key multiplied dimension by dimension and added up: large where they point the same way.',
  },
  score: {
    title: '÷ √d',
    terms: ['scale'],
    why: 'Sums of more dimensions are larger. Dividing by √d keeps the softmax from picking one token only.',
  },
  biased: {
    title: '+ bias',
    terms: ['bias'],
    why: 'This model adds numbers of its own to the scores: how far away the key stands, or a limit on large scores.',
  },
  masked: {
    title: 'mask',
    terms: ['mask'],
    why: 'A token that may not be seen gets minus infinity, and so a weight of exactly 0.',
  },
  weight: {
    title: 'softmax',
    terms: ['softmax'],
    why: 'e to the power of each score, divided by their sum: the weights are positive and add up to 1.',
  },
  value: {
    title: 'value v',
    terms: ['value'],
    why: 'What each token hands over. Each value is taken as often as its weight says, and all are added up.',
  },
} as const satisfies Record<string, Step>;

type Column = keyof typeof STEPS;
const COLUMNS = Object.keys(STEPS) as Column[];

/** Steps that are no column of the table, but lines around it. */
const AROUND = {
  query: {
    title: 'query q',
    terms: ['query'],
    why: 'What this token looks for: its own vector, times the head’s query weights.',
  },
  sum: {
    title: 'sum',
    terms: ['sum', 'value'],
    why: 'The values, each times its weight, added up: what the head found.',
  },
  projection: {
    title: 'output projection',
    terms: ['projection'],
    why: 'The head’s part of the output projection turns what it found into a vector that is added to the token’s own.',
  },
} as const satisfies Record<string, Step>;

/** A bias smaller than this is what single precision leaves of none. */
const NO_BIAS = 1e-3;

export class RowView {
  readonly root: HTMLElement;
  private readonly formula = new Formula();
  private readonly explanation = element('p', { class: 'explanation hint' });
  private readonly heads: ReadonlyMap<Column, HTMLElement>;
  private readonly query = new VectorView('Query');
  private readonly output = new VectorView('Sum of weights times values');
  private readonly written = new VectorView('What the head writes');
  private readonly sums = foot(
    ['sum of weight × v: the output of this head'],
    COLUMNS.length,
    element('td', {}, this.output.root),
  );
  private readonly writes = foot(
    ['through the output projection W', element('sub', {}, 'O'), ', to be added to those of the other heads'],
    COLUMNS.length,
    element('td', {}, this.written.root),
  );
  private readonly rows = element('div', { class: 'entropies' });
  private readonly queryName = element('b');
  private readonly entropy = element('p', { class: 'entropy', role: 'note' });
  private readonly body = element('tbody');
  private readonly detail = element('p', { class: 'detail' });
  private readonly more = element('button', { type: 'button', class: 'example' });
  private readonly scaled = check('÷ √d', () => this.switched({ scaled: this.scaled.input.checked }));
  private readonly masked = check('mask', () => this.switched({ masked: this.masked.input.checked }));
  private readonly temperature = slider(() => this.switched({ temperature: this.temperature.value() }));
  private switches: RowSwitches = asTheModel;
  private all = false;
  private biased = false;
  private chosen: number | null = null;
  private subject: RowSubject | null = null;
  private theme: Theme | null = null;
  private readonly again = new Again();
  private readonly spreads = new Again();
  private readonly whole = element('button', { type: 'button', class: 'plain' });
  private readonly unmasked = element(
    'span',
    { class: 'hint' },
    'Through the whole model: the switch “Causal mask” at the top.',
  );
  private readonly grouped = element('p', { class: 'hint' });

  constructor(actions: RowActions) {
    this.whole.addEventListener('click', () => actions.experiment({ scores: this.wanted() }));
    const heads = COLUMNS.map((column) => {
      const cell = element('th', { scope: 'col', tabindex: '0', class: column }, STEPS[column].title);
      this.lights(cell, STEPS[column]);
      return cell;
    });
    this.heads = new Map(COLUMNS.map((column, i) => [column, heads[i]]));
    const asked = element('p', { class: 'query' }, 'The query q of ', this.queryName, ' ', this.query.root);
    this.lights(asked, AROUND.query);
    this.lights(this.sums, AROUND.sum);
    this.lights(this.writes, AROUND.projection);
    this.more.addEventListener('click', () => {
      this.all = !this.all;
      this.draw();
    });
    this.root = element(
      'div',
      { class: 'row' },
      this.formula.root,
      this.explanation,
      asked,
      element(
        'fieldset',
        { class: 'switches' },
        this.scaled.root,
        this.masked.root,
        this.temperature.root,
        this.whole,
        this.unmasked,
      ),
      this.grouped,
      table([element('th', { scope: 'col' }, 'token'), ...heads], this.body, [this.sums, this.writes]),
      this.more,
      this.detail,
      this.entropy,
      this.rows,
    );
    this.light(null);
  }

  update(subject: RowSubject, theme: Theme): void {
    if (this.again.same(subject.feed, subject.matrix, subject.experiment.scores, theme)) return;
    if (subject.head !== this.subject?.head || subject.token !== this.subject.token) this.chosen = null;
    this.subject = subject;
    this.theme = theme;
    this.draw();
  }

  private switched(change: Partial<RowSwitches>): void {
    this.switches = { ...this.switches, ...change };
    this.draw();
  }

  /** What every score of the model would have to be multiplied with to do as the switches say. */
  private wanted(): number {
    const { scaled, temperature } = this.switches;
    return (scaled ? 1 : 1 / this.subject!.feed.scale) / temperature;
  }

  private offer(): string {
    const running = this.subject!.experiment.scores;
    if (Math.abs(this.wanted() - running) > 1e-6)
      return this.wanted() === 1 ? 'Back to the model as it is' : 'Through the whole model';
    return '';
  }

  /** While it is pointed at, or has the focus, the formula shows the step. */
  private lights(part: HTMLElement, step: Step): void {
    for (const event of ['pointerenter', 'focus']) part.addEventListener(event, () => this.light(step));
    for (const event of ['pointerleave', 'blur']) part.addEventListener(event, () => this.light(null));
  }

  private light(step: Step | null): void {
    this.formula.light(step?.terms ?? []);
    this.explanation.textContent =
      step?.why ??
      'Read the table from left to right. Point at the head of a column, or a line around the table, to see what it does.';
  }

  private draw(): void {
    const { subject, theme } = this;
    if (!subject || !theme) return;
    const { feed, labels, token } = subject;
    const steps = stepsOf(feed, this.switches);
    const shown = this.keysShown(steps);
    this.drawScale(feed);
    this.queryName.textContent = visible(labels[token]);
    this.query.update(
      { values: feed.query, largest: largest(feed.query), marked: this.marked(steps) },
      theme,
    );
    this.output.update({ values: steps.output, largest: largest(feed.values), marked: null }, theme);
    this.writes.hidden = subject.written === null;
    const own = this.switches.scaled && this.switches.masked && this.switches.temperature === 1;
    if (subject.written) {
      // What is changed for this row alone is not carried on through the projection.
      this.writes.classList.toggle('faded', !own);
      this.written.update(
        { values: subject.written, largest: largest(subject.written), marked: null },
        theme,
      );
    }
    this.drawEntropies();
    const scale = { keys: largest(feed.keys), values: largest(feed.values), marked: this.marked(steps) };
    this.body.replaceChildren(...shown.map((key) => this.line(key, steps, scale, theme)));
    const hidden = feed.open.length - shown.length;
    this.more.hidden = feed.open.length <= SHOWN;
    this.more.textContent =
      hidden > 0 ? `Show the other ${hidden} tokens` : `Show the strongest ${SHOWN} only`;
    this.unmasked.hidden = this.switches.masked;
    this.whole.textContent = this.offer();
    this.whole.hidden = this.whole.textContent === '';
    this.grouped.textContent = sharers(subject.head, subject.shared);
    this.entropy.textContent = this.spread(steps);
    this.detail.textContent = this.terms(steps);
  }

  /** What products are multiplied with in this model, and whether it adds anything. */
  private drawScale({ scale, query, bias }: RowFeed): void {
    const usual = Math.abs(scale * Math.sqrt(query.length) - 1) < 1e-3;
    this.heads.get('score')!.textContent = usual ? STEPS.score.title : `× ${Number(scale.toPrecision(3))}`;
    this.biased = largest(bias) > NO_BIAS;
    this.heads.get('biased')!.hidden = !this.biased;
    for (const line of [this.sums, this.writes])
      setAttribute(line.firstElementChild!, 'colspan', String(COLUMNS.length - (this.biased ? 0 : 1)));
    this.formula.showBias(this.biased);
  }

  /** The key whose terms are named: the one chosen, at first the strongest. */
  private told({ weights }: RowSteps): number {
    return this.chosen ?? strongest(weights, 1)[0];
  }

  /** The strongest, in the order of the text. */
  private keysShown({ weights }: RowSteps): number[] {
    if (this.all) return [...weights.keys()];
    return strongest(weights, SHOWN).sort((a, b) => a - b);
  }

  private line(key: number, steps: RowSteps, scale: Scales, theme: Theme): HTMLElement {
    const { feed, labels } = this.subject!;
    const width = feed.values.length / feed.open.length;
    const d = feed.query.length;
    const keyVector = new VectorView(`Key of ${visible(labels[key])}`);
    keyVector.update(
      {
        values: feed.keys.subarray(key * d, key * d + d),
        largest: scale.keys,
        marked: scale.marked,
      },
      theme,
    );
    const valueVector = new VectorView(`Value of ${visible(labels[key])}`);
    valueVector.update(
      {
        values: feed.values.subarray(key * width, (key + 1) * width),
        largest: scale.values,
        marked: null,
      },
      theme,
    );
    const weight = steps.weights[key];
    const choose = element(
      'button',
      { type: 'button', class: 'example', 'aria-pressed': String(key === this.told(steps)) },
      visible(labels[key]),
    );
    choose.addEventListener('click', () => {
      this.chosen = key;
      this.draw();
    });
    return element(
      'tr',
      { class: key === this.told(steps) ? 'chosen' : '' },
      element('th', { scope: 'row' }, choose),
      element('td', {}, keyVector.root),
      number(steps.products[key]),
      number(steps.scaled[key]),
      ...(this.biased ? [number(steps.scores[key])] : []),
      steps.masked[key] === -Infinity
        ? element('td', { class: 'digits closed' }, '−∞')
        : number(steps.masked[key]),
      barred(weight, css(ramp(theme.kind, 0.35 + 0.5 * weight)), weight.toFixed(3)),
      element('td', {}, valueVector.root),
    );
  }

  /** Which dimensions made the product of the chosen key what it is. */
  private marked(steps: RowSteps): ReadonlySet<number> {
    return new Set(leading(termsOf(this.subject!.feed, this.told(steps)), NAMED));
  }

  /** The entropy of every row of the head, as the model has it and as the switches would have it. */
  private drawEntropies(): void {
    const { matrix } = this.subject!;
    const power = this.wanted();
    // All rows of a long text are many: they are gone through when they or the switches change.
    if (this.spreads.same(matrix, power)) return;
    this.rows.replaceChildren(...(matrix ? entropies(matrix, power) : []));
  }

  private terms(steps: RowSteps): string {
    const { products } = steps;
    const chosen = this.told(steps);
    const { feed, labels, token } = this.subject!;
    const terms = termsOf(feed, chosen);
    const named = leading(terms, NAMED).map((i) => {
      const key = feed.keys[chosen * feed.query.length + i];
      return `dimension ${i}: ${feed.query[i].toFixed(2)} × ${key.toFixed(2)} = ${terms[i].toFixed(2)}`;
    });
    const pair = `${visible(labels[token])} · ${visible(labels[chosen])} = ${products[chosen].toFixed(2)}`;
    return `${pair}, of ${terms.length} terms. Most of it: ${named.join('; ')} (lit in both vectors). Choose another token for its own.`;
  }

  private spread(steps: RowSteps): string {
    const { feed } = this.subject!;
    const seen = this.switches.masked ? feed.open.reduce((sum, open) => sum + open, 0) : feed.open.length;
    const usual = stepsOf(feed, asTheModel).entropy;
    const says = `The row’s entropy is ${steps.entropy.toFixed(2)} nats of at most ${Math.log(seen).toFixed(2)}: as spread as ${Math.exp(steps.entropy).toFixed(1)} equal tokens.`;
    const changed = Math.abs(steps.entropy - usual) > 0.005;
    return changed ? `${says} As the model computes it: ${usual.toFixed(2)}.` : says;
  }
}

/** Which heads share their keys; nothing where none do. */
function sharers(name: string, shared: number): string {
  if (shared === 1) return '';
  const [layer, head] = name.split('.').map(Number);
  const first = Math.floor(head / shared) * shared;
  const names = Array.from({ length: shared }, (_, i) => `${layer}.${first + i}`);
  return `The heads ${names.slice(0, -1).join(', ')} and ${names.at(-1)} have queries of their own and share these keys and values (grouped queries).`;
}

const number = (value: number) => digits(value.toFixed(2));

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
