/**
 * One row of attention, step by step: softmax(q Kᵀ · scale + bias) V for a single query (Vaswani et al. 2017, section
 * 3.2.1, equation 1), with switches at the steps they belong to.
 */

import { dot, rowOf } from './vector';

/** What one head is fed for one query, as it enters the products: positions turned in, an export's split scale undone. */
export interface RowFeed {
  /** [d] */
  readonly query: Float32Array;
  /** [n, d] */
  readonly keys: Float32Array;
  /** [n, width] */
  readonly values: Float32Array;
  /** What products are multiplied by: 1/√d in most models. */
  readonly scale: number;
  /** [n] What is added to the scaled products besides the mask: a bias of position, padding. 0 in most models. */
  readonly bias: Float32Array;
  /** [n] 1 where the mask lets the query see the key. */
  readonly open: Uint8Array;
}

/** What may be left out or changed, of this row alone. */
export interface RowSwitches {
  /** Multiply by the scale. */
  readonly scaled: boolean;
  /** Hide what the mask hides. */
  readonly masked: boolean;
  /** Divides the scores: below 1 sharper, above 1 flatter. Positive. */
  readonly temperature: number;
}

export const asTheModel: RowSwitches = { scaled: true, masked: true, temperature: 1 };

export const isAsTheModel = ({ scaled, masked, temperature }: RowSwitches): boolean =>
  scaled && masked && temperature === 1;

/** The numbers of every step; [n] but for the output. */
export interface RowSteps {
  /** q · k for every key. */
  readonly products: Float64Array;
  /** Times the scale, divided by the temperature. */
  readonly scaled: Float64Array;
  /** Plus the bias, which the temperature divides too. */
  readonly scores: Float64Array;
  /** The scores with minus infinity where the mask hides the key. */
  readonly masked: Float64Array;
  /** Softmax of these; sums to 1. */
  readonly weights: Float64Array;
  /** [width] The values, each times its weight, summed. */
  readonly output: Float64Array;
  /** Of the weights, in nats: 0 where one key has all, ln n where all are alike (Shannon 1948). */
  readonly entropy: number;
}

export function stepsOf(feed: RowFeed, { scaled, masked, temperature }: RowSwitches): RowSteps {
  const { query, keys, values, scale, bias, open } = feed;
  const n = open.length;
  const products = Float64Array.from({ length: n }, (_, key) => dot(query, rowOf(keys, key, query.length)));
  const own = products.map((product) => (product * (scaled ? scale : 1)) / temperature);
  const scores = own.map((score, key) => score + bias[key] / temperature);
  const seen = scores.map((score, key) => (masked && !open[key] ? -Infinity : score));
  const weights = softmax(seen);
  return {
    products,
    scaled: own,
    scores,
    masked: seen,
    weights,
    output: sumOf(values, weights),
    entropy: entropy(weights),
  };
}

/** exp(x) / Σ exp(x), safe from overflow; minus infinity gets exactly 0. A row that is closed whole gets all 0. */
export function softmax(scores: Float64Array): Float64Array {
  const most = scores.reduce((best, score) => Math.max(best, score), -Infinity);
  if (most === -Infinity) return new Float64Array(scores.length);
  const powers = scores.map((score) => Math.exp(score - most));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/**
 * The softmax of scores that are multiplied by `power`, from the softmax itself: its weights to that power, made to sum
 * to 1 again. What is hidden stays hidden.
 */
export function sharpened(weights: ArrayLike<number>, power: number): Float64Array {
  const most = Array.from(weights).reduce((best, weight) => Math.max(best, weight), 0);
  const powers = Float64Array.from(weights, (weight) => (weight > 0 ? (weight / most) ** power : 0));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return powers.map((value) => value / total);
}

/** −Σ p ln p in nats. */
export function entropy(weights: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) if (weights[i] > 0) sum -= weights[i] * Math.log(weights[i]);
  return sum;
}

/** What each dimension adds to a product, [d]: the terms of q · k. */
export function termsOf({ query, keys }: RowFeed, key: number): Float64Array {
  const d = query.length;
  return Float64Array.from(query, (value, i) => value * keys[key * d + i]);
}

/** The dimensions whose terms move a product most, either way, largest first. */
export function leading(terms: ArrayLike<number>, count: number): number[] {
  return Array.from({ length: terms.length }, (_, i) => i)
    .sort((a, b) => Math.abs(terms[b]) - Math.abs(terms[a]) || a - b)
    .slice(0, count);
}

function sumOf(values: Float32Array, weights: Float64Array): Float64Array {
  const width = values.length / weights.length;
  const sum = new Float64Array(width);
  weights.forEach((weight, key) => {
    if (weight > 0) for (let i = 0; i < width; i++) sum[i] += weight * values[key * width + i];
  });
  return sum;
}

/**
 * What a model multiplies products with on their way to a score, of products of d terms and the scores that became of
 * them: of each token with itself, or, across two texts, of any pairs. Whatever is added goes by the distance between
 * query and key, and between two texts there is none, so that over such pairs it is constant, and the slope of scores
 * over products is the scale. 1/√d and 1, which nearly all models take, are told exactly.
 */
export function modelScale(products: ArrayLike<number>, scores: ArrayLike<number>, d: number): number {
  const n = products.length;
  const usual = 1 / Math.sqrt(d);
  let [sumX, sumY, sumXX, sumXY] = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [x, y] = [products[i], scores[i]];
    sumX += x;
    sumY += y;
    sumXX += x * x;
    sumXY += x * y;
  }
  const spread = n * sumXX - sumX * sumX;
  if (!(spread > 1e-9 * n * sumXX)) return usual;
  const slope = (n * sumXY - sumX * sumY) / spread;
  return [usual, 1].find((known) => Math.abs(slope / known - 1) < 1e-3) ?? slope;
}
