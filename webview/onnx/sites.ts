// Attention is a softmax between two products: before it a product of two computed tensors (queries and keys), after
// it one with another computed tensor (values). Weights, however they are wrapped, are not computed; so the softmaxes
// of classifiers, routers and pooling by a learnt query fall out without a word about any architecture.
import type { GraphIndex } from './graph';
import type { Model, Node } from './model';

export interface Product {
  readonly softmax: Node;
  /** The finished scores of queries by keys, and the node that reads them: the softmax, or what adds a sink to them. */
  readonly scores: string;
  readonly reader: Node;
  /** The probabilities as they meet the values, still in the layout of the scores. */
  readonly shown: string;
  /** The product with the values, and the node on the way to it that reads `shown`. */
  readonly values: Node;
  readonly valuesReader: Node;
  /** What meets the values: `shown`, perhaps in another layout. */
  readonly weights: string;
  /** A tensor beside the keys that takes a share of every row (gpt-oss), or null. */
  readonly sink: string | null;
  /** The products of queries and keys that the scores are made of; most often one. */
  readonly products: readonly Node[];
  /** What joins the scores on their way: masks, biases, scales. */
  readonly sides: readonly string[];
  /** Those that are added, multiplied or chosen by, and the nodes that do it, by their first outputs. */
  readonly joins: readonly { readonly side: string; readonly reader: string }[];
}

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));

const PRODUCTS = words('MatMul Einsum MatMulInteger QLinearMatMul');
/** On the way from the product to the softmax. All inputs may carry the scores. */
const ARITHMETIC = words('Add Sub Mul Div Max Min Sum Concat');
/** Only the first input carries the scores. */
const SHAPING = words(
  'Cast Identity Tanh Clip Neg Reshape Transpose Slice Expand Gather GatherElements Squeeze Unsqueeze Split Pad Dropout QuantizeLinear DequantizeLinear',
);
/** After the softmax, still the same rows of the same heads. */
const KEEPS_LAYOUT = words('Cast Identity Dropout Mul Where Slice Clip');
const LOSES_LAYOUT = words('Reshape Transpose Squeeze Unsqueeze QuantizeLinear DequantizeLinear');
/** No exporter puts more nodes than this between a softmax and its products; a made-up file may put any number. */
const FARTHEST = 64;
/** The same for all that lies between them, side by side. */
const MOST = 4096;

/** No model has more layers; a made-up file may have any number. */
const MOST_SITES = 1024;

/** The attention of the graph, in the order in which it is computed. */
export function findProducts(model: Model, index: GraphIndex): Product[] {
  const found: Product[] = [];
  for (const softmax of model.graph.nodes) {
    if (found.length === MOST_SITES) break;
    if (softmax.op !== 'Softmax' || softmax.domain !== '' || !isOverKeys(model, softmax)) continue;
    const ahead = followToValues(index, softmax.outputs[0]);
    if (ahead === null) continue;
    const back = traceScores(index, softmax);
    if (back.products.length > 0) found.push({ softmax, ...ahead, ...back });
  }
  return found;
}

/** Whether the softmax runs over the last axis. Where no rank is declared, an axis from the front is believed. */
export function isOverKeys({ opsets, graph }: Model, { attributes, inputs, outputs }: Node): boolean {
  const axis = attributes.get('axis')?.number ?? ((opsets.get('') ?? 0) < 13 ? 1 : -1);
  const rank = (graph.values.get(outputs[0]) ?? graph.values.get(inputs[0]))?.dims?.length;
  return axis === -1 || (rank === undefined ? axis === 2 || axis === 3 : axis === rank - 1);
}

