// How many heads an attention has, and how many of them share keys and values (grouped queries).
import type { GraphIndex } from './graph';
import type { Shapes } from './shape';
import { operandsOf, type Product } from './sites';

/** Between the heads that keys have and the product lie rotary positions and a repetition at most. */
const FARTHEST = 48;
const PROJECTIONS = /^(MatMul|Gemm|MatMulInteger|MatMulNBits|Conv)$/;

/** null where the graph does not tell. */
export function headsOf(
  index: GraphIndex,
  shapes: Shapes,
  { shown, softmax, scores, products }: Product,
): { heads: number | null; keyHeads: number | null } {
  const [query, key] = operandsOf(products[0]);
  const tensors = [shown, softmax.outputs[0], scores, products[0].outputs[0], query];
  const heads = tensors.map((name) => headAxis(shapes, name)).find((length) => length !== null) ?? null;
  return { heads, keyHeads: keyHeads(index, shapes, key) ?? heads };
}

function headAxis(shapes: Shapes, tensor: string): number | null {
  const dims = shapes.of(tensor);
  if (dims?.length === 5 && dims[1] && dims[2]) return dims[1] * dims[2];
  return dims?.length === 4 ? dims[1] : null;
}

/**
 * Before they are repeated for the queries that share them: an axis of 1 beside that of the heads, expanded, as all
 * exporters write it.
 */
function keyHeads(index: GraphIndex, shapes: Shapes, key: string): number | null {
  const open = new Set([key]);
  for (const tensor of open) {
    if (open.size > FARTHEST) break;
    const node = index.maker(tensor);
    if (!node || PROJECTIONS.test(node.op) || node.op === 'Shape') continue;
    const from = shapes.of(node.inputs[0]);
    if (/^(Expand|Tile)$/.test(node.op) && from?.length === 5)
      for (const axis of [2, 3]) if (from[axis] === 1 && from[axis - 1] !== null) return from[axis - 1];
    for (const input of node.inputs.slice(0, FARTHEST))
      if (input !== '' && !index.isConstant(input)) open.add(input);
  }
  return headAxis(shapes, key);
}
