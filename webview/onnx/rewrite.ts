// Step two: the graph with what was asked for as outputs, and masks, gates and scales as inputs.
import { BOOL, FLOAT, LOWEST } from './element';
import { emitModel, type MadeInput, type RewrittenModel } from './emit';
import { Exposure, type What } from './expose';
import { Maker } from './make';
import type { Frequencies } from './rotary';
import type { Masks, Patch } from './masks';
import type { Tensor } from './feeds';
import type { Model } from './model';
import { addPasts, type Pasts } from './past';
import type { Place } from './places';
import type { Plan, Site, SiteKind } from './plan';

/** Only what is asked for is computed. */
export interface Request {
  /** [{ what: 'probabilities' }] if left out. */
  readonly tensors?: readonly {
    readonly what: What;
    /** All if left out. */
    readonly layers?: readonly number[];
    readonly kinds?: readonly SiteKind[];
  }[];
  /** The model's own output. */
  readonly logits?: boolean;
  /** More of the model's own outputs, by name: a cache that the next step goes on from. */
  readonly keep?: readonly string[];
  /** What each site is fed on the way to its probabilities (`site.path.fed`), by name and as it is, for `cutSite`. */
  readonly fed?: boolean;
  /** Weights that are to be inputs, by name. */
  readonly given?: readonly Pick<Frequencies, 'name' | 'dims'>[];
  /** Inputs that close and open query-key pairs; true if left out. */
  readonly masks?: boolean;
  /** Inputs that multiply what each head gives to its layer. */
  readonly gates?: boolean;
  /** Inputs that multiply scores. */
  readonly scales?: boolean;
  /** An input that takes from tokens where they stand. */
  readonly places?: boolean;
  /** Inputs and outputs for keys and values, so that a text can be gone on from: what `sidesGraph` gave for any text. */
  readonly past?: Readonly<Record<string, Tensor>>;
}

export interface Rewrite extends RewrittenModel {
  /** What to fetch, in the order of the request, then of the plan's sites. */
  readonly outputs: readonly ExposedTensor[];
  /** The output with the logits, where asked for. */
  readonly logits: string | null;
  /** Inputs beside the original ones. All that are named must be fed. */
  readonly maskInputs: readonly MaskInputs[];
  readonly gateInputs: readonly LayerInput[];
  readonly scaleInputs: readonly LayerInput[];
  /** bool, no axes: true makes every token stand where the first one stands; null where nothing counts tokens. */
  readonly unplacedInput: string | null;
  /** float32: the weights that were asked for as inputs. */
  readonly givenInputs: readonly { readonly weight: string; readonly input: string }[];
  /** int64 [1]: tokens along each side of a cell of the thumbnails; null where none were asked for. */
  readonly cellInput: string | null;
  /** int64 [rows]: the queries whose rows are given; null where none were asked for. */
  readonly rowsInput: string | null;
  /** Null where none were asked for. */
  readonly pasts: Pasts | null;
  readonly causal: Masks['causal'];
  /** Sentences: what was asked for and is not there. */
  readonly missing: readonly string[];
}

export interface ExposedTensor {
  readonly what: What;
  /** Of hidden states one more than there are layers: what leaves the last. */
  readonly layer: number;
  readonly kind: SiteKind;
  readonly name: string;
}

/** bool [query, key], or null where there is nothing to close or to open. */
export interface MaskInputs {
  readonly kind: SiteKind;
  readonly allow: string | null;
  readonly open: string | null;
}

/** float32: a gate is [heads], or [1] for all of them; a scale is [1]. A feed of ones changes nothing. */
export interface LayerInput {
  readonly kind: SiteKind;
  readonly layer: number;
  readonly name: string;
}

/**
 * With `allow` true and `open` false throughout, gates and scales 1, the graph computes what the original computes.
 *
 * A pair that `allow` closes gets a weight of exactly 0 at every site of the kind; a row closed whole has nothing to
 * choose from, and is uniform. A pair that `open` opens passes the causal mask; what else masks it (padding, a window)
 * still does. To lift a causal mask open the pairs with key > query only: some models keep their window in the same
 * tensor.
 *
 * A gate multiplies a head's probabilities on their way to the values, and so the head's output; the probabilities
 * shown are those before it. A scale multiplies queries times keys, before bias, softcap and mask.
 */
