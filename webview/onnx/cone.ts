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

/** No mask is made of more tensors; a made-up file may have any number behind every softmax. */
const MOST = 1024;

/** Whether what lies before this node is no mask any more. */
export function endsMasks({ op, domain }: Node): boolean {
  return domain !== '' || ENDS.test(op);
}

/** Finds the tensors that may hold a causal mask. What several sites share is looked at once. */
export class MaskCones {
  private readonly known = new Map<string, readonly string[]>();

  /** `length` is that of the token axis if the graph fixes it. */
  constructor(
    private readonly index: GraphIndex,
    private readonly shapes: Shapes,
    private readonly length: number | null,
  ) {}

  /** Names, for what joins the scores of one site. */
  of(sides: readonly string[]): string[] {
    const found = new Set<string>();
    for (const side of sides) {
      let own = this.known.get(side);
      if (!own) this.known.set(side, (own = this.cone(side)));
      for (const name of own) found.add(name);
    }
    return [...found];
  }

  /** What may be a mask among all that a tensor is made of, itself included, up to where masks end. */
  private cone(side: string): string[] {
    const found: string[] = [];
    const open = new Set([side]);
    for (const name of open) {
      const node = this.index.maker(name);
      const made = node && !endsMasks(node) ? node : null;
      if (
        this.isSquareWeight(name) ||
        (made && !NEVER_FIRST.test(made.op) && (this.shapes.rank(name) ?? 2) >= 2)
      )
        found.push(name);
      for (const input of made?.inputs ?? []) if (input !== '' && open.size < MOST) open.add(input);
    }
    return found;
  }

  /** Only a graph of fixed length can hold its mask as a weight; a weight of the largest length is sliced first. */
  private isSquareWeight(name: string): boolean {
    const { index, length } = this;
    const stored = index.graph.initializers.get(name) ?? index.maker(name)?.attributes.get('value')?.tensor;
    const dims = stored?.dims ?? [];
    return dims.length >= 2 && dims.at(-1) === length && dims.at(-2) === length;
  }
}
