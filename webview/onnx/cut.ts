// One site as a model of its own: fed what it was fed in a run, it gives that run's probabilities once more, of all of
// its heads or of one.
import { elementType, FLOAT, INT64 } from './element';
import { emitModel, type RewrittenModel } from './emit';
import { Exposure } from './expose';
import type { Masks } from './masks';
import type { Model } from './model';
import type { Plan, Site } from './plan';
import { Change, type LayerInput, type MaskInputs } from './rewrite';
import { Shapes } from './shape';

export interface CutSite extends RewrittenModel {
  /** float32 [batch, heads, query, key], or [batch * heads, query, key]: the name of what it gives. */
  readonly output: string;
  /** What is fed of a run, under the names that it has there. */
  readonly fed: readonly string[];
  readonly maskInputs: readonly MaskInputs[];
  readonly scaleInputs: readonly LayerInput[];
  readonly unplacedInput: string | null;
  /** int64 [1]: the head that it gives, as the only one; null where it gives all of them. */
  readonly headInput: string | null;
}

/** A tensor of a run, as onnxruntime tells of it. */
interface FedTensor {
  readonly type: string;
  readonly dims: readonly number[];
}

/** Slices take their bounds as inputs from this opset on. */
const SLICING = 10;

/**
 * @param fed the tensors of `site.path.fed`, as a run gave them
 * @param options `scales` and `places` as in the request of that run; `single` for one head. Whether the site takes heads one by one
 *   is not known from the graph (a shape with the number of heads may be written in it): compare once with all of them
 */
export function cutSite(
  model: Model,
  plan: Plan,
  masks: Masks,
  site: Site,
  fed: Readonly<Record<string, FedTensor>>,
  { scales = false, places = false, single = false } = {},
): CutSite {
  const change = new Change(model);
  const { make } = change;
  const scaleInputs = scales ? change.scale(site) : [];
  const own = { ...plan, sites: [site] };
  const unplacedInput = places ? change.unplace(plan.places) : null;
  const maskInputs = change.masks(own, masks);
  const slices = single && make.opset >= SLICING;
  const head = slices ? change.input('headlight_head', INT64, [1]) : null;

  for (const [i, tensor] of site.path.fed.entries()) {
    const { type, dims } = fed[tensor];
    const axes = dims.map((_, axis) => `fed_${i}_${axis}`);
    change.inputs.push({ name: tensor, type: elementType(type), dims: axes });
  }
  const shapes = new Shapes(model.bytes, model.graph);
  const path = new Set(site.path.nodes);
  const nodes = model.graph.nodes.filter(({ outputs }) => path.has(outputs[0]));
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));

  /** Of what has an axis of heads, the third from the end, one of them. */
  const sliced = new Map<string, string>();
  const ofHead = (tensor: string, from: string): string => {
    const rank = fed[tensor]?.dims.length ?? shapes.rank(tensor) ?? 0;
    if (head === null || rank < 3) return from;
    let one = sliced.get(from);
    if (one === undefined) {
      // An axis of 1 is shared by all heads.
      const several = make.node('Greater', [make.length(from, rank - 3), make.ints([1])]);
      const first = make.node('Mul', [head, make.cast(several, INT64)]);
      one = make.slice(from, rank - 3, first, make.node('Add', [first, make.ints([1])]));
      sliced.set(from, one);
    }
    return one;
  };
  for (const { inputs, outputs } of nodes)
    for (const name of inputs) {
      if (name === '' || made.has(name)) continue;
      const from = change.redirected.get(outputs[0])?.get(name) ?? name;
      const to = ofHead(name, from);
      if (to !== name) change.redirect(outputs[0], name, to);
    }

  // Where the probabilities are what is fed, there is nothing to compute.
  const output =
    path.size > 0
      ? new Exposure(make, change).expose('probabilities', site)!
      : make.cast(ofHead(site.name, site.name), FLOAT, make.name('headlight_probabilities'));
  const { renamed, redirected } = change;
  const edits = {
    outputs: [output],
    nodes: make.nodes,
    weights: make.weights,
    inputs: change.inputs,
    renamed,
    redirected,
  };
  // Declared shapes are those of all heads.
  const written = emitModel(model, { ...edits, undeclared: slices ? made : new Set() });
  const isRead = (name: string | null): name is string => name !== null && written.madeInputs.has(name);
  const read = (name: string | null) => (isRead(name) ? name : null);
  return {
    ...written,
    output,
    fed: site.path.fed.filter(isRead),
    maskInputs: maskInputs.map(({ kind, allow, open }) => ({ kind, allow: read(allow), open: read(open) })),
    scaleInputs: scaleInputs.filter(({ name }) => isRead(name)),
    unplacedInput: read(unplacedInput),
    headInput: read(head),
  };
}