export function rewrite(model: Model, plan: Plan, masks: Masks, request: Request = {}): Rewrite {
  const change = new Change(model);
  const wanted = request.tensors ?? [{ what: 'probabilities' as const }];

  const scaleInputs = request.scales ? plan.sites.flatMap((site) => change.scale(site)) : [];
  const gateInputs = request.gates ? plan.sites.flatMap((site) => change.gate(site)) : [];
  const givenInputs = (request.given ?? []).map(({ name, dims }) => change.give(name, dims));
  const maskInputs = request.masks === false ? [] : change.masks(plan, masks);

  const unplacedInput = request.places ? change.unplace(plan.places) : null;
  const pasts = request.past ? addPasts(change, plan, request.past) : null;

  const exposure = new Exposure(change.make, change);
  const outputs: ExposedTensor[] = [];
  const missing: string[] = [];
  for (const { what, layers, kinds } of wanted) {
    const isMeant = ({ layer, kind }: Pick<Site, 'layer' | 'kind'>) =>
      (layers?.includes(layer) ?? true) && (kinds?.includes(kind) ?? true);
    for (const site of plan.sites.filter(isMeant)) {
      const { layer, kind } = site;
      const name = exposure.expose(what, site);
      if (name !== null) outputs.push({ what, layer, kind, name });
      else if (what !== 'hidden' || kind !== 'cross')
        missing.push(`The graph does not tell the ${what} of layer ${layer} (${kind}).`);
    }
    if (what === 'hidden')
      for (const end of plan.ends.filter(isMeant))
        outputs.push({ what, layer: end.layer, kind: end.kind, name: exposure.end(end) });
  }
  const logits = request.logits ? logitsName(model) : null;
  const names = new Set(outputs.map(({ name }) => name));
  if (logits !== null) names.add(logits);
  for (const name of request.keep ?? []) if (isOutput(model, name)) names.add(name);
  for (const { keys, values } of pasts?.sites ?? []) names.add(keys.output).add(values.output);
  if (request.fed) for (const { path } of plan.sites) for (const name of path.fed) names.add(name);
  exposure.order();

  const { nodes, weights } = change.make;
  const { inputs, renamed, redirected } = change;
  const edits = { outputs: [...names], nodes, weights, inputs, renamed, redirected };
  // With a past, what was declared of one length has two.
  const emitted = emitModel(
    model,
    pasts ? { ...edits, undeclared: new Set(model.graph.values.keys()) } : edits,
  );
  // What nothing asked for needs is not in the graph: the queries of a first layer know no mask.
  const isThere = ({ name }: LayerInput) => emitted.madeInputs.has(name);
  const there = (name: string | null) => (name !== null && emitted.madeInputs.has(name) ? name : null);
  return {
    ...emitted,
    outputs,
    logits,
    maskInputs: maskInputs.map(({ kind, allow, open }) => ({ kind, allow: there(allow), open: there(open) })),
    gateInputs: gateInputs.filter(isThere),
    scaleInputs: scaleInputs.filter(isThere),
    unplacedInput: there(unplacedInput),
    givenInputs: givenInputs.filter(({ input }) => emitted.madeInputs.has(input)),
    cellInput: exposure.cell,
    rowsInput: exposure.rows,
    pasts,
    causal: masks.causal,
    missing,
  };
}

function isOutput({ graph }: Model, wanted: string): boolean {
  return graph.outputs.some(({ name }) => name === wanted);
}

function logitsName({ graph }: Model): string | null {
  const named = graph.outputs.find(({ name }) => /logits/i.test(name));
  return (named ?? graph.outputs[0])?.name ?? null;
}

/** Gathers what changes. */
export class Change {
  readonly make: Maker;
  readonly inputs: MadeInput[] = [];
  readonly renamed = new Map<string, string>();
  readonly redirected = new Map<string, Map<string, string>>();

  constructor(private readonly model: Model) {
    this.make = new Maker(model.names, model.opsets.get('') ?? 0);
  }

  input(wanted: string, type: number, dims: readonly (string | number)[]): string {
    const name = this.make.name(wanted);
    this.inputs.push({ name, type, dims });
    return name;
  }

  /** One node reads another tensor; the node is named by its first output. */
  redirect(reader: string, from: string, to: string): void {
    const names = this.redirected.get(reader);
    if (names) names.set(from, to);
    else this.redirected.set(reader, new Map([[from, to]]));
  }

  /** Gives `tensor` to whoever reads it through what `build` makes of it, also inside bodies. */
  replace(tensor: string, build: (original: string) => void): void {
    const original = this.make.name(`${tensor}_headlight`);
    this.renamed.set(tensor, original);
    build(original);
  }

  /** Whoever reads a weight reads an input in its place. */
  give(weight: string, dims: readonly number[]): { weight: string; input: string } {
    const input = this.input('headlight_given', FLOAT, dims);
    for (const { inputs, outputs } of this.model.graph.nodes)
      if (inputs.includes(weight)) this.redirect(outputs[0], weight, input);
    return { weight, input };
  }

