// Which tokens attend to which: queries and keys made of the same activation (self), or of different ones (cross). They
// may be made of it in two steps: through a narrow layer (DeepSeek's latent attention), or with an adapter beside it.
import type { GraphIndex } from './graph';
import type { Node } from './model';
import { operandsOf, type Product } from './sites';

export type Kind = 'self' | 'cross';

const PROJECTIONS =
  /^(MatMul|Gemm|Einsum|Conv|MatMulInteger|MatMulNBits|MatMulIntegerToFloat|DynamicQuantizeMatMul|QLinearMatMul|QGemm)$/;
/** Between queries and their projections lie a few dozen tensors; a made-up file may have any number. */
const MOST = 4096;

/** Queries and keys are made of no more activations than this; what is made of more is another stream. */
const FEW = 8;

const SHAPING = /^(Reshape|Transpose|Squeeze|Unsqueeze|Flatten|Identity|Cast)$/;
const MOST_SHAPING = 16;

const SHAPES = /^(Shape|Size)$/;

export function kindOf(index: GraphIndex, { products }: Product): Kind {
  const [queries, keys] = operandsOf(products[0]).map((input) => sources(index, input));
  const isOfKeys = (source: string) => keys.has(source);
  if ([...queries].every(isOfKeys)) return 'self';
  for (const source of [...keys].slice(0, FEW))
    for (const further of sources(index, source)) keys.add(further);
  const own = [...queries].filter((source) => !isOfKeys(source));
  const isMadeAlike = (source: string) => {
    const further = sources(index, source);
    return further.size > 0 && [...further].every(isOfKeys);
  };
  return own.length <= FEW && own.every(isMadeAlike) ? 'self' : 'cross';
}

/**
 * The activations behind the nearest projections; rotary tables and norms lie before those. Without any projection
 * in between, the inputs of the graph.
 */
function sources(index: GraphIndex, tensor: string): Set<string> {
  const found = new Set<string>();
  const seen = new Set<string>();
  const open = [tensor];
  for (let name = open.pop(); name !== undefined && seen.size < MOST; name = open.pop()) {
    if (name === '' || seen.has(name) || index.isConstant(name)) continue;
    seen.add(name);
    const node = index.maker(name);
    if (!node) found.add(name);
    else if (PROJECTIONS.test(node.op)) found.add(unshaped(index, projected(index, node)));
    else if (!SHAPES.test(node.op)) for (const input of node.inputs) open.push(input);
  }
  return found;
}

/** The same numbers before they were arranged otherwise, as a convolution over tokens wants them. */
function unshaped(index: GraphIndex, tensor: string): string {
  for (let steps = 0; steps < MOST_SHAPING; steps++) {
    const node = index.maker(tensor);
    if (!node || !SHAPING.test(node.op)) break;
    tensor = node.inputs[0];
  }
  return tensor;
}

/** What a projection is applied to; a product of two computed tensors stands for itself. */
function projected(index: GraphIndex, node: Node): string {
  const computed = node.inputs.filter((input) => input !== '' && !index.isConstant(input));
  return /^MatMulInteger/.test(node.op) || computed.length === 1 ? computed[0] : node.outputs[0];
}
