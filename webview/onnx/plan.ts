// Step one: what a graph has to show, and what must be run to find its masks.
import { MaskCones } from './cone';
import { elementName, isFloat } from './element';
import { fedInputs } from './emit';
import { GraphIndex } from './graph';
import { headsOf } from './heads';
import { inferType } from './infer';
import { kindOf } from './kind';
import { latentProducts } from './latent';
import type { Model, Node } from './model';
import { type Path, Paths } from './path';
import { type Place, placesOf } from './places';
import { type Projection, projectionAfter } from './projection';
import { type Factor, factorsOf } from './scale';
import { Shapes } from './shape';
import { findProducts, operandsOf, type Product } from './sites';
import { streamAfter, streamAfterOnly, streamBefore } from './stream';
import { windowed } from './windows';

/** Plain data throughout: it survives JSON. */
export interface Plan {
  /** In order of depth within each kind. */
  readonly sites: readonly Site[];
  /** The residual stream after the last layer of each kind, where it is found. */
  readonly ends: readonly StreamEnd[];
  /** Tensors to evaluate once; output i of the probe graph is `probeName(i)`. */
  readonly probes: readonly string[];
  /** Where tokens are told where they stand. */
  readonly places: readonly Place[];
  /** What the graph is fed. */
  readonly inputs: readonly Input[];
  /** Sentences about what is there and not understood. */
  readonly notes: readonly string[];
}

/** Whose tokens attend: `self` where there is one stack; else the encoder's, the decoder's, or across. */
export type SiteKind = 'self' | 'encoder' | 'decoder' | 'cross';

/** One attention: in most models, one layer. */
export interface Site {
  /** From 0, counted within the kind. */
  readonly layer: number;
  readonly kind: SiteKind;
  /** Probabilities as they meet the values, [batch, heads, query, key] or [batch * heads, query, key]. */
  readonly name: string;
  /** Number of heads of queries where the graph tells; else the tensor's own shape does. */
  readonly heads: number | null;
  /** Number of heads of keys and values where the graph tells: query head h has the keys of ⌊h / (heads / keyHeads)⌋. */
  readonly keyHeads: number | null;
  /** The tensor that takes a share of every row beside the tokens: rows then sum to less than 1. */
  readonly sink: string | null;
  /** Axes of the probabilities; 4 where the graph does not tell. */
  readonly rank: number;
  /** Element type of the probabilities, by onnx's number; 0 if it could not be inferred. */
  readonly weightsType: number;
  /** What enters the softmax, and the first output of the node that reads it, which names that node. */
  readonly scores: string;
  readonly reader: string;
  /** Element type of the scores, by onnx's number; 0 if it could not be inferred. */
  readonly type: number;
  /** Queries times keys; more than one where positions have queries or keys of their own. The first is of contents. */
  readonly products: readonly Factors[];
  /** Probabilities times values. */
  readonly values: Factors & {
    /** Which of the two operands the probabilities are. */
    readonly weights: 0 | 1;
    /** The node on the way that reads `name`, by its first output. */
    readonly reader: string;
  };
  /** The residual stream that this layer reads, [batch, token, width]; null where none was found. */
  readonly hidden: string | null;
  /** What the heads' outputs are multiplied with on their way to the stream; null where it cannot be told. */
  readonly projection: Projection | null;
  /** What it computes by itself, and what it is fed from the layers before. */
  readonly path: Path;
  /** What is computed beside the scores and joins them, as far as is known with an axis of queries; and the node that does it. */
  readonly joins: readonly { readonly side: string; readonly reader: string }[];
  /** Places in `probes` of what may be this site's causal mask. */
  readonly masks: readonly number[];
  /** Place in `probes` of this site's own probabilities, for the few sites that are looked at. */
  readonly witness: number | null;
}

export interface StreamEnd {
  readonly kind: SiteKind;
  /** How many layers there are: one more than the last. */
  readonly layer: number;
  /** To be added where they are several. [batch, token, width] */
  readonly terms: readonly string[];
}

/** A product of two computed tensors. */
export interface Factors {
  readonly output: string;
  readonly operands: readonly [Operand, Operand];
  /** Of an Einsum; null for a MatMul. */
  readonly equation: string | null;
  /** Element type of the output, by onnx's number; 0 if it could not be inferred. */
  readonly type: number;
  /** Its numbers are quantised: neither it nor its operands can be shown or changed as they are. */
  readonly quantised: boolean;
}

