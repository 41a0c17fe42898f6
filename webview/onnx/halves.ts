// An encoder-decoder in one graph, as a whole model is exported, in two: cut where what the encoder made of its text
// goes across, it is the two graphs that it could have been exported as.
import { FLOAT } from './element';
import { GraphIndex } from './graph';
import { inferType } from './infer';
import type { Model, Node, Value } from './model';
import type { Plan, Site } from './plan';
import { Shapes } from './shape';
import { writeValue } from './value';

interface Halves {
  /** Its one output is an input of the decoder, of the same name. */
  readonly encoder: Model;
  readonly decoder: Model;
}

/** Tensors that are tried as the cut: a few norms and casts lie behind an encoder. A made-up file may have any number. */
const MOST = 256;

/** Null for a graph that is no encoder-decoder, and where no one tensor is all that the decoder has of the encoder. */
export function halvesOf(model: Model, { sites }: Plan): Halves | null {
  const index = new GraphIndex(model.graph);
  const encoder = sites.filter(({ kind }) => kind === 'encoder');
  const across = sites.filter(({ kind }) => kind === 'cross');
  if (encoder.length === 0 || across.length === 0) return null;
  const decoded = index.descendants(across.map(({ values }) => values.output));
  const outputs = model.graph.outputs.filter(({ name }) => decoded.has(name));
  const encoded = new Set(encoder.map(({ values }) => values.output));
  for (const name of between(index, encoder.at(-1)!, across[0])) {
    const states = statesOf(model, index, name);
    const decoder = part(model, index, [states], outputs);
    if (decoder.graph.nodes.some((node) => encoded.has(node.outputs[0]))) continue;
    return { encoder: part(model, index, [], [states]), decoder };
  }
  return null;
}

/** What the encoder's last layer leads to and cross-attention has its keys from: the nearest to those first. */
function between(index: GraphIndex, last: Site, { products: [product] }: Site): string[] {
  const after = index.descendants([last.values.output]);
  return [...index.ancestors([product.operands[1].name])].filter((name) => after.has(name)).slice(0, MOST);
}

/** As an input of the decoder and the output of the encoder: floating-point numbers of each token of the source. */
function statesOf({ bytes, graph }: Model, index: GraphIndex, name: string): Value {
  const type = inferType(index, name) || FLOAT;
  const known = new Shapes(bytes, graph).of(name) ?? [null, null, null];
  const dims = known.map((length, axis) => length ?? `source_${axis}`);
  return { name, type, dims, range: writeValue(name, type, dims).finish() };
}

/** The nodes that lead to the outputs, with some tensors given. */
function part(model: Model, index: GraphIndex, given: readonly Value[], outputs: readonly Value[]): Model {
  const { graph } = model;
  const nodes = new Set<Node>();
  const seen = new Set(given.map(({ name }) => name));
  const open = outputs.map(({ name }) => name);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const maker = index.maker(name);
    if (!maker) continue;
    nodes.add(maker);
    open.push(...maker.inputs, ...maker.captures);
  }
  const inputs = [...given, ...graph.inputs.filter(({ name }) => seen.has(name))];
  return {
    ...model,
    graph: { ...graph, nodes: graph.nodes.filter((node) => nodes.has(node)), inputs, outputs },
  };
}
