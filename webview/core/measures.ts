/** Measures of heads, from the overview's bytes: good to about 1/255, for ranking and naming, never for quoting. */
import type { Head, Mask, Overview } from './attention';
import { headOffset } from './attention';

export interface HeadMeasures extends Head {
  /** Mean over queries of the distance in tokens between query and key, weighted by attention. */
  readonly distance: number;
  /** Mean weight that the queries after the first give to the first token, 0 to 1. */
  readonly sink: number;
}

/** Measures of every head, row by row of the grid. Under a causal mask only the lower triangle is read. */
export function measureHeads(overview: Overview, mask: Mask): HeadMeasures[] {
  const { layers, heads, n, bytes } = overview;
  const measures: HeadMeasures[] = [];
  for (let layer = 0; layer < layers; layer++)
    for (let head = 0; head < heads; head++) {
      let distance = 0;
      let sink = 0;
      let at = headOffset(overview, { layer, head });
      for (let query = 0; query < n; query++, at += n) {
        const keys = mask === 'causal' ? query + 1 : n;
        let row = 0;
        for (let key = 0; key < keys; key++) row += bytes[at + key] * Math.abs(query - key);
        distance += row;
        if (query > 0) sink += bytes[at];
      }
      measures.push({
        layer,
        head,
        distance: distance / 255 / n,
        sink: n > 1 ? sink / 255 / (n - 1) : 1,
      });
    }
  return measures;
}

/**
 * The head to look at first: the largest mean distance times (1 - first-token sink), so that the first picture shows
 * links between tokens and not a diagonal or one bright column.
 */
export function mostTelling(measures: readonly HeadMeasures[]): Head {
  let best = measures[0];
  const interest = (m: HeadMeasures) => m.distance * (1 - m.sink);
  for (const each of measures) if (interest(each) > interest(best)) best = each;
  return { layer: best.layer, head: best.head };
}
