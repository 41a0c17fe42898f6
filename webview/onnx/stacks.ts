// A graph with several inputs to read, such as a text and an image: which of its attention is of which.
import { GraphIndex } from './graph';
import type { Model } from './model';
import { endsOf, type Plan, type SiteKind } from './plan';

/**
 * The plan for the attention that is computed from one input and from none of the others. Layers are counted anew, and
 * what leaves the last of them is looked for anew: that of another stack would ask for what is not fed. What comes of
 * several together is in none of these plans.
 */
export function planFrom(model: Model, plan: Plan, input: string, others: readonly string[]): Plan {
  const index = new GraphIndex(model.graph);
  const own = index.descendants([input]);
  const foreign = others.map((other) => index.descendants([other]));
  const layers = new Map<SiteKind, number>();
  const probes = [...plan.probes];
  const sites = plan.sites
    .filter(({ scores }) => own.has(scores) && !foreign.some((made) => made.has(scores)))
    .map((site) => {
      const layer = layers.get(site.kind) ?? 0;
      layers.set(site.kind, layer + 1);
      // The first of a stack is its witness, whichever was first of the graph.
      const needed = layer === 0 && site.kind !== 'cross' && site.masks.length > 0;
      const witness = needed && site.witness === null ? probes.push(site.name) - 1 : site.witness;
      return { ...site, layer, witness };
    });
  return { ...plan, sites, ends: endsOf(index, sites), probes };
}
