/** What is looked at: one head, or several brought together. Which matrices that takes, and the one made of them. */
import type { Head, Mask, Matrix } from './attention';
import { headName } from './attention';

/** One matrix of one run: a head's own, or the mean or maximum over the heads of a layer, or of all (`layer` null). */
export type Single =
  | { readonly kind: 'head'; readonly head: Head }
  | { readonly kind: 'average' | 'maximum'; readonly layer: number | null };

export type Look =
  | Single
  /** Several heads over each other, each told by a colour and a letter. */
  | { readonly kind: 'overlay'; readonly heads: readonly Head[] }
  /** Causal minus bidirectional: two runs. */
  | { readonly kind: 'difference'; readonly of: Single };

/** A matrix that a look is made of, and the mask of the run that it comes from. */
export interface Source {
  readonly of: Single;
  readonly mask: Mask;
}

/** What a look shows: one matrix of the values in focus, untouched by scale, threshold or hidden sinks. */
export interface Seen extends Matrix {
  readonly look: Look;
  /** The matrices of the look's sources, in their order. */
  readonly parts: readonly Matrix[];
}

/** Unique among looks: "5.1", "average of layer 5", "maximum of all heads", "0.1 + 5.1", "5.1, causal − bidirectional". */
export function lookName(look: Look): string {
  switch (look.kind) {
    case 'head':
      return headName(look.head);
    case 'average':
    case 'maximum':
      return `${look.kind} of ${look.layer === null ? 'all heads' : `layer ${look.layer}`}`;
    case 'overlay':
      return look.heads.map(headName).join(' + ');
    case 'difference':
      return `${lookName(look.of)}, causal − bidirectional`;
  }
}

/** The matrices that a look takes, for a picture made under `mask`. */
export function sourcesOf(look: Look, mask: Mask): readonly Source[] {
  switch (look.kind) {
    case 'overlay':
      return look.heads.map((head) => ({ of: { kind: 'head', head }, mask }));
    case 'difference':
      return [
        { of: look.of, mask: 'causal' },
        { of: look.of, mask: 'bidirectional' },
      ];
    default:
      return [{ of: look, mask }];
  }
}

/** The mask that hides pairs in a look at a picture: a difference has a value, perhaps negative, for each. */
export const maskOf = (look: Look, mask: Mask): Mask => (look.kind === 'difference' ? 'bidirectional' : mask);

/** The one matrix of a look, given those of its sources: an overlay shows, pair by pair, its strongest head. */
export function seenBy(look: Look, parts: readonly Matrix[]): Seen {
  const [first, second] = parts;
  const { queries, keys } = first;
  let { weights } = first;
  // In plain loops: of a long text there are millions of pairs, and the page waits.
  if (look.kind === 'overlay') {
    weights = weights.slice();
    for (const part of parts) largerOf(weights, part.weights);
  } else if (look.kind === 'difference') {
    weights = weights.slice();
    for (let i = 0; i < weights.length; i++) weights[i] -= second.weights[i];
  }
  return { look, parts, queries, keys, weights };
}

function largerOf(most: Float32Array | Float64Array, weights: Float32Array): void {
  for (let i = 0; i < most.length; i++) if (weights[i] > most[i]) most[i] = weights[i];
}

/** Heads brought together one by one, each [queries, keys]: their mean, or the largest weight of each pair. */
export class Gathering {
  /** In doubles: a mean over hundreds of heads is told to six digits and more. */
  private readonly sum: Float64Array;
  private count = 0;

  constructor(
    private readonly kind: 'average' | 'maximum',
    size: number,
  ) {
    this.sum = new Float64Array(size);
  }

  add(weights: Float32Array): void {
    const { sum } = this;
    this.count++;
    if (this.kind === 'maximum') largerOf(sum, weights);
    else for (let i = 0; i < sum.length; i++) sum[i] += weights[i];
  }

  /** The mean or the maximum of what was added so far. */
  weights(): Float32Array {
    const { sum, count } = this;
    const made = Float32Array.from(sum);
    if (this.kind === 'average') for (let i = 0; i < made.length; i++) made[i] = sum[i] / count;
    return made;
  }
}

/**
 * Layers of as many heads brought together, one after the other, in place.
 * @param whole what was made of the `layers` before; then of this one as well
 */
export function joinLayer(
  kind: 'average' | 'maximum',
  whole: Float32Array,
  layers: number,
  layer: Float32Array,
): void {
  if (kind === 'maximum') return largerOf(whole, layer);
  for (let i = 0; i < whole.length; i++) whole[i] += (layer[i] - whole[i]) / (layers + 1);
}
