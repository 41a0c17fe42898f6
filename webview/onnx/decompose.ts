// Takes fused attention apart into the operators it stands for, so that all that follows meets only ordinary ones:
// sites, masks, gates and scores are then those of any export, and WebGPU needs no kernel of its own.
import { OnnxError } from './error';
import { attention } from './fused/attention';
import { maskedSoftmax, product } from './fused/bits';
import { grouped } from './fused/grouped';
import { joined, quantised } from './fused/joined';
import { multiHead, multiHeadStep } from './fused/multihead';
import { fusedName, isFused, reasonClosed } from './fused/known';
import { GraphIndex } from './graph';
import { inferType } from './infer';
import type { Maker } from './make';
import type { Closed, Graph, Node } from './model';
import { Shapes } from './shape';

/** What an operator is taken apart with. */
export interface Workshop {
  readonly make: Maker;
  readonly shapes: Shapes;
  /** Element type of a tensor, by onnx's number. */
  typeOf(tensor: string): number;
}

/** Makes nodes for `node.outputs`, or returns why it cannot. */
export type Decomposer = (node: Node, shop: Workshop) => string | null;

const DECOMPOSERS: Readonly<Record<string, Decomposer>> = {
  Attention: attention,
  'com.microsoft.Attention': joined,
  'com.microsoft.BiasSoftmax': maskedSoftmax,
  'com.microsoft.DecoderMaskedMultiHeadAttention': multiHeadStep,
  'com.microsoft.FusedMatMul': product,
  'com.microsoft.GroupQueryAttention': grouped,
  'com.microsoft.MultiHeadAttention': multiHead,
  'com.microsoft.QAttention': quantised,
};

/** `Where`, `Range` and slices by inputs are needed. */
const FIRST_OPSET = 11;

export function decompose(bytes: Uint8Array, graph: Graph, make: Maker): { graph: Graph; closed: Closed[] } {
  const closed: Closed[] = [];
  const isWorkFor = (node: Node) => isFused(node) || Object.hasOwn(DECOMPOSERS, fusedName(node));
  if (!graph.nodes.some(isWorkFor)) return { graph, closed };
  const index = new GraphIndex(graph);
  const shop = {
    make,
    shapes: new Shapes(bytes, graph),
    typeOf: (tensor: string) => inferType(index, tensor),
  };
  const nodes = graph.nodes.flatMap((node) => {
    if (!isWorkFor(node)) return [node];
    const decomposer = DECOMPOSERS[fusedName(node)];
    const reason = !decomposer
      ? reasonClosed(node)
      : make.opset < FIRST_OPSET
        ? 'its operators are too old'
        : decomposer(node, shop);
    const made = make.nodes.splice(0);
    // What an operator must have and lacks would be a name that is not there.
    if (made.some(({ inputs, outputs }) => [...inputs, ...outputs].some((name) => name === undefined)))
      throw new OnnxError(
        `The file is damaged: its operator ${fusedName(node)} lacks an input or an output.`,
      );
    if (reason === null) return made;
    if (isFused(node)) closed.push({ what: fusedName(node), reason });
    return [node];
  });
  return { graph: { ...graph, nodes }, closed };
}
