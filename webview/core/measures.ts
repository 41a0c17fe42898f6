/** Measures of heads, from their f32 probabilities. */
import type { Head, Overview, Shape } from './attention';
import { countCells, headOffset } from './attention';

export interface HeadMeasures extends Head {
  /** Mean over queries of the distance in tokens between query and key, weighted by attention. */
  readonly distance: number;
  /** Mean weight that the queries after the first give to the first token, 0 to 1. */
  readonly sink: number;
  /** Mean over the same queries of the largest weight on any token but the first, 0 to 1. */
  readonly confidence: number;
}

/**
 * Measures of the heads of one layer, given its weights [heads, queries, keys].
 * @param first where the first query stands among the keys
 */
export function measureHeads(
  weights: Float32Array,
  layer: number,
  { queries, keys }: Pick<Shape, 'queries' | 'keys'>,
  first = 0,
): HeadMeasures[] {
  return Array.from({ length: weights.length / (queries * keys) }, (_, head) => {
    let distance = 0;
    let sink = 0;
    let confidence = 0;
    for (let query = 0, at = head * queries * keys; query < queries; query++, at += keys) {
      let most = 0;
      for (let key = 0; key < keys; key++) {
        const weight = weights[at + key];
        distance += weight * Math.abs(first + query - key);
        if (key > 0 && weight > most) most = weight;
      }
      if (query > 0) {
        sink += weights[at];
        confidence += most;
      }
    }
    // A text of one token has no queries after the first.
    const later = Math.max(1, queries - 1);
    return { layer, head, distance: distance / queries, sink: sink / later, confidence: confidence / later };
  });
}

/** The same of one head from what was measured of each query, [3, queries]: distance, weight of the first token, largest other. */
export function meanMeasures(told: Float32Array, head: Head): HeadMeasures {
  const queries = told.length / 3;
  const mean = (row: number, from: number) => {
    let sum = 0;
    for (let query = from; query < queries; query++) sum += told[row * queries + query];
    return sum / Math.max(1, queries - from);
  };
  return { ...head, distance: mean(0, 0), sink: mean(1, 1), confidence: mean(2, 1) };
}

/** Of a longer text the first cells say enough, and are counted while a picture waits. */
const COUNTED = 256;
/** Weights under this, of 255, add next to nothing to a sum of squares, and are most of them. */
const FAINT = 26;

/**
 * The head to look at first: the one with the strongest links of the most kinds. A link is what a token gives to another
 * one that holds text: not to itself, to the first token or to white space, where heads rest that have nothing to say
 * (Clark et al. 2019, section 3.2). Its strength is the weight squared, so that a haze of small weights is none. The sum of
 * them for each query is multiplied with the chance that two links, drawn by their strength, differ in their distance,
 * and that they differ in their key (Gini and Simpson's index): heads that go by a fixed offset (Voita et al. 2019,
 * "positional heads") and heads that look at one token are then the last to be shown.
 *
 * @param texts whether each key holds text
 * @param across queries and keys are different tokens: none is itself, or the first
 */
export function mostTelling(overview: Overview, texts: readonly boolean[], across: boolean): Head {
  let best = { interest: -1, layer: 0, head: 0 };
  for (let layer = 0; layer < overview.layers; layer++)
    for (let head = 0; head < overview.heads; head++) {
      const interest = interestOf(overview, { layer, head }, texts, across);
      if (interest > best.interest) best = { interest, layer, head };
    }
  return { layer: best.layer, head: best.head };
}

function interestOf(overview: Overview, at: Head, texts: readonly boolean[], across: boolean): number {
  const { cell, bytes } = overview;
  const { queries, keys } = countCells(overview);
  const start = headOffset(overview, at);
  const [rows, columns] = [Math.min(queries, COUNTED), Math.min(keys, COUNTED)];
  const byDistance = new Float64Array(rows + columns);
  const byKey = new Float64Array(columns);
  // Of a cell of several tokens, where any of them does.
  const holdsText = (key: number) => texts.slice(key * cell, (key + 1) * cell).includes(true);
  const open = Array.from({ length: columns }, (_, key) => (across || key > 0) && holdsText(key));
  let sum = 0;
  for (let query = 0; query < rows; query++)
    for (let key = 0; key < columns; key++) {
      const byte = bytes[start + query * keys + key];
      if (byte < FAINT || !open[key] || (!across && key === query)) continue;
      const strength = (byte / 255) ** 2;
      sum += strength;
      byDistance[query - key + columns] += strength;
      byKey[key] += strength;
    }
  return sum === 0 ? 0 : (sum / rows) * differing(byDistance, sum) * differing(byKey, sum);
}

/** The chance that two draws differ. */
function differing(strengths: Float64Array, sum: number): number {
  return 1 - strengths.reduce((same, strength) => same + (strength / sum) ** 2, 0);
}