export interface Operand {
  readonly name: string;
  readonly rank: number;
  /** Scalars that the export multiplied it with on the way here. */
  readonly factors: readonly Factor[];
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
  const shapes = new Shapes(model.bytes, model.graph);
  const inputs = fedInputs(model.graph).map(({ name, type, dims }) => ({
    name,
    type: elementName(type),
    dims: dims ?? [],
  }));
  const { products, kinds, left } = attentionOf(model, index, shapes);
  const layers = new Map<SiteKind, number>();
  const probes = new ProbeList();
  const paths = new Paths(index);
  const cones = new MaskCones(index, shapes, fixedLength(inputs));
  const sites = products.map((product, i): Site => {
    const kind = kinds[i];
    const layer = layers.get(kind) ?? 0;
    layers.set(kind, layer + 1);
    const { shown, scores, reader, sink, sides, joins, values, valuesReader, weights } = product;
    const masks = cones.of(sides).flatMap((name) => probes.place(name));
    const query = operandsOf(product.products[0])[0];
    return {
      layer,
      kind,
      name: shown,
      ...headsOf(index, shapes, product),
      sink,
      rank: shapes.rank(shown) ?? shapes.rank(product.softmax.outputs[0]) ?? shapes.rank(scores) ?? 4,
      weightsType: inferType(index, shown),
      scores,
      reader: reader.outputs[0],
      type: inferType(index, scores),
      products: product.products.map((one) => factorsIn(index, shapes, one)),
      values: {
        ...factorsIn(index, shapes, values),
        weights: operandsOf(values)[0] === weights ? 0 : 1,
        reader: valuesReader.outputs[0],
      },
      hidden: kind === 'cross' ? null : streamBefore(index, query, values.outputs[0]),
      projection: projectionAfter(index, values.outputs[0]),
      path: paths.of(product),
      joins: joins.filter(({ side }) => !index.isConstant(side) && (shapes.rank(side) ?? 2) >= 2),
      masks,
      // One layer of a kind says whether its kind is causal; each further one would need the layers before it run.
      witness: layer === 0 && kind !== 'cross' && masks.length > 0 ? (probes.place(shown)[0] ?? null) : null,
    };
  });
  const ends = endsOf(index, sites);
  const places = placesOf(
    model,
    index,
    shapes,
    products.map((product) => product.sides),
  );
  return { sites, ends, probes: probes.names, places, inputs, notes: notesOn(model, sites, left) };
}

/** How much attention is not shown: see `notesOn`. */
type Left = Record<'latent' | 'windowed' | 'beside', number>;

/** The attention that is shown, of which kind each is, and how much is left out. */
function attentionOf(
  model: Model,
  index: GraphIndex,
  shapes: Shapes,
): { products: Product[]; kinds: SiteKind[]; left: Left } {
  const found = findProducts(model, index);
  const latent = latentProducts(index, shapes, found);
  const pieces = windowed(model, index, found);
  const whole = found.filter((one) => !latent.has(one) && !pieces.has(one.softmax.outputs[0]));
  const { kinds, stackOf } = kindsOf(index, whole);
  // The layers of a stack that are left would be taken for all of it.
  const closed = new Set<SiteKind>([...pieces].map(stackOf));
  const isShown = (_: unknown, i: number) => !closed.has(kinds[i]);
  const products = whole.filter(isShown);
  const left = { latent: latent.size, windowed: pieces.size, beside: whole.length - products.length };
  return { products, kinds: kinds.filter(isShown), left };
}

/** What leaves the last layer of each kind, where it is found. */
export function endsOf(index: GraphIndex, sites: readonly Site[]): StreamEnd[] {
  return [...new Set(sites.map(({ kind }) => kind))].flatMap((kind) => {
    const own = sites.filter((site) => site.kind === kind);
    const last = own.at(-1)!;
    if (!last.hidden) return [];
    const heads = last.values.output;
    const terms =
      own.length > 1
        ? streamAfter(index, own.at(-2)!.values.output, last.hidden, heads)
        : streamAfterOnly(index, last.products[0].operands[0].name, heads);
    return terms ? [{ kind, layer: own.length, terms }] : [];
  });
}

function factorsIn(index: GraphIndex, shapes: Shapes, node: Node): Factors {
  const operand = (name: string): Operand => ({
    name,
    rank: shapes.rank(name) ?? 4,
    factors: factorsOf(index, name),
  });
  const [first, second] = operandsOf(node);
  return {
    output: node.outputs[0],
    operands: [operand(first), operand(second)],
    equation: node.op === 'Einsum' ? (node.attributes.get('equation')?.text ?? '') : null,
    type: inferType(index, node.outputs[0]),
    quantised: node.op !== 'Einsum' && node.op !== 'MatMul',
  };
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

/** Of each product, and of any other attention by what it gives. */
function kindsOf(
  index: GraphIndex,
  products: readonly Product[],
): { kinds: SiteKind[]; stackOf: (tensor: string) => Exclude<SiteKind, 'cross'> } {
  const kinds = products.map((product) => kindOf(index, product));
  const keys = products
    .filter((_, i) => kinds[i] === 'cross')
    .map((product) => operandsOf(product.products[0])[1]);
  // The keys of cross attention come from the encoder, and so does all attention before them.
  const encoder = keys.length > 0 ? index.ancestors(keys) : null;
  const stackOf = (tensor: string) =>
    encoder === null ? 'self' : encoder.has(tensor) ? 'encoder' : 'decoder';
  return { kinds: kinds.map((kind, i) => (kind === 'cross' ? kind : stackOf(products[i].shown))), stackOf };
}

function notesOn(model: Model, sites: readonly Site[], { latent, windowed, beside }: Left): string[] {
  const counts = new Map<string, number>();
  for (const { what, reason } of model.closed) {
    const why = `${what} cannot be shown, because ${reason}`;
    counts.set(why, (counts.get(why) ?? 0) + 1);
  }
  const notes = [...counts].map(([why, count]) => `The attention in ${why} (${times(count)}).`);
  if (latent > 0)
    notes.push(
      `Attention of a fixed number of learnt places is not shown, because they are no tokens (${times(latent)}).`,
    );
  if (windowed > 0)
    notes.push(
      `Attention that is computed window by window is not shown, because no matrix of tokens by tokens comes of it (${times(windowed)}).` +
        (beside > 0 ? ` Nor is what the same stack attends to otherwise (${times(beside)}).` : ''),
    );
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
