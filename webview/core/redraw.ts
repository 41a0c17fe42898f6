/** How weights are redrawn before they are seen. No number that is told depends on it. */
import type { Matrix } from './attention';
import type { Single } from './look';

/** Of each layer, f32 [heads, keys]: the length of what each key hands over through a head, ‖v W_O‖. */
export type Lengths = readonly Float32Array[];

export interface Redraw {
  /** The first token is left out, and the rest of its row rescaled. */
  readonly sinkHidden: boolean;
  /** Each weight is taken times the length of what it hands over, and its row rescaled; null to leave it. */
  readonly lengths: Lengths | null;
}

/** A matrix of one run, redrawn. Lengths belong to single heads: an average is left as it is. */
export function redrawn(matrix: Matrix, { sinkHidden, lengths }: Redraw, of: Single): Matrix {
  const { keys } = matrix;
  const own =
    lengths && of.kind === 'head'
      ? lengths[of.head.layer].subarray(of.head.head * keys, (of.head.head + 1) * keys)
      : null;
  const valued = own ? byValue(matrix, own) : matrix;
  return sinkHidden ? withoutSink(valued) : valued;
}

/**
 * a ‖v W_O‖, each row rescaled to the sum it had: how much of what arrives comes from each key (Kobayashi et al. 2020,
 * "Attention is Not Only a Weight", section 3; the vectors' lengths after the output projection).
 *
 * @param lengths [keys]
 */
export function byValue({ queries, keys, weights }: Matrix, lengths: Float32Array): Matrix {
  const valued = new Float32Array(weights.length);
  for (let query = 0, at = 0; query < queries; query++, at += keys) {
    let [before, after] = [0, 0];
    for (let key = 0; key < keys; key++) {
      before += weights[at + key];
      after += valued[at + key] = weights[at + key] * lengths[key];
    }
    if (after > 0) for (let key = 0; key < keys; key++) valued[at + key] *= before / after;
  }
  return { queries, keys, weights: valued };
}

/** The matrix without its first key, the rest of each row rescaled to the row's sum; a row of nothing else is empty. */
export function withoutSink({ queries, keys, weights }: Matrix): Matrix {
  const rest = new Float32Array(weights.length);
  for (let query = 0, at = 0; query < queries; query++, at += keys) {
    let others = 0;
    for (let key = 1; key < keys; key++) others += weights[at + key];
    const factor = others > 0 ? (others + weights[at]) / others : 0;
    for (let key = 1; key < keys; key++) rest[at + key] = Math.min(1, weights[at + key] * factor);
  }
  return { queries, keys, weights: rest };
}