/** Backwards from the softmax: the products in the scores, and everything that joins on the way. */
function traceScores(
  index: GraphIndex,
  softmax: Node,
): Pick<Product, 'products' | 'scores' | 'reader' | 'sides' | 'joins' | 'sink'> {
  const products = new Set<Node>();
  let end: Pick<Product, 'scores' | 'reader' | 'sink'> = {
    scores: softmax.inputs[0],
    reader: softmax,
    sink: null,
  };
  const sides = new Set<string>();
  const joins: { side: string; reader: string }[] = [];
  const known = new Map<string, boolean>();

  /** Whether a product flows into this tensor. */
  const carries = (tensor: string, left: number): boolean => {
    const before = known.get(tensor);
    if (before !== undefined) return before;
    known.set(tensor, false);
    const node = index.maker(tensor);
    if (left === 0 || known.size > MOST || !node || node.domain !== '' || index.isConstant(tensor))
      return false;
    if (PRODUCTS.has(node.op)) {
      const computed = isComputed(index, node);
      if (computed) products.add(node);
      known.set(tensor, computed);
      return computed;
    }
    const carriers = new Set(operands(node).filter((input) => carries(input, left - 1)));
    if (carriers.size === 0) return false;
    known.set(tensor, true);
    for (const input of node.inputs)
      if (input !== '' && !carriers.has(input)) {
        sides.add(input);
        if (ARITHMETIC.has(node.op) || node.op === 'Where')
          joins.push({ side: input, reader: node.outputs[0] });
      }
    // A column is added that is no token, a sink (gpt-oss): what is queries by keys ends before it.
    if (node.op === 'Concat' && carriers.size === 1 && end.reader === softmax)
      end = {
        scores: [...carriers][0],
        reader: node,
        sink: node.inputs.find((input) => !carriers.has(input)) ?? null,
      };
    return true;
  };

  carries(softmax.inputs[0], FARTHEST);
  return { products: [...products], sides: [...sides], joins, ...end };
}

/** The inputs that may carry the scores on. */
export function operands({ op, inputs }: Node): readonly string[] {
  if (ARITHMETIC.has(op)) return inputs.slice(0, FARTHEST);
  if (SHAPING.has(op)) return inputs.slice(0, 1);
  return op === 'Where' ? inputs.slice(1, 3) : [];
}

/** Forwards from the softmax to the product with the values; null if it never meets any. */
function followToValues(
  index: GraphIndex,
  softmax: string,
): Pick<Product, 'shown' | 'values' | 'valuesReader' | 'weights'> | null {
  const seen = new Set<string>();
  /** The nodes from a tensor to the product with the values, that included. */
  const path = (tensor: string, left: number): Node[] | null => {
    seen.add(tensor);
    if (seen.size > MOST) return null;
    for (const node of index.readersOf(tensor)) {
      if (node.domain !== '') continue;
      if (PRODUCTS.has(node.op)) {
        if (operandsOf(node).some((input) => input !== tensor && !index.isConstant(input))) return [node];
        continue;
      }
      if (left === 0 || !(KEEPS_LAYOUT.has(node.op) || LOSES_LAYOUT.has(node.op))) continue;
      if (node.op === 'Where' ? node.inputs[0] === tensor : node.op !== 'Mul' && node.inputs[0] !== tensor)
        continue;
      if (seen.has(node.outputs[0])) continue;
      const rest = path(node.outputs[0], left - 1);
      if (rest) return [node, ...rest];
    }
    return null;
  };
  const nodes = path(softmax, FARTHEST);
  if (nodes === null) return null;
  const end = { values: nodes.at(-1)!, weights: nodes.at(-2)?.outputs[0] ?? softmax };
  let shown = { shown: softmax, valuesReader: nodes[0] };
  for (let i = 0; KEEPS_LAYOUT.has(nodes[i].op); i++)
    // A cast at the end only loses digits.
    if (nodes[i].op !== 'Cast') shown = { shown: nodes[i].outputs[0], valuesReader: nodes[i + 1] };
  return { ...shown, ...end };
}

/** Whether this is a product of two tensors that the model computes. */
export function isComputed(index: GraphIndex, node: Node): boolean {
  if (!PRODUCTS.has(node.op)) return false;
  const factors = operandsOf(node);
  return factors.length === 2 && factors.every((input) => !index.isConstant(input));
}

/** The two factors of a product, whatever scales and zero points stand between them. */
export function operandsOf({ op, inputs }: Node): readonly string[] {
  return op === 'QLinearMatMul' ? [inputs[0], inputs[3]] : inputs.slice(0, 2);
}
