// What a site computes by itself, from its products to its probabilities, and what it is fed from the layers before.
// With that alone its probabilities can be computed once more, without the rest of the model: see cut.ts.
import type { GraphIndex } from './graph';
import type { Node } from './model';
import type { Product } from './sites';

export interface Path {
  /** The nodes from the products to the probabilities, by their first outputs. */
  readonly nodes: readonly string[];
  /**
   * What takes layers to compute, wherever it enters these nodes and those that make masks and biases: queries and keys
   * as they meet, perhaps a bias made of activations, and shapes. All else is made of weights and of what the graph is
   * fed.
   */
  readonly fed: readonly string[];
}

/** What costs, and what no mask is made by. Anything after it takes it to be run. */
export const LAYERS =
  /^(MatMul|Gemm|Einsum|Conv|ConvTranspose|MatMulInteger|QLinearMatMul|QLinearConv|ConvInteger|Softmax|LSTM|GRU|RNN|If|Loop|Scan|.*Normalization)$/;
/** No exporter puts more nodes between products and probabilities, sides included; a made-up file may have any number. */
const MOST = 4096;

export class Paths {
  private readonly places = new Map<Node, number>();
  /** Tensors that take layers to compute; of what has their shape the shape itself, and nothing that is made of it. */
  private readonly deep = new Set<string>();

  constructor(private readonly index: GraphIndex) {
    index.graph.nodes.forEach((node, place) => {
      this.places.set(node, place);
      const { op, domain, inputs, outputs, captures } = node;
      if (outputs.every((name) => index.isConstant(name))) return;
      const isDeep =
        domain !== '' ||
        LAYERS.test(op) ||
        [...inputs, ...captures].some((name) => this.deep.has(name) && !this.isShape(name));
      if (isDeep) for (const output of outputs) this.deep.add(output);
    });
  }

  /** Where it cannot be told apart, the probabilities themselves are all that is fed. */
  of({ shown, products }: Pick<Product, 'shown' | 'products'>): Path {
    const ends = new Set(products);
    const between = new Set<Node>();
    const open = [shown];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const node = this.index.maker(name);
      if (!node || between.has(node) || this.index.isConstant(name)) continue;
      if (between.size === MOST) return { nodes: [], fed: [shown] };
      between.add(node);
      // A softmax lies on the way; any other layer is where the sides begin.
      const isLayer = node.domain !== '' || LAYERS.test(node.op);
      if (!ends.has(node) && (!isLayer || node.op === 'Softmax'))
        for (const input of node.inputs) open.push(input);
    }
    const nodes: Node[] = [];
    const made = new Set<string>();
    for (const node of [...between].sort((a, b) => this.places.get(a)! - this.places.get(b)!))
      if (ends.has(node) || node.inputs.some((name) => made.has(name))) {
        nodes.push(node);
        for (const output of node.outputs) made.add(output);
      }
    const isWhole = made.has(shown) && nodes.every(({ captures }) => captures.length === 0);
    if (!isWhole) return { nodes: [], fed: [shown] };
    const fed = new Set<string>();
    const beside = new Set(nodes.flatMap(({ inputs }) => inputs.filter((name) => !made.has(name))));
    for (const name of beside) {
      if (this.deep.has(name)) fed.add(name);
      const node = this.deep.has(name) || this.index.isConstant(name) ? undefined : this.index.maker(name);
      for (const input of [...(node?.inputs ?? []), ...(node?.captures ?? [])]) beside.add(input);
      if (node?.captures.some((input) => this.deep.has(input)) || beside.size > MOST)
        return { nodes: [], fed: [shown] };
    }
    return { nodes: nodes.map(({ outputs }) => outputs[0]), fed: [...fed] };
  }

  private isShape(name: string): boolean {
    return /^(Shape|Size)$/.test(this.index.maker(name)?.op ?? '');
  }
}
