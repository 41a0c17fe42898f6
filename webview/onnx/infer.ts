// Element types that the file does not declare, inferred as far back as needed.
import { BOOL, FLOAT, INT32, INT64 } from './element';
import type { GraphIndex } from './graph';
import type { Node } from './model';

const COMPARISONS = new Set(
  'Equal Greater GreaterOrEqual Less LessOrEqual And Or Xor Not IsNaN IsInf'.split(' '),
);

/** The element type of a tensor, by onnx's number; 0 if it cannot be told. */
export function inferType(index: GraphIndex, tensor: string): number {
  const { values, initializers, inputs } = index.graph;
  for (const seen = new Set<string>(); tensor !== '' && !seen.has(tensor);) {
    seen.add(tensor);
    const declared =
      values.get(tensor)?.type ||
      initializers.get(tensor)?.type ||
      inputs.find((input) => input.name === tensor)?.type;
    if (declared) return declared;
    const node = index.maker(tensor);
    if (!node) return 0;
    const step = typeOrSource(index, node);
    if (typeof step === 'number') return step;
    tensor = step;
  }
  return 0;
}

/** The type of a node's first output, or the input that has the same type. */
function typeOrSource(index: GraphIndex, node: Node): number | string {
  const { op, inputs, attributes } = node;
  if (COMPARISONS.has(op)) return BOOL;
  if (op === 'Cast') return attributes.get('to')?.number ?? 0;
  if (op === 'Constant') {
    if (attributes.has('value_float') || attributes.has('value_floats')) return FLOAT;
    if (attributes.has('value_int') || attributes.has('value_ints')) return INT64;
    return attributes.get('value')?.tensor?.type ?? 0;
  }
  if (op === 'ConstantOfShape') return attributes.get('value')?.tensor?.type ?? FLOAT;
  if (op === 'Shape' || op === 'Size' || op === 'NonZero') return INT64;
  if (op === 'Where') return inputs[1] ?? '';
  if (op === 'CastLike' || op === 'DequantizeLinear') return inputs[1] ?? '';
  if (op === 'MatMulInteger') return INT32;
  // Where the first input is not of the output's type.
  const like: Record<string, number> = {
    EmbedLayerNormalization: 2,
    GatherBlockQuantized: 2,
    MatMulIntegerToFloat: 2,
    QAttention: 3,
    QEmbedLayerNormalization: 8,
  };
  if (Object.hasOwn(like, op)) return inputs[like[op]] ?? '';
  // The rest keep the type of their operands. Constants are often stored with it: the shortest way to an answer.
  return (
    inputs.find((name) => index.graph.initializers.has(name) && !isShapeOperand(node, name)) ??
    inputs[0] ??
    ''
  );
}

/** Arithmetic takes operands of one type; for other operators only the first input is sure to be of the output's. */
function isShapeOperand({ op, inputs }: Node, name: string): boolean {
  return inputs[0] !== name && !/^(Add|Sub|Mul|Div|MatMul|Max|Min)$/.test(op);
}
