// Which tensors to patch so that a causal mask can be opened, given the values of the probes.
import { causalForm, type Form, isCausal } from './causal';
import { endsMasks } from './cone';
import { elementType, scalarBytes } from './element';
import { quoted } from './error';
import type { Tensor } from './feeds';
import type { Model } from './model';
import type { Plan, Site, SiteKind } from './plan';
import { probeName } from './probe';

/** Plain data, as the plan is. */
export interface Masks {
  /** `none`: nothing to open, the model sees both ways. `cannot`: causal, but by nothing that can be opened. */
  readonly causal: 'patched' | 'none' | 'cannot';
  /** Why it cannot. */
  readonly reason: string | null;
  readonly patches: readonly Patch[];
}

export interface Patch {
  /** Whose mask it is. */
  readonly kind: SiteKind;
  readonly tensor: string;
  readonly form: Exclude<Form, 'unknown'>;
  /** Element type, by onnx's number. */
  readonly type: number;
}

/** `probed`: the outputs of the probe graph by name, as the session returned them; {} if it could not be run. */
export function findMasks(model: Model, plan: Plan, probed: Readonly<Record<string, Tensor>>): Masks {
  if (plan.sites.some(({ witness }) => witness !== null && !probed[probeName(witness)]))
    return cannot('the model could not be run on a short text to find its causal mask');
  const causalSites = sitesOfCausalKinds(plan, probed);
  if (causalSites.length === 0) return { causal: 'none', reason: null, patches: [] };

  const places = new Set(causalSites.flatMap((site) => site.masks));
  const forms = new Map<string, Form>();
  for (const place of places) {
    const value = probed[probeName(place)];
    const form = value ? causalForm(value) : null;
    if (form) forms.set(plan.probes[place], form);
  }

  const patches: Patch[] = [];
  const made = madeOf(model, forms);
  for (const [tensor, form] of forms) {
    if (made.has(tensor)) continue;
    const type = elementType(probed[probeName(plan.probes.indexOf(tensor))].type);
    if (form === 'unknown' || scalarBytes(type, 0) === null)
      return cannot(`its causal mask ${quoted(tensor)} is mixed with other numbers and cannot be opened`);
    patches.push({ kind: kindMasked(causalSites, plan.probes.indexOf(tensor)), tensor, form, type });
  }
  const left = causalSites.find((site) => !site.masks.some((place) => forms.has(plan.probes[place])));
  if (left) return cannot(`the causal mask of layer ${left.layer} was not found in the graph`);
  return { causal: 'patched', reason: null, patches };
}

/**
 * Tensors made of one of `masks`. A mask made of another is opened by opening that one: what joins later (padding, a
 * window's left edge) survives. Made of, not merely after: the second layer's mask may take its size from the first
 * layer's result.
 */
function madeOf({ graph }: Model, masks: ReadonlyMap<string, Form>): Set<string> {
  const made = new Set<string>();
  for (const node of graph.nodes)
    if (!endsMasks(node) && node.inputs.some((input) => masks.has(input) || made.has(input)))
      for (const output of node.outputs) made.add(output);
  return made;
}

function cannot(reason: string): Masks {
  return { causal: 'cannot', reason, patches: [] };
}

/** A mask that several kinds share has one length for all of them. */
function kindMasked(sites: readonly Site[], place: number): SiteKind {
  return sites.find(({ masks }) => masks.includes(place))!.kind;
}

/** One witness a kind: layers of one stack differ in their windows, not in their direction. */
function sitesOfCausalKinds({ sites }: Plan, probed: Readonly<Record<string, Tensor>>): Site[] {
  const kinds = new Set<SiteKind>();
  for (const { kind, witness } of sites) {
    const value = witness === null ? undefined : probed[probeName(witness)];
    if (value && isCausal(value)) kinds.add(kind);
  }
  return sites.filter(({ kind }) => kinds.has(kind));
}
