/** Measures of heads, from their f32 probabilities. */
import type { Head } from './attention';

export interface HeadMeasures extends Head {
  /** Mean over queries of the distance in tokens between query and key, weighted by attention. */
  readonly distance: number;
  /** Mean weight that the queries after the first give to the first token, 0 to 1. */
  readonly sink: number;
}

/** Measures of the heads of one layer, given its weights [heads, n, n]. */
export function measureHeads(weights: Float32Array, layer: number, n: number): HeadMeasures[] {
  return Array.from({ length: weights.length / (n * n) }, (_, head) => {
    let distance = 0;
    let sink = 0;
    for (let query = 0, at = head * n * n; query < n; query++, at += n) {
      for (let key = 0; key < n; key++) distance += weights[at + key] * Math.abs(query - key);
      if (query > 0) sink += weights[at];
    }
    return { layer, head, distance: distance / n, sink: n > 1 ? sink / (n - 1) : 1 };
  });
}

/**
 * The head to look at first: the largest mean distance times (1 - first-token sink), so that the first picture shows
 * links between tokens and not a diagonal or one bright column.
 */
export function mostTelling(measures: readonly HeadMeasures[]): Head {
  const interest = ({ distance, sink }: HeadMeasures) => distance * (1 - sink);
  const { layer, head } = measures.reduce((best, each) => (interest(each) > interest(best) ? each : best));
  return { layer, head };
}
