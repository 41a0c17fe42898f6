// Before opset 13 a softmax went over everything from its axis on, and version converters say so still: they flatten
// the scores, and give the result its shape back. Over the last axis alone that is an ordinary softmax.
import type { Graph, Node } from './model';

export function unflatten(graph: Graph): Graph {
  const makers = new Map<string, Node>();
  const readers = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) makers.set(output, node);
    for (const input of node.inputs) readers.set(input, [...(readers.get(input) ?? []).slice(0, 1), node]);
  }
  const replaced = new Map<Node, Node>();
  for (const softmax of graph.nodes) {
    if (softmax.op !== 'Softmax') continue;
    const flat = makers.get(softmax.inputs[0]);
    const after = readers.get(softmax.outputs[0]) ?? [];
    const shape =
      after.length === 1 && after[0].op === 'Reshape' ? makers.get(after[0].inputs[1]) : undefined;
    if (flat?.op !== 'Flatten' || shape?.op !== 'Shape' || shape.inputs[0] !== flat.inputs[0]) continue;
    const axis = flat.attributes.get('axis')?.number ?? 1;
    if (axis !== -1 && axis < 2) continue;
    const attributes = new Map([['axis', { number: -1, range: null }]]);
    replaced.set(after[0], { ...softmax, inputs: [flat.inputs[0]], outputs: after[0].outputs, attributes });
  }
  if (replaced.size === 0) return graph;
  return { ...graph, nodes: graph.nodes.map((node) => replaced.get(node) ?? node) };
}
