// Scales on the way of queries and keys into their product. Exports put 1/sqrt(d) behind the product, on the queries
// alone, or its root on both sides; as exposed, queries and keys are without it.
import type { GraphIndex } from './graph';
import type { Node } from './model';

/** What a tensor was multiplied or divided by. */
export interface Factor {
  readonly op: 'Mul' | 'Div';
  readonly by: string;
}

/** A number for all elements commutes with these. */
const COMMUTES = /^(Transpose|Reshape|Identity|Unsqueeze|Squeeze|Expand|Cast)$/;
const NUMBERS =
  /^(Cast|Sqrt|Div|Mul|Pow|Reciprocal|Identity|Squeeze|Unsqueeze|Reshape|Gather|Slice|Neg|Add|Sub)$/;
const FARTHEST = 24;

/** The scalars in a tensor, nearest first. */
export function factorsOf(index: GraphIndex, tensor: string): Factor[] {
  const found: Factor[] = [];
  for (let step = 0; step < FARTHEST; step++) {
    const node = index.maker(tensor);
    if (!node || node.domain !== '') break;
    if (node.op === 'Mul' || node.op === 'Div') {
      const side = node.inputs.findIndex((input) => isNumber(index, input, FARTHEST));
      if (side < 0 || (node.op === 'Div' && side === 0)) break;
      found.push({ op: node.op, by: node.inputs[side] });
      tensor = node.inputs[1 - side];
    } else if (COMMUTES.test(node.op)) tensor = node.inputs[0];
    else break;
  }
  return found;
}

/** Whether a tensor is one number, stored or made from lengths: never from what the model computes. */
function isNumber(index: GraphIndex, tensor: string, left: number): boolean {
  const weight = index.graph.initializers.get(tensor);
  if (weight) return weight.dims.every((dim) => dim === 1);
  const node: Node | undefined = index.maker(tensor);
  if (!node || left === 0) return false;
  if (node.op === 'Constant') {
    const stored = node.attributes.get('value')?.tensor;
    return stored ? stored.dims.every((dim) => dim === 1) : !node.attributes.has('value_floats');
  }
  if (node.op === 'Shape') return true;
  return (
    NUMBERS.test(node.op) && isNumber(index, node.inputs[0], left - 1) && secondIsNumber(index, node, left)
  );
}

function secondIsNumber(index: GraphIndex, { op, inputs }: Node, left: number): boolean {
  return !/^(Div|Mul|Pow|Add|Sub)$/.test(op) || isNumber(index, inputs[1], left - 1);
}
