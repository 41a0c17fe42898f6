/** What is looked at: one head, or several brought together. Which matrices that takes, and the one made of them. */
import type { Head, Mask, Matrix, Shape } from './attention';
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
  if (look.kind === 'overlay') {
    weights = weights.slice();
    for (const part of parts)
      for (let i = 0; i < weights.length; i++) if (part.weights[i] > weights[i]) weights[i] = part.weights[i];
  } else if (look.kind === 'difference') {
    weights = weights.slice();
    for (let i = 0; i < weights.length; i++) weights[i] -= second.weights[i];
  }
  return { look, parts, queries, keys, weights };
}

/** One matrix of a run, given each layer's weights [heads, queries, keys]; a copy, to be moved away. */
export function gather(layers: readonly Float32Array[], { heads, queries, keys }: Shape, of: Single): Matrix {
  const size = queries * keys;
  if (of.kind === 'head') {
    const { layer, head } = of.head;
    return { queries, keys, weights: layers[layer].slice(head * size, (head + 1) * size) };
  }
  const taken = of.layer === null ? layers : [layers[of.layer]];
  // In doubles: a mean over hundreds of heads is told to six digits and more.
  const sum = new Float64Array(size);
  for (const layer of taken)
    for (let head = 0; head < heads; head++)
      for (let i = 0, at = head * size; i < size; i++, at++)
        if (of.kind === 'average') sum[i] += layer[at];
        else if (layer[at] > sum[i]) sum[i] = layer[at];
  const count = of.kind === 'average' ? taken.length * heads : 1;
  return { queries, keys, weights: Float32Array.from(sum, (value) => value / count) };
}
