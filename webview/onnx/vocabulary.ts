// How many tokens a model knows: the rows of the table that it looks its ids up in.
import { GraphIndex } from './graph';
import type { Model, Node } from './model';

/** Operators that pass ids on, in another shape or integer type. */
const PASSING = new Set([
  'Cast',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Identity',
  'Flatten',
  'Transpose',
  'Expand',
]);

/** Null where the graph does not tell: no table of weights is looked up by the input as it is. */
export function vocabularySize(model: Model, input: string): number | null {
  const index = new GraphIndex(model.graph);
  const seen = new Set<string>();
  const open = [input];
  let rows: number | null = null;
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    for (const node of index.readersOf(name)) {
      if (PASSING.has(node.op) && node.inputs[0] === name) open.push(node.outputs[0]);
      const found = rowsOf(index, node, name);
      if (found !== null) rows = Math.min(rows ?? found, found);
    }
  }
  return rows;
}

/** The table that `ids` index in `node`; quantised ones have as many rows. */
function rowsOf(index: GraphIndex, { op, inputs }: Node, ids: string): number | null {
  const table =
    (op === 'Gather' || op === 'GatherBlockQuantized') && inputs[1] === ids
      ? inputs[0]
      : op === 'EmbedLayerNormalization' && inputs[0] === ids
        ? inputs[2]
        : null;
  for (let name = table; name;) {
    const weight = index.graph.initializers.get(name);
    if (weight) return weight.dims.length === 2 ? weight.dims[0] : null;
    const maker = index.maker(name);
    name = maker && /^(DequantizeLinear|Cast|Identity)$/.test(maker.op) ? maker.inputs[0] : null;
  }
  return null;
}
