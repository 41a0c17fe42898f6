// The output projection: the weight that the heads' outputs, side by side, are multiplied with before they join the
// residual stream.
import type { GraphIndex } from './graph';
import type { Node } from './model';

export interface Projection {
  /** The weight, [heads * width, hidden] or, where `turned`, [hidden, heads * width]. */
  readonly weight: string;
  readonly turned: boolean;
}

/** What lies between the heads' outputs and the projection only brings them side by side. */
const SIDE_BY_SIDE = /^(Transpose|Reshape|Cast|Identity|Squeeze|Unsqueeze|Flatten|Dropout)$/;
const FARTHEST = 24;

/** Null where the heads' outputs go elsewhere first, or the weight is quantised and is no tensor of its own. */
export function projectionAfter(index: GraphIndex, output: string): Projection | null {
  let tensor = output;
  for (let step = 0; step < FARTHEST; step++) {
    const readers: readonly Node[] = index.readersOf(tensor).filter(({ op }) => op !== 'Shape');
    const [node] = readers;
    if (readers.length !== 1 || node.domain !== '') return null;
    if ((node.op === 'MatMul' || node.op === 'Gemm') && node.inputs[0] === tensor)
      return index.isConstant(node.inputs[1]) && isPlain(node)
        ? { weight: node.inputs[1], turned: node.attributes.get('transB')?.number === 1 }
        : null;
    if (!SIDE_BY_SIDE.test(node.op)) return null;
    tensor = node.outputs[0];
  }
  return null;
}

/** A Gemm may turn its first operand or multiply by a number, which no exporter does here. */
function isPlain({ attributes }: Node): boolean {
  return !attributes.get('transA')?.number && (attributes.get('alpha')?.float ?? 1) === 1;
}
