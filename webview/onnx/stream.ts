// The residual stream: what a layer reads and adds to. It is found from the attention: going forward from the heads'
// output, the first sum whose other side is what the queries were made of.
import type { GraphIndex } from './graph';
import type { Node } from './model';

/** The last two add a residual and normalise at once; their first two inputs are the sides of the sum. */
const SUMS = /^(Add|Sum|SkipLayerNormalization|SkipSimplifiedLayerNormalization)$/;
/** Between the heads' output and its residual lie a projection, and a norm or the layer's other half at most. */
const FARTHEST = 160;

/** The tensor that the layer of this attention reads, or null. */
export function streamBefore(index: GraphIndex, query: string, output: string): string | null {
  const sources = nearAncestors(index, query);
  const open: Node[] = index.readersOf(output).slice(0, FARTHEST);
  const seen = new Set(open);
  for (let i = 0; i < open.length && i < FARTHEST; i++) {
    const node = open[i];
    if (SUMS.test(node.op)) {
      const sides = node.inputs.slice(0, node.op === 'Sum' ? undefined : 2);
      const stream = sides.find((side) => sources.has(side) && !index.isConstant(side));
      if (stream !== undefined) return stream;
    }
    for (const reader of node.outputs.flatMap((name) => index.readersOf(name).slice(0, FARTHEST)))
      if (!seen.has(reader)) {
        seen.add(reader);
        open.push(reader);
      }
  }
  return null;
}

/** What a tensor is made of, itself included; what lies nearest. */
function nearAncestors(index: GraphIndex, tensor: string): Set<string> {
  const found = new Set([tensor]);
  for (const name of found) {
    if (found.size > 4 * FARTHEST) break;
    for (const input of index.maker(name)?.inputs.slice(0, FARTHEST) ?? [])
      if (input !== '') found.add(input);
  }
  return found;
}
