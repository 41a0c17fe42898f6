// How many heads an attention has, and how many of them share keys and values (grouped queries).
import type { GraphIndex } from './graph';
import type { Shapes } from './shape';
import { operandsOf, type Product } from './sites';

/** Between the keys' own heads and the product lie layout and repetition. */
const LAYOUT = /^(Transpose|Reshape|Identity|Cast|Mul|Div)$/;
const FARTHEST = 16;

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

/** Before they are repeated for the queries that share them: a Unsqueeze and an Expand, as exporters write it. */
function keyHeads(index: GraphIndex, shapes: Shapes, key: string): number | null {
  const direct = headAxis(shapes, key);
  let tensor = key;
  for (let step = 0; step < FARTHEST; step++) {
    const node = index.maker(tensor);
    if (!node) break;
    const from = shapes.of(node.inputs[0]);
    if (/^(Expand|Tile)$/.test(node.op) && from && from.length >= 4) return from[1];
    if (!LAYOUT.test(node.op)) break;
    tensor = node.inputs[0];
  }
  return direct;
}
