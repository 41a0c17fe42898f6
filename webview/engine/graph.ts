/** One graph opened: read, planned, probed and rewritten, the session that runs it, and what a run of it shows. */
import * as ort from 'onnxruntime-web/wasm';
import type { Mask, Overview, Shape } from '../core/attention';
import { maskCells, openedCells, toBytes } from '../core/attention';
import { findMasks, planModel, probeFeeds, probeGraph, readModel, rewrite } from '../onnx/index';
import type { Masks, Model, Plan, Request, Rewrite, RewrittenModel, SiteKind, Tensor } from '../onnx/index';
import { EngineError } from './engine';
import type { GraphFile } from './engine';
import { cells } from './feeds';

/** Set by the build: true in the workers whose onnxruntime has WebGPU; it falls back to WASM operator by operator. */
declare const HEADLIGHT_WEBGPU: boolean;

export type Weights = GraphFile['weights'];
export type Feeds = Record<string, ort.Tensor>;

export interface PlannedGraph {
  readonly model: Model;
  readonly plan: Plan;
  readonly masks: Masks;
  readonly weights: Weights;
}

/** A rewritten graph, ready to run. */
export interface Session {
  readonly rewritten: Rewrite;
  readonly session: ort.InferenceSession;
}

/** Attention of one kind: a [heads, queries, keys] array for each layer. */
export interface Attention {
  readonly kind: SiteKind;
  readonly overview: Overview;
  readonly weights: readonly Float32Array[];
}

export interface Pass {
  readonly attentions: readonly Attention[];
  readonly ms: number;
}

/** @throws EngineError where it has no attention, OnnxError where it is no graph */
export async function planGraph({ graph, weights }: GraphFile): Promise<PlannedGraph> {
  const model = readModel(graph);
  const plan = planModel(model);
  if (plan.sites.length === 0)
    throw new EngineError(['The model has no attention that Headlight can find.', ...plan.notes].join(' '));
  return { model, plan, masks: await probeMasks(model, plan, weights), weights };
}

export async function openGraph(
  { model, plan, masks, weights }: PlannedGraph,
  request: Request = {},
): Promise<Session> {
  const rewritten = rewrite(model, plan, masks, request);
  return { rewritten, session: await createSession(rewritten, weights) };
}

/** Which tensors are causal masks, seen by their values on a short input. */
async function probeMasks(graph: Model, plan: Plan, weights: Weights): Promise<Masks> {
  if (plan.probes.length === 0) return findMasks(graph, plan, {});
  // A probe that cannot run costs the switch, not the picture: findMasks then says why it cannot be had.
  const values = await probe(graph, plan, weights).catch(() => ({}));
  return findMasks(graph, plan, values);
}

async function probe(graph: Model, plan: Plan, weights: Weights): Promise<Record<string, Tensor>> {
  const probed = probeGraph(graph, plan);
  const session = await createSession(probed, weights);
  try {
    const feeds: Feeds = {};
    for (const [name, { type, data, dims }] of Object.entries(probeFeeds(plan)))
      if (probed.inputs.includes(name))
        feeds[name] = new ort.Tensor(type as 'int64', data as BigInt64Array, dims);
    const values: Record<string, Tensor> = {};
    for (const [name, { type, dims, data }] of Object.entries(await session.run(feeds)))
      values[name] = { type, dims, data: data as Tensor['data'] };
    return values;
  } finally {
    await session.release();
  }
}

function createSession(
  { bytes, external, delicate }: RewrittenModel,
  weights: Weights,
): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(bytes, {
    executionProviders: HEADLIGHT_WEBGPU
      ? // An empty list is an error to onnxruntime.
        [{ name: 'webgpu', ...(delicate.length > 0 && { forceCpuNodeNames: delicate }) }, 'wasm']
      : ['wasm'],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    externalData: [...external, ...weights].map(({ path, data }) => ({ path, data })),
  });
}

/** How many tokens are read: by an encoder-decoder, on each of its sides. */
export interface Lengths {
  readonly source: number;
  /** The same where there is one text. */
  readonly target: number;
}

const lengthsOf = (kind: SiteKind, { source, target }: Lengths): readonly [queries: number, keys: number] =>
  kind === 'cross' ? [target, source] : kind === 'decoder' ? [target, target] : [source, source];

/** What closes and opens pairs: the mask is that of a decoder, whose texts attend to themselves. */
export function maskFeeds({ maskInputs }: Rewrite, mask: Mask, lengths: Lengths): Feeds {
  const feeds: Feeds = {};
  for (const { kind, allow, open } of maskInputs) {
    const [queries, keys] = lengthsOf(kind, lengths);
    const masked = kind === 'self' || kind === 'decoder';
    const closing = masked ? maskCells(mask, queries) : new Uint8Array(queries * keys).fill(1);
    const opening = masked ? openedCells(mask, queries) : new Uint8Array(queries * keys);
    if (allow !== null) feeds[allow] = cells(closing, queries, keys);
    if (open !== null) feeds[open] = cells(opening, queries, keys);
  }
  return feeds;
}

/** @throws EngineError in place of onnxruntime's words for a text that is longer than the model's table of places */
export function runSession({ session }: Session, feeds: Feeds, names: readonly string[], lengths: Lengths) {
  return session.run(feeds, names).catch((error: Error) => {
    if (!/out of (data )?bounds/.test(error.message)) throw error;
    const n = Math.max(lengths.source, lengths.target);
    throw new EngineError(
      `The model cannot read ${n} tokens at once, though its config.json says that it can.`,
    );
  });
}

/** The attention among the results of a run, kind by kind. */
export async function attentionsOf(
  { rewritten }: Session,
  results: Readonly<Feeds>,
  lengths: Lengths,
): Promise<Attention[]> {
  const found = new Map<SiteKind, { weights: Float32Array[]; heads: number }>();
  for (const { name, kind } of rewritten.outputs) {
    const tensor = results[name];
    const [batch, heads, queries, keys] = tensor.dims;
    const [rows, columns] = lengthsOf(kind, lengths);
    const stack = found.get(kind) ?? { weights: [], heads };
    found.set(kind, stack);
    const fits = batch === 1 && queries === rows && keys === columns && heads === stack.heads;
    if (tensor.type !== 'float32' || !fits)
      throw new EngineError(
        `The model's attention has a shape that Headlight cannot show: ${tensor.type}[${tensor.dims}].`,
      );
    stack.weights.push((await tensor.getData()) as Float32Array);
    tensor.dispose();
  }
  return [...found].map(([kind, { weights, heads }]) => {
    const [queries, keys] = lengthsOf(kind, lengths);
    return { kind, weights, overview: overviewOf(weights, { layers: weights.length, heads, queries, keys }) };
  });
}

/** All probabilities as bytes. */
export function overviewOf(weights: readonly Float32Array[], shape: Shape): Overview {
  const bytes = new Uint8Array(shape.layers * shape.heads * shape.queries * shape.keys);
  weights.forEach((layer, i) => toBytes(layer, bytes, i * layer.length));
  return { ...shape, bytes };
}
