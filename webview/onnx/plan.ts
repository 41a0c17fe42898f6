// Step one: what a graph has to show, and what must be run to find its masks.
import { maskCone } from './cone';
import { elementName, isFloat } from './element';
import { quoted } from './error';
import { isFused } from './fused';
import { GraphIndex } from './graph';
import { inferType } from './infer';
import { kindOf } from './kind';
import type { Model, Value } from './model';
import { findProducts, type Product } from './sites';

/** Everything here is plain data, to be cached as JSON with the model's hash. */
export interface Plan {
  /** In order of depth within each kind. */
  readonly sites: readonly Site[];
  /** Tensors to evaluate once; output i of the probe graph is `probeName(i)`. */
  readonly probes: readonly string[];
  /** What the graph is fed. */
  readonly inputs: readonly Input[];
  /** Sentences about what is there and not understood. */
  readonly notes: readonly string[];
}

/** One attention: in most models, one layer. */
export interface Site {
  /** From 0, counted within the kind. */
  readonly layer: number;
  /** `self` where there is one stack; else whose tokens attend: the encoder's, the decoder's, or across. */
  readonly kind: 'self' | 'encoder' | 'decoder' | 'cross';
  /** The tensor to show: probabilities as they meet the values, [batch, heads, query, key] or [batch * heads, query, key]. */
  readonly name: string;
  /** Number of heads where the file declares it; else the tensor's own shape tells. */
  readonly heads: number | null;
  /** The scores where they are complete, and the first output of the node that reads them, which names it. */
  readonly scores: string;
  readonly reader: string;
  /** Element type of the scores, by onnx's number; 0 if it could not be inferred. */
  readonly type: number;
  /** Places in `probes` of what may be this site's causal mask. */
  readonly masks: readonly number[];
  /** Place in `probes` of this site's own probabilities, for the few sites that are looked at. */
  readonly witness: number | null;
}

export interface Input {
  readonly name: string;
  /** As onnxruntime says it: 'int64', 'float32' ... */
  readonly type: string;
  readonly dims: readonly (number | string | null)[];
}

/** Far more than any model has; a file made to have more gets a toggle that says it cannot. */
const MOST_PROBES = 2000;

export function planModel(model: Model): Plan {
  const index = new GraphIndex(model.graph);
  const inputs = fedInputs(model).map(({ name, type, dims }) => ({
    name,
    type: elementName(type),
    dims: dims ?? [],
  }));
  const products = findProducts(model, index);
  const kinds = kindsOf(index, products);
  const layers = new Map<Site['kind'], number>();
  const probes = new ProbeList();
  const sites = products.map((product, i): Site => {
    const kind = kinds[i];
    const layer = layers.get(kind) ?? 0;
    layers.set(kind, layer + 1);
    return {
      layer,
      kind,
      name: product.shown,
      heads: declaredHeads(model, product),
      scores: product.scores,
      reader: product.reader.outputs[0],
      type: inferType(index, product.scores),
      masks: maskCone(index, product, fixedLength(inputs)).flatMap((name) => probes.place(name)),
      // One layer of a kind says whether its kind is causal; each further one would need the layers before it run.
      witness: layer === 0 && kind !== 'cross' ? (probes.place(product.shown)[0] ?? null) : null,
    };
  });
  return { sites, probes: probes.names, inputs, notes: notesOn(model, sites) };
}

/** Declared inputs that are not weights; before IR version 4 weights had to be declared as inputs too. */
export function fedInputs({ graph }: Model): Value[] {
  return graph.inputs.filter(({ name }) => !graph.initializers.has(name) && !graph.sparse.has(name));
}

/** The number of tokens if the file fixes it, as exports without dynamic axes do. */
export function fixedLength(inputs: readonly Input[]): number | null {
  for (const { type, dims } of inputs)
    if (type.startsWith('int') && dims.length === 2 && Number(dims[1]) > 0) return Number(dims[1]);
  return null;
}

class ProbeList {
  readonly names: string[] = [];
  private readonly places = new Map<string, number>();

  /** The place of a tensor, or nothing when the list is full. */
  place(name: string): number[] {
    let place = this.places.get(name);
    if (place === undefined) {
      if (this.names.length === MOST_PROBES) return [];
      place = this.names.push(name) - 1;
      this.places.set(name, place);
    }
    return [place];
  }
}

function kindsOf(index: GraphIndex, products: readonly Product[]): Site['kind'][] {
  const kinds = products.map((product) => kindOf(index, product));
  if (!kinds.includes('cross')) return kinds;
  // The keys of cross attention come from the encoder, and so does all attention before them.
  const keys = products.filter((_, i) => kinds[i] === 'cross').map(({ products }) => products[0].inputs[1]);
  const encoder = index.ancestors(keys);
  return kinds.map((kind, i) =>
    kind === 'cross' ? kind : encoder.has(products[i].shown) ? 'encoder' : 'decoder',
  );
}

function declaredHeads({ graph }: Model, { shown, scores, softmax }: Product): number | null {
  for (const name of [shown, softmax.outputs[0], scores]) {
    const dims = graph.values.get(name)?.dims;
    if (dims?.length === 4 && Number(dims[1]) > 0) return Number(dims[1]);
  }
  return null;
}

function notesOn(model: Model, sites: readonly Site[]): string[] {
  const notes: string[] = [];
  const fused = new Map<string, number>();
  const bodies = new Map<string, number>();
  for (const { op, domain, inner } of model.graph.nodes) {
    const name = domain ? `${domain}.${op}` : op;
    if (isFused(domain, op)) fused.set(name, (fused.get(name) ?? 0) + 1);
    const hidden = inner.filter((node) => isFused(node.domain, node.op) || node.op === 'Softmax').length;
    if (hidden > 0) bodies.set(name, (bodies.get(name) ?? 0) + hidden);
  }
  for (const [name, count] of fused)
    notes.push(
      `Attention is computed inside the operator ${name}, ${times(count)}, which Headlight cannot open yet.`,
    );
  for (const [name, count] of bodies)
    notes.push(
      `Attention may be inside the body of ${name}, ${times(count)}, where Headlight does not look yet.`,
    );
  for (const name of model.attentiveFunctions)
    notes.push(`The local function ${quoted(name)} may hold attention; Headlight does not look there yet.`);
  if (sites.length === 0 && notes.length === 0) {
    const softmaxes = model.graph.nodes.filter(({ op }) => op === 'Softmax').length;
    notes.push(`This model has no attention: of its ${softmaxes} softmaxes none lies between two products.`);
  }
  const odd = sites.find(({ type }) => !isFloat(type));
  if (odd)
    notes.push(`The element type of the scores of layer ${odd.layer} could not be told, so its mask stays.`);
  return notes;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
