/** One row of attention, step by step: the query, every key, what becomes of them, and how spread the row is. */
import type { Matrix } from '../../core/attention';
import { strongest } from '../../core/attention';
import { visible } from '../../core/names';
import type { RowFeed, RowSteps } from '../../core/row';
import { asTheModel, isAsTheModel, leading, stepsOf, termsOf } from '../../core/row';
import { Again } from '../../again';
import { largest } from '../../core/vector';
import { element } from '../../element';
import type { Experiment } from '../../engine/engine';
import type { Theme } from '../../render/theme';
import { entropies } from './entropies';
import { KeysView } from './keys';
import { AROUND, StepsView } from './steps';
import type { SwitchesActions } from './switches';
import { SwitchesView } from './switches';
import { VectorView, widest } from './vector';

export interface RowSubject {
  /** The text of the token whose row this is. */
  readonly asks: string;
  /** The texts of all tokens that it may look at. */
  readonly labels: readonly string[];
  /** Its place. */
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

/** Terms of a product that are named. */
const NAMED = 3;

export class RowView {
  readonly root: HTMLElement;
  private readonly steps = new StepsView();
  private readonly query = new VectorView('Query');
  private readonly queryName = element('b');
  private readonly switches: SwitchesView;
  private readonly grouped = element('p', { class: 'hint' });
  private readonly keys: KeysView;
  private readonly detail = element('p', { class: 'detail' });
  private readonly entropy = element('p', { class: 'entropy', role: 'note' });
  private readonly rows = element('div', { class: 'entropies' });
  private chosen: number | null = null;
  private subject: RowSubject | null = null;
  private theme: Theme | null = null;
  private readonly again = new Again();
  private readonly spreads = new Again();

  constructor(actions: SwitchesActions) {
    const redraw = () => this.draw();
    this.switches = new SwitchesView(actions, redraw);
    const choose = (key: number) => {
      this.chosen = key;
      this.draw();
    };
    this.keys = new KeysView(this.steps, choose, redraw);
    const asked = element('p', { class: 'query' }, 'The query q of ', this.queryName, ' ', this.query.root);
    this.steps.lights(asked, AROUND.query);
    this.root = element(
      'div',
      { class: 'row' },
      this.steps.formula.root,
      this.steps.explanation,
      asked,
      this.switches.root,
      this.grouped,
      this.keys.root,
      this.detail,
      this.entropy,
      this.rows,
    );
  }

  update(subject: RowSubject, theme: Theme): void {
    if (this.again.same(subject.feed, subject.matrix, subject.experiment.scores, theme, widest())) return;
    const { head, token, labels } = subject;
    const before = this.subject;
    if (head !== before?.head || token !== before.token || labels.length !== before.labels.length)
      this.chosen = null;
    this.subject = subject;
    this.theme = theme;
    this.draw();
  }

  private draw(): void {
    const { subject, theme } = this;
    if (!subject || !theme) return;
    const { feed, labels, asks, written, experiment } = subject;
    this.switches.update({ scale: feed.scale, experiment });
    const steps = stepsOf(feed, this.switches.value);
    // The key whose terms are named: at first the strongest.
    const chosen = this.chosen ?? strongest(steps.weights, 1)[0];
    const terms = termsOf(feed, chosen);
    const deciding = leading(terms, NAMED);
    const marked = new Set(deciding);
    this.queryName.textContent = visible(asks);
    this.query.update({ values: feed.query, largest: largest(feed.query), marked }, theme);
    const own = isAsTheModel(this.switches.value);
    this.keys.update({ labels, feed, steps, chosen, marked, written, own }, theme);
    this.drawEntropies();
    this.grouped.textContent = sharers(subject.head, subject.shared);
    this.entropy.textContent = this.spread(steps);
    const named = deciding.map((i) => {
      const key = feed.keys[chosen * feed.query.length + i];
      return `dimension ${i}: ${feed.query[i].toFixed(2)} × ${key.toFixed(2)} = ${terms[i].toFixed(2)}`;
    });
    const pair = `query(${visible(asks)}) · key(${visible(labels[chosen])}) = ${steps.products[chosen].toFixed(2)}`;
    this.detail.textContent = `${pair}, of ${terms.length} terms. Most of it: ${named.join('; ')} (lit in both vectors). Choose another token for its own.`;
  }

  /** The entropy of every row of the head, as the model has it and as the switches would have it. */
  private drawEntropies(): void {
    const { matrix } = this.subject!;
    const { power } = this.switches;
    // All rows of a long text are many: they are gone through when they or the switches change.
    if (this.spreads.same(matrix, power)) return;
    this.rows.replaceChildren(...(matrix ? entropies(matrix, power) : []));
  }

  private spread(steps: RowSteps): string {
    const { feed } = this.subject!;
    const isMasked = this.switches.value.masked;
    const seen = isMasked ? feed.open.reduce((sum, open) => sum + open, 0) : feed.open.length;
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
