// Where a causal mask may be made: the tensors behind whatever joins the scores. They are many and small; which of
// them are causal is found by running the graph once and looking at their values (causal.ts).
import type { GraphIndex } from './graph';
import type { Node } from './model';
import type { Shapes } from './shape';

/** Beyond these lie activations or plain lengths, not masks. */
const ENDS =
  /^(MatMul|Gemm|Einsum|Conv|MatMulInteger|MatMulNBits|Softmax|Shape|Size|If|Loop|Scan|.*Normalization)$/;
/** A Cast says nothing that its input does not say, and onnxruntime once refused to hand one out. The others make vectors. */
const NEVER_FIRST = /^(Cast|Constant|Range|NonZero)$/;

/** Whether what lies before this node is no mask any more. */
export function endsMasks({ op, domain }: Node): boolean {
  return domain !== '' || ENDS.test(op);
}

/** Everything that `tensors` are made of, themselves included, up to where masks end. */
function cone(index: GraphIndex, tensors: Iterable<string>): Map<string, Node | null> {
  const found = new Map<string, Node | null>();
  const open = [...tensors];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === '' || found.has(name)) continue;
    const node = index.maker(name);
    const ends = !node || endsMasks(node);
    found.set(name, ends ? null : node);
    if (!ends) for (const input of node.inputs) open.push(input);
  }
  return found;
}

/** Names of tensors that may hold a causal mask. `length` is that of the token axis if the graph fixes it. */
export function maskCone(
  index: GraphIndex,
  shapes: Shapes,
  sides: readonly string[],
  length: number | null,
): string[] {
  const found: string[] = [];
  for (const [name, node] of cone(index, sides))
    if (
      isSquareWeight(index, name, length) ||
      (node && !NEVER_FIRST.test(node.op) && (shapes.rank(name) ?? 2) >= 2)
    )
      found.push(name);
  return found;
}

/** Only a graph of fixed length can hold its mask as a weight; a weight of the largest length is sliced first. */
function isSquareWeight(index: GraphIndex, name: string, length: number | null): boolean {
  const stored = index.graph.initializers.get(name) ?? index.maker(name)?.attributes.get('value')?.tensor;
  const dims = stored?.dims ?? [];
  return dims.length >= 2 && dims.at(-1) === length && dims.at(-2) === length;
}