  masks({ sites }: Plan, { patches }: Masks): MaskInputs[] {
    return [...new Set(sites.map(({ kind }) => kind))].map((kind) => {
      const suffix = kind === 'self' ? '' : `_${kind}`;
      const pairs = [`query${suffix}`, `key${suffix}`];
      const own = sites.filter((site) => site.kind === kind && this.isClosable(site));
      const allow = own.length > 0 ? this.input(`headlight_allow${suffix}`, BOOL, pairs) : null;
      for (const site of own) this.close(site, allow!);
      const opened = patches.filter((patch) => patch.kind === kind);
      const open = opened.length > 0 ? this.input(`headlight_open${suffix}`, BOOL, pairs) : null;
      for (const patch of opened) this.open(patch, open!);
      return { kind, allow, open };
    });
  }

  private isClosable({ type }: Site): boolean {
    return this.make.opset >= 9 && this.make.scalar(type, LOWEST) !== null;
  }

  /** Scores that are not allowed become the lowest number there is, after everything else that joins them. */
  private close(site: Site, allow: string): void {
    const lowest = this.make.scalar(site.type, LOWEST)!;
    this.redirect(site.reader, site.scores, this.make.node('Where', [allow, site.scores, lowest]));
  }

  /** The mask itself keeps its name, so that all who read it, also inside bodies, read the opened one. */
  private open({ tensor, form, type }: Patch, open: string): void {
    this.replace(tensor, (original) => {
      if (type === BOOL && form === 'allow') this.make.node('Or', [original, open], {}, tensor);
      else if (type === BOOL) {
        const shut = this.make.node('Not', [open]);
        this.make.node('And', [original, shut], {}, tensor);
      } else {
        const value = this.make.scalar(type, form === 'allow' ? 1 : 0)!;
        this.make.node('Where', [open, value, original], {}, tensor);
      }
    });
  }

  scale({ kind, layer, products }: Site): LayerInput[] {
    if (products.some(({ quantised, type }) => quantised || type === 0)) return [];
    const name = this.input(`headlight_scale_${kind}_${layer}`, FLOAT, [1]);
    for (const { output, type } of products)
      this.replace(output, (original) => this.make.node('Mul', [original, this.as(type, name)], {}, output));
    return [{ kind, layer, name }];
  }

  gate({ kind, layer, name: weights, rank, weightsType, values }: Site): LayerInput[] {
    if (weightsType === 0 || rank < 2) return [];
    const { make } = this;
    const name = this.input(`headlight_gate_${kind}_${layer}`, FLOAT, [`heads_${kind}_${layer}`]);
    const gate = this.as(weightsType, name);
    let gated: string;
    if (rank === 3) {
      // Batch and heads are one axis: they are taken apart for a moment.
      const [heads, shape] = [make.node('Shape', [name]), make.node('Shape', [weights])];
      const apart = make.reshape(weights, -1, heads, make.slice(shape, 0, 1, 3));
      gated = make.node('Reshape', [make.node('Mul', [apart, make.reshape(gate, -1, 1, 1)]), shape]);
    } else if (rank === 5) {
      const groups = make.slice(make.node('Shape', [weights]), 0, 1, 3);
      gated = make.node('Mul', [weights, make.reshape(gate, groups, 1, 1)]);
    } else gated = make.node('Mul', [weights, rank === 2 ? gate : make.reshape(gate, -1, 1, 1)]);
    this.redirect(values.reader, weights, gated);
    return [{ kind, layer, name }];
  }

  unplace(places: readonly Place[]): string | null {
    const { make } = this;
    if (places.length === 0 || make.opset < 10) return null;
    const unplaced = this.input('headlight_unplaced', BOOL, []);
    for (const { reader, tensor, how, axis, type } of places) {
      const same = this.alike(tensor, how, axis, type);
      if (same !== null) this.redirect(reader, tensor, make.node('Where', [unplaced, same, tensor]));
    }
    return unplaced;
  }

  /** What all tokens carry once they stand at one place. */
  private alike(tensor: string, how: Place['how'], axis: number, type: number): string | null {
    const { make } = this;
    if (how === 'nothing') return make.scalar(type, 0);
    if (how === 'rows') return make.slice(tensor, axis, 0, 1);
    // A number without axes, so that it spreads to those of the tensor.
    return make.reshape(make.slice(make.reshape(tensor, -1), 0, 0, 1));
  }

  /** A float32 input in another element type. */
  private as(type: number, name: string): string {
    return type === FLOAT ? name : this.make.cast(name, type);
  }
}
