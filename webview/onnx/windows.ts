// Attention that is computed window by window (Longformer, LED, LongT5): the tokens are cut into pieces that overlap, and
// each query meets the keys of a few of them. What comes out has a column for every place in the window, and is no matrix of
// tokens by tokens. It is known by its layout: the values are pieces of one tensor, side by side, or the scores are written
// into other places on their way from the product to the softmax.
import type { GraphIndex } from './graph';
import type { Model, Node } from './model';
import { isComputed, isOverKeys, operands, operandsOf, type Product } from './sites';

/** What arranges values between their projection and their product. */
const ARRANGES = /^(Reshape|Transpose|Squeeze|Unsqueeze|Cast|Identity|Expand|Pad)$/;
const CUTS = /^(Slice|Gather|Split)$/;
const SCATTERS = /^Scatter(ND|Elements)$/;

/** Tensors between a softmax and its products, and softmaxes; a made-up file may have any number. */
const MOST = 1024;
/** Readers of one tensor, for the same reason. */
const WIDEST = 64;

/** What such softmaxes give, `products` (all attention that looks like any other) among them. */
export function windowed(model: Model, index: GraphIndex, products: readonly Product[]): Set<string> {
  const known = new Set(products.map(({ softmax }) => softmax));
  const found = products.filter((product) => hasPieces(index, product)).map(({ softmax }) => softmax);
  const others = model.graph.nodes.filter(
    (node) => node.op === 'Softmax' && node.domain === '' && !known.has(node) && isOverKeys(model, node),
  );
  for (const softmax of others.slice(0, MOST))
    if (followsProduct(index, softmax) && precedesProduct(index, softmax)) found.push(softmax);
  return new Set(found.map(({ outputs }) => outputs[0]));
}

/** Whether some of the values are met twice, as parts of two pieces. */
function hasPieces(index: GraphIndex, { values, weights }: Product): boolean {
  let tensor = operandsOf(values).find((name) => name !== weights) ?? '';
  for (let steps = 0; steps < MOST; steps++) {
    const node = index.maker(tensor);
    if (!node || node.domain !== '') return false;
    if (node.op === 'Concat') {
      const wholes = node.inputs.slice(0, MOST).flatMap((input) => cutFrom(index, input) ?? []);
      if (new Set(wholes).size < wholes.length) return true;
    } else if (!ARRANGES.test(node.op)) return false;
    tensor = node.inputs[0];
  }
  return false;
}

/** The tensor that this one is cut out of; null where it is whole. */
function cutFrom(index: GraphIndex, tensor: string): string | null {
  let isCut = false;
  for (let steps = 0; steps < MOST; steps++) {
    const node = index.maker(tensor);
    if (!node || node.domain !== '' || !(CUTS.test(node.op) || ARRANGES.test(node.op))) break;
    isCut ||= CUTS.test(node.op);
    tensor = node.inputs[0];
  }
  return isCut ? tensor : null;
}

/** What is carried on by a node, also into other places. */
function carried(node: Node): readonly string[] {
  return SCATTERS.test(node.op) ? [node.inputs[0], node.inputs[2]] : operands(node);
}

function followsProduct(index: GraphIndex, softmax: Node): boolean {
  const open = new Set([softmax.inputs[0]]);
  for (const tensor of open) {
    const node = index.maker(tensor);
    if (!node || node.domain !== '' || index.isConstant(tensor)) continue;
    if (isComputed(index, node)) return true;
    for (const input of carried(node)) if (input && open.size < MOST) open.add(input);
  }
  return false;
}

function precedesProduct(index: GraphIndex, softmax: Node): boolean {
  const open = new Set([softmax.outputs[0]]);
  for (const tensor of open)
    for (const node of index.readersOf(tensor).slice(0, WIDEST)) {
      if (node.domain !== '') continue;
      if (isComputed(index, node)) return true;
      if (carried(node).includes(tensor))
        for (const output of node.outputs) if (open.size < MOST) open.add(output);
    }
  return false;
}
