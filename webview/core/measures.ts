/** Measures of heads, from their f32 probabilities. */
import type { Head, Shape } from './attention';

export interface HeadMeasures extends Head {
  /** Mean over queries of the distance in tokens between query and key, weighted by attention. */
  readonly distance: number;
  /** Mean weight that the queries after the first give to the first token, 0 to 1. */
  readonly sink: number;
  /** Mean over the same queries of the largest weight on any token but the first, 0 to 1. */
  readonly confidence: number;
}

/** Measures of the heads of one layer, given its weights [heads, queries, keys]. */
export function measureHeads(
  weights: Float32Array,
  layer: number,
  { queries, keys }: Pick<Shape, 'queries' | 'keys'>,
): HeadMeasures[] {
  return Array.from({ length: weights.length / (queries * keys) }, (_, head) => {
    let distance = 0;
    let sink = 0;
    let confidence = 0;
    for (let query = 0, at = head * queries * keys; query < queries; query++, at += keys) {
      let most = 0;
      for (let key = 0; key < keys; key++) {
        const weight = weights[at + key];
        distance += weight * Math.abs(query - key);
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

/**
 * The head to look at first: the largest mean distance times (1 - first-token sink) times confidence, so that the first
 * picture shows links between tokens, and not a diagonal, one bright column or a haze.
 */
export function mostTelling(measures: readonly HeadMeasures[]): Head {
  const interest = ({ distance, sink, confidence }: HeadMeasures) => distance * (1 - sink) * confidence;
  const { layer, head } = measures.reduce((best, each) => (interest(each) > interest(best) ? each : best));
  return { layer, head };
}
