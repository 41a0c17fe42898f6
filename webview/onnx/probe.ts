// The graph that computes the probes of a plan and nothing else.
import { emitModel, type RewrittenModel } from './emit';
import type { Model, Node } from './model';
import type { Plan } from './plan';

/** The output that holds probe `place` of a plan. */
export function probeName(place: number): string {
  return `headlight_probe_${place}`;
}

/**
 * Fetch all its outputs, feed `probeFeeds(plan)` for its `inputs`, and hand the results to `findMasks`. It mostly
 * needs none of the weights but those of the first layer.
 */
export function probeGraph(model: Model, plan: Plan): RewrittenModel {
  // Each through its own Identity: some tensors in the middle of a graph cannot be fetched directly.
  const nodes = plan.probes.map((tensor, place): Node => ({
    op: 'Identity',
    domain: '',
    inputs: [tensor],
    outputs: [probeName(place)],
    captures: [],
    attributes: new Map(),
  }));
  const none = { weights: [], inputs: [], renamed: new Map(), redirected: new Map() };
  return emitModel(model, { ...none, nodes, outputs: nodes.map((node) => node.outputs[0]) });
}
