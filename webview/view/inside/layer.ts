/** The heads of one layer side by side, for one token: where each looks, how much it writes, and what they sum to. */
import { strongest } from '../../core/attention';
import { css, ramp, scaled } from '../../core/colour';
import { visible } from '../../core/names';
import { largest, norm, share } from '../../core/vector';
import { Again } from '../../again';
import { element, replaceChildren, setAttribute } from '../../element';
import { surface } from '../../render/surface';
import type { Theme } from '../../render/theme';
import { barred, cell, digits, foot, table } from './table';
import { VectorView, widest } from './vector';

export interface HeadInLayer {
  readonly head: number;
  /** [n] Where the token looks. */
  readonly weights: Float32Array;
  /** Of its weights, in nats: as the model computes them, and without the division by √d. */
  readonly entropy: number;
  readonly unscaled: number;
  /** [hidden] What the head adds to the token: its output through its part of the output projection. */
  readonly written: Float32Array;
}

export interface LayerSubject {
  /** The text of the token that asks, and those of all that it may look at. */
  readonly asks: string;
  readonly labels: readonly string[];
  readonly layer: number;
  readonly focused: number;
  readonly heads: readonly HeadInLayer[];
}

export interface LayerActions {
  focus(head: { readonly layer: number; readonly head: number }): void;
}

const COLUMNS: readonly (readonly [column: string, name: string, why: string])[] = [
  ['name', 'head', 'Choose one to go to it'],
  ['looks', 'where it looks', 'All tokens from first to last, the stronger the brighter'],
  ['strongest', 'strongest', 'The token that gets most of its weight'],
  ['spread', 'entropy', 'How spread its weights are, in nats: 0 is one token only'],
  ['unscaled', 'without √d', 'The entropy if products were not divided by √d'],
  ['weight', 'how much it writes', 'Length of what it adds to the token'],
  [
    'part',
    'share of the sum',
    'How much of the sum below comes from this head: all shares add up to 100 %; one that pulls the other way is negative',
  ],
  ['value', 'what it writes', 'The vector that it adds, dimension by dimension'],
];

/** CSS pixels; the width is the most. */
const PATTERN = { width: 180, height: 14 };

export class LayerView {
  readonly root: HTMLElement;
  private readonly title = element('p');
  private readonly body = element('tbody');
  private readonly sum = new VectorView('Sum of what the heads write');
  private readonly total = digits('');
  private readonly again = new Again();

  constructor(private readonly actions: LayerActions) {
    this.root = element(
      'div',
      { class: 'layer' },
      this.title,
      table(
        COLUMNS.map(([column, name, why]) =>
          element('th', { scope: 'col', class: column, title: why }, name),
        ),
        this.body,
        [
          foot(
            ['all heads added: what the layer’s attention writes'],
            5,
            this.total,
            digits('100 %'),
            element('td', {}, this.sum.root),
          ),
        ],
      ),
    );
  }

  update(subject: LayerSubject, theme: Theme): void {
    if (this.again.same(subject.heads[0].weights, subject.focused, theme, widest())) return;
    const { heads, asks, layer } = subject;
    const sum = sumOf(heads.map(({ written }) => written));
    const longest = Math.max(...heads.map(({ written }) => norm(written)));
    const peak = Math.max(...heads.map(({ written }) => largest(written)));
    this.title.textContent = `What ${visible(asks)} gets from each head of layer ${layer}`;
    replaceChildren(this.body, ...heads.map((each) => this.line(each, subject, sum, longest, peak, theme)));
    this.total.textContent = norm(sum).toFixed(2);
    this.sum.update({ values: sum, largest: largest(sum), marked: null }, theme);
  }

  private line(
    { head, weights, entropy, unscaled, written }: HeadInLayer,
    { labels, layer, focused }: LayerSubject,
    sum: Float64Array,
    longest: number,
    peak: number,
    theme: Theme,
  ): HTMLElement {
    const name = `${layer}.${head}`;
    const button = element('button', { type: 'button', class: 'example', 'data-held': name }, name);
    button.addEventListener('click', () => this.actions.focus({ layer, head }));
    setAttribute(button, 'aria-current', head === focused ? 'true' : null);
    const [most] = strongest(weights, 1);
    const pattern = element('canvas', { role: 'img', 'aria-label': `Head ${name} over all tokens` });
    drawPattern(pattern, weights, theme);
    const vector = new VectorView(`What head ${name} writes`);
    vector.update({ values: written, largest: peak, marked: null }, theme);
    return element(
      'tr',
      { class: head === focused ? 'chosen' : '' },
      element('th', { scope: 'row', class: 'name' }, button),
      cell('looks', pattern),
      cell('strongest', `${visible(labels[most])} ${weights[most].toFixed(2)}`),
      cell('digits spread', entropy.toFixed(2)),
      cell('digits unscaled', unscaled.toFixed(2)),
      barred(norm(written) / longest, theme.foreground, norm(written).toFixed(2)),
      cell('digits part', `${(100 * share(written, sum)).toFixed(0)} %`),
      cell('value', vector.root),
    );
  }
}

/** All weights of a row along a strip, each as wide as there is room. */
function drawPattern(canvas: HTMLCanvasElement, weights: Float32Array, theme: Theme): void {
  const { context } = surface(canvas, Math.min(PATTERN.width, widest() + 60), PATTERN.height);
  const { width, height } = context.canvas;
  const pitch = width / weights.length;
  // Strong ones last, so that they survive where several share a pixel.
  for (const token of strongest(weights, weights.length).reverse()) {
    context.fillStyle = css(ramp(theme.kind, scaled(weights[token], 'square root')));
    const from = Math.floor(token * pitch);
    context.fillRect(from, 0, Math.max(1, Math.floor((token + 1) * pitch) - from), height);
  }
}

function sumOf(vectors: readonly Float32Array[]): Float64Array {
  const sum = new Float64Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) vector.forEach((value, i) => (sum[i] += value));
  return sum;
}
