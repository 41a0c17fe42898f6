// Questions about the shape of a graph: who makes a tensor, who reads it, what is constant, what comes before what.
import type { Graph, Node } from './model';

/** What comes out of these are lengths, not data. */
const LENGTHS = /^(Shape|Size)$/;

export class GraphIndex {
  private readonly makers = new Map<string, Node>();
  private readonly readers = new Map<string, Node[]>();
  private readonly constants: Set<string>;
  private readonly data: Set<string>;

  constructor(readonly graph: Graph) {
    this.constants = new Set([...graph.initializers.keys(), ...graph.sparse.keys()]);
    this.data = new Set(graph.inputs.map(({ name }) => name).filter((name) => !this.constants.has(name)));
    for (const node of graph.nodes) {
      // An input or output that is left out has the name ''.
      const outputs = node.outputs.filter((name) => name !== '');
      for (const output of outputs) this.makers.set(output, node);
      for (const input of new Set([...node.inputs, ...node.captures])) {
        if (input === '') continue;
        const readers = this.readers.get(input);
        if (readers) readers.push(node);
        else this.readers.set(input, [node]);
      }
      // Nodes come in an order in which they can run, so one pass carries constancy all the way.
      if (this.isConstantNode(node)) for (const output of outputs) this.constants.add(output);
      if (!LENGTHS.test(node.op) && [...node.inputs, ...node.captures].some((name) => this.data.has(name)))
        for (const output of outputs) this.data.add(output);
    }
  }

  maker(tensor: string): Node | undefined {
    return this.makers.get(tensor);
  }

  readersOf(tensor: string): readonly Node[] {
    return this.readers.get(tensor) ?? [];
  }

  /** Whether the tensor is a weight, or made of weights alone. What depends on a shape is not constant. */
  isConstant(tensor: string): boolean {
    return this.constants.has(tensor);
  }

  /** Whether what the tensor holds depends on what the graph is fed, and not only on its lengths. */
  dependsOnData(tensor: string): boolean {
    return this.data.has(tensor);
  }

  private isConstantNode({ op, domain, inputs, captures }: Node): boolean {
    if (op === 'Constant' && domain === '') return true;
    const given = inputs.filter((name) => name !== '');
    return given.length > 0 && captures.length === 0 && given.every((name) => this.constants.has(name));
  }

  /** Every tensor that one of `tensors` is computed from, themselves included; not what only gave a length. */
  ancestors(tensors: Iterable<string>): Set<string> {
    const seen = new Set<string>();
    const open = [...tensors];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (name === '' || seen.has(name)) continue;
      seen.add(name);
      const maker = this.makers.get(name);
      if (!maker || LENGTHS.test(maker.op)) continue;
      for (const input of maker.inputs) open.push(input);
      for (const input of maker.captures) open.push(input);
    }
    return seen;
  }

  /** Every tensor that is computed from one of `tensors`, themselves included; not what only took a length from them. */
  descendants(tensors: Iterable<string>): Set<string> {
    const seen = new Set(tensors);
    // Nodes come in an order in which they can run.
    for (const { op, inputs, captures, outputs } of this.graph.nodes)
      if (!LENGTHS.test(op) && [...inputs, ...captures].some((name) => seen.has(name)))
        for (const output of outputs) if (output !== '') seen.add(output);
    return seen;
  }
}
