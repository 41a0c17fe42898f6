// Scales on the way of queries and keys into their product. Exports put 1/sqrt(d) behind the product, on the queries
// alone, or its root on both sides; as exposed, queries and keys are without it.
import type { GraphIndex } from './graph';
import type { Node, Weight } from './model';

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
/** Tensors that one number is made of; a made-up file may have any number. */
const MOST = 256;

/** The scalars in a tensor, nearest first. */
export function factorsOf(index: GraphIndex, tensor: string): Factor[] {
  const found: Factor[] = [];
  for (let step = 0; step < FARTHEST; step++) {
    const node = index.maker(tensor);
    if (!node || node.domain !== '') break;
    if (node.op === 'Mul' || node.op === 'Div') {
      const side = node.inputs.findIndex((input) => isNumber(index, input));
      if (side < 0 || (node.op === 'Div' && side === 0)) break;
      found.push({ op: node.op, by: node.inputs[side] });
      tensor = node.inputs[1 - side];
    } else if (COMMUTES.test(node.op)) tensor = node.inputs[0];
    else break;
  }
  return found;
}

/**
 * Whether a tensor is one number, stored or made from lengths: never from what the model computes. All that it is made of
 * is looked at once, however often it is used.
 */
function isNumber(index: GraphIndex, tensor: string): boolean {
  const open = new Set([tensor]);
  for (const name of open) {
    const parts = partsOf(index, name);
    if (parts === null || open.size > MOST) return false;
    for (const part of parts) open.add(part);
  }
  return true;
}

/** What a number is made of: nothing where it is stored or a length. Null for what is no number. */
function partsOf(index: GraphIndex, tensor: string): readonly string[] | null {
  const weight = index.graph.initializers.get(tensor);
  const isOne = ({ dims }: Weight) => dims.every((dim) => dim === 1);
  if (weight) return isOne(weight) ? [] : null;
  const node: Node | undefined = index.maker(tensor);
  if (!node) return null;
  const { op, inputs, attributes } = node;
  if (op === 'Constant') {
    const stored = attributes.get('value')?.tensor;
    return (stored ? isOne(stored) : !attributes.has('value_floats')) ? [] : null;
  }
  if (op === 'Shape') return [];
  if (!NUMBERS.test(op)) return null;
  return inputs.slice(0, /^(Div|Mul|Pow|Add|Sub)$/.test(op) ? 2 : 1);
}
