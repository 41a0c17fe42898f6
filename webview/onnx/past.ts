// Keys and values of tokens that were read before, so that a graph reads only the new ones. Under a causal mask what came
// before stays as it was.
//
// Queries are then those of new tokens, keys and values of all. Masks and biases, which a graph makes for the tokens that it
// reads, are made for all tokens by a graph of their own, and come in with the rows of the new ones, as far as these look
// back. Whether a model has no other memory of what it read, and counts its tokens from where it is told, is to be tried.
import { elementType, FLOAT } from './element';
import { emitModel, type RewrittenModel } from './emit';
import type { Tensor } from './feeds';
import type { Model } from './model';
import { LAYERS } from './path';
import type { Plan, Site } from './plan';
import { readModel } from './read';
import type { Change } from './rewrite';

/** The operators that this is made of take what they need as inputs from here on. */
const OPSET = 11;

export interface Pasts {
  /** One a site. */
  readonly sites: readonly { readonly keys: PastTensor; readonly values: PastTensor }[];
  /** What joins the scores, by the name that it has in the model, and the input for its rows of the tokens that are read. */
  readonly sides: readonly { readonly side: string; readonly input: string }[];
}

/** Keys or values of one site: float32, in the layout in which they enter their product. */
export interface PastTensor {
  /** Those of the tokens that are read, by the name that they have in the model. */
  readonly tensor: string;
  /** Those of earlier tokens, [any], row by row; empty where nothing was read before. */
  readonly input: string;
  /** Theirs and those of the tokens that are read. */
  readonly output: string;
  /** The axis of the tokens. */
  readonly axis: number;
}

/** What joins the scores of any site, to be fetched by name; null where a model cannot have a past. */
export function sidesGraph(model: Model, { sites }: Plan): RewrittenModel | null {
  const sides = [...new Set(sites.flatMap(({ joins }) => joins.map(({ side }) => side)))];
  if ((model.opsets.get('') ?? 0) < OPSET || sides.length === 0 || !sites.every(canGoOn)) return null;
  const none = { nodes: [], weights: [], inputs: [], renamed: new Map(), redirected: new Map() };
  const emitted = emitModel(model, { ...none, outputs: sides });
  // A mask that takes its size from the layers before it would have them run.
  const isRead = readModel(emitted.bytes).graph.nodes.some(({ op }) => LAYERS.test(op));
  return isRead ? null : emitted;
}

function canGoOn({ kind, products, values, type }: Site): boolean {
  const isPlain = [...products, values].every(
    (product) => product.equation === null && !product.quantised && product.type === FLOAT,
  );
  const [query, key] = products[0].operands;
  return (
    kind === 'self' &&
    products.length === 1 &&
    isPlain &&
    values.weights === 0 &&
    type === FLOAT &&
    query.name !== key.name
  );
}

/** @param made what `sidesGraph` gave for any text, by name */
export function addPasts(change: Change, { sites }: Plan, made: Readonly<Record<string, Tensor>>): Pasts {
  const sides = Object.entries(made).map(([side, { type, dims }], i) => ({
    side,
    input: change.input(
      'headlight_side',
      elementType(type),
      dims.map((_, axis) => `headlight_side_${i}_${axis}`),
    ),
  }));
  for (const { side, reader } of sites.flatMap(({ joins }) => joins))
    change.redirect(reader, side, sides.find((one) => one.side === side)!.input);
  return {
    sides,
    sites: sites.map(({ products: [product], values }) => {
      const [key, value] = [product.operands[1], values.operands[1]];
      return {
        keys: joined(change, product.output, key.name, key.rank, key.rank - 1),
        values: joined(change, values.output, value.name, value.rank, value.rank - 2),
      };
    }),
  };
}

/** What a product reads, behind what is given for earlier tokens. */
function joined(change: Change, reader: string, tensor: string, rank: number, axis: number): PastTensor {
  const { make } = change;
  const input = change.input('headlight_past', FLOAT, [`headlight_past_${tensor}`]);
  const shape = make.node('Shape', [tensor]);
  const sizes = Array.from({ length: rank }, (_, at) =>
    at === axis ? -1 : make.slice(shape, 0, at, at + 1),
  );
  const output = make.node('Concat', [make.reshape(input, ...sizes), tensor], { axis });
  change.redirect(reader, tensor, output);
  return { tensor, input, output, axis };
}
