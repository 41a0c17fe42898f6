// Step two: the graph with its probabilities as outputs and its masks as inputs.
import { BOOL, scalarBytes } from './element';
import { emitModel, type MadeNode, type MadeWeight, type RewrittenModel } from './emit';
import type { Masks, Patch } from './masks';
import type { Model } from './model';
import type { Plan, Site } from './plan';

export interface Rewrite extends RewrittenModel {
  /** What to fetch, in the order of the plan's sites. */
  readonly outputs: readonly AttentionOutput[];
  /** The output with the logits, where asked for. */
  readonly logits: string | null;
  /** Inputs of bool [query, key] beside the original ones; null where there is nothing to close or to open. */
  readonly maskInputs: { readonly allow: string | null; readonly open: string | null };
  readonly causal: Masks['causal'];
  /** Tensors that `open` opens. */
  readonly patched: readonly string[];
}

export interface AttentionOutput {
  readonly layer: number;
  readonly kind: Site['kind'];
  readonly name: string;
}

/**
 * With `allow` true and `open` false throughout, the graph computes what the original computes. A pair that `allow`
 * closes gets a weight of exactly 0 at every site; a row closed whole has nothing to choose from, and is uniform. A
 * pair that `open` opens passes the causal mask; what else masks it (padding, a window) still does. To lift a causal
 * mask open the pairs with key > query only: some models keep their window in the same tensor.
 */
export function rewrite(model: Model, plan: Plan, masks: Masks, options: { logits?: boolean } = {}): Rewrite {
  const make = new Maker(model);
  const allow = make.name('headlight_allow');
  const open = make.name('headlight_open');
  const closed = plan.sites.filter((site) => isClosable(plan, site) && make.close(site, allow));
  for (const patch of masks.patches) make.open(patch, open);
  const logits = options.logits ? logitsName(model) : null;
  const outputs = new Set(plan.sites.map((site) => site.name));
  if (logits !== null) outputs.add(logits);
  const { nodes, weights, renamed, redirected } = make;
  const edits = { outputs: [...outputs], nodes, weights, masks: [allow, open], renamed, redirected };
  return {
    ...emitModel(model, edits),
    outputs: plan.sites.map(({ layer, kind, name }) => ({ layer, kind, name })),
    logits,
    maskInputs: { allow: closed.length > 0 ? allow : null, open: masks.patches.length > 0 ? open : null },
    causal: masks.causal,
    patched: masks.patches.map((patch) => patch.tensor),
  };
}

/** One [query, key] input cannot fit stacks of different lengths; of an encoder and a decoder the decoder gets it. */
function isClosable({ sites }: Plan, { kind }: Site): boolean {
  return (
    kind === 'self' ||
    kind === 'decoder' ||
    (kind === 'encoder' && !sites.some((site) => site.kind === 'decoder'))
  );
}

function logitsName({ graph }: Model): string | null {
  const named = graph.outputs.find(({ name }) => /logits/i.test(name));
  return (named ?? graph.outputs[0])?.name ?? null;
}

/** Collects the new nodes and weights. */
class Maker {
  readonly nodes: MadeNode[] = [];
  readonly weights: MadeWeight[] = [];
  readonly renamed = new Map<string, string>();
  readonly redirected = new Map<string, ReadonlyMap<string, string>>();
  private readonly scalars = new Map<string, string>();
  private readonly taken: Set<string>;
  private readonly hasWhere: boolean;

  constructor(model: Model) {
    this.taken = new Set(model.names);
    this.hasWhere = (model.opsets.get('') ?? 0) >= 9;
  }

  /** Scores that are not allowed become the lowest number there is, after everything else that joins them. */
  close(site: Site, allow: string): boolean {
    const lowest = this.scalar(site.type, 'lowest');
    if (lowest === null || !this.hasWhere) return false;
    const closed = this.node('Where', [allow, site.scores, lowest], 'headlight_scores');
    this.redirected.set(site.reader, new Map([[site.scores, closed]]));
    return true;
  }

  /** The mask itself keeps its name, so that all who read it, also inside bodies, read the opened one. */
  open({ tensor, form, type }: Patch, open: string): void {
    const original = this.name(`${tensor}_headlight`);
    this.renamed.set(tensor, original);
    if (type === BOOL && form === 'allow') this.node('Or', [original, open], null, tensor);
    else if (type === BOOL) {
      const shut = this.node('Not', [open], 'headlight_shut');
      this.node('And', [original, shut], null, tensor);
    } else {
      const value = this.scalar(type, form === 'allow' ? 1 : 0);
      if (value !== null) this.node('Where', [open, value, original], null, tensor);
    }
  }

  /** A name that nothing in the model has. */
  name(wanted: string): string {
    let name = wanted;
    for (let i = 1; this.taken.has(name); i++) name = `${wanted}_${i}`;
    this.taken.add(name);
    return name;
  }

  private node(
    op: string,
    inputs: string[],
    wanted: string | null,
    output = this.name(wanted ?? op),
  ): string {
    this.nodes.push({ op, inputs, outputs: [output], captures: [] });
    return output;
  }

  private scalar(type: number, value: 0 | 1 | 'lowest'): string | null {
    const key = `${type} ${value}`;
    const known = this.scalars.get(key);
    if (known !== undefined) return known;
    const bytes = scalarBytes(type, value);
    if (bytes === null) return null;
    const name = this.name(`headlight_${value}`);
    this.scalars.set(key, name);
    this.weights.push({ name, type, bytes });
    return name;
  }
}
