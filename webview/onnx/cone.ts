// Where a causal mask may be made: the tensors behind whatever joins the scores. They are many and small; which of
// them are causal is found by running the graph once and looking at their values (causal.ts).
import type { GraphIndex } from './graph';
import type { Product } from './sites';

/** Beyond these lie activations or plain lengths, not masks. */
const ENDS =
  /^(MatMul|Gemm|Einsum|Conv|MatMulInteger|MatMulNBits|Softmax|Shape|Size|If|Loop|Scan|.*Normalization)$/;
/** A Cast says nothing that its input does not say, and onnxruntime once refused to hand one out. The others make vectors. */
const NEVER_FIRST = /^(Cast|Constant|Range|NonZero)$/;

/** Names of tensors that may hold a causal mask. `length` is that of the token axis if the graph fixes it. */
export function maskCone(index: GraphIndex, { sides }: Product, length: number | null): string[] {
  const found: string[] = [];
  const seen = new Set<string>();
  const open = [...sides];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === '' || seen.has(name)) continue;
    seen.add(name);
    const node = index.maker(name);
    if (isSquareWeight(index, name, length)) found.push(name);
    if (!node || node.domain !== '' || ENDS.test(node.op)) continue;
    if (!NEVER_FIRST.test(node.op)) found.push(name);
    open.push(...node.inputs);
  }
  return found;
}

/** Only a graph of fixed length can hold its mask as a weight; a weight of the largest length is sliced first. */
function isSquareWeight(index: GraphIndex, name: string, length: number | null): boolean {
  const dims = (index.graph.initializers.get(name) ?? index.maker(name)?.attributes.get('value')?.tensor)?.dims ?? [];
  return dims.length >= 2 && dims.at(-1) === length && dims.at(-2) === length;
}
