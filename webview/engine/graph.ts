/** One graph opened: read, planned, probed and rewritten, the session that runs it, and what a run of it shows. */
import * as ort from 'onnxruntime-web/wasm';
import type { Head, Mask, Overview } from '../core/attention';
import {
  cellFor,
  countCells,
  emptyOverview,
  headOffset,
  maskCells,
  openedCells,
  toCells,
} from '../core/attention';
import type { HeadMeasures } from '../core/measures';
import { meanMeasures, measureHeads } from '../core/measures';
import { findMasks, halvesOf, planModel, probeFeeds, probeGraph, readModel, rewrite } from '../onnx/index';
import type {
  Masks,
  Model,
  Plan,
  Request,
  Rewrite,
  RewrittenModel,
  Site,
  SiteKind,
  Tensor,
  What,
} from '../onnx/index';
import { EngineError } from './engine';
import type { GraphFile, Medium } from './engine';
import { cells } from './feeds';
import { assertShort } from './fixed';
import type { Room } from './fixed';
import type { Heads } from './heads';
import { planFor } from './medium';
import type { PassFeeds } from './pass';

/** Set by the build: true in the workers whose onnxruntime has WebGPU; it falls back to WASM operator by operator. */
declare const HEADLIGHT_WEBGPU: boolean;

type Weights = GraphFile['weights'];
export type Feeds = Record<string, ort.Tensor>;

export interface PlannedGraph {
  readonly model: Model;
  readonly plan: Plan;
  readonly masks: Masks;
  readonly weights: Weights;
}

/** A rewritten graph, ready to run. */
export interface Session {
  readonly planned: PlannedGraph;
  readonly rewritten: Rewrite;
  readonly session: ort.InferenceSession;
}

/** Attention of one kind, as a run leaves it. */
export interface Attention {
  readonly kind: SiteKind;
  readonly overview: Overview;
  /** Of every head, row by row of the grid. */
  readonly measures: readonly HeadMeasures[];
  /** f32 [queries, keys]: the probabilities of one head, computed from what its layer was fed in the run. */
  weightsOf(head: Head): Promise<Float32Array>;
  /** Bytes that are kept so that it can. */
  readonly kept: number;
}

export interface Pass {
  readonly attentions: readonly Attention[];
  readonly ms: number;
  /** So many tokens were not run: the text before began with them, too. */
  readonly known: number;
}

/**
 * The graph of a model; of an encoder-decoder its two halves, which may lie in one file. Of one that writes about images
 * the decoder is left out: what it writes is not shown.
 *
 * @param room what a run may take
 * @throws EngineError where it has no attention, is not whole or reads more than it can be run on, OnnxError where it is
 * no graph
 */
export async function planGraphs(
  { graph, weights, decoder }: GraphFile & { readonly decoder: GraphFile | null },
  reads: Medium = 'text',
  room: Room = { bytes: Infinity, headWidth: null },
): Promise<[model: PlannedGraph] | [encoder: PlannedGraph, decoder: PlannedGraph]> {
  const model = readModel(graph);
  const plan = planFor(reads, model, planModel(model));
  const planned = async (one: Model, of: GraphFile['weights'], plan = planModel(one)) => {
    if (reads === 'text') assertShort(plan, room);
    return probed({ model: one, plan, weights: of });
  };
  const halves = decoder ? null : halvesOf(model, plan);
  const has = (name: string) => plan.inputs.some((input) => input.name === name);
  if (!halves && has('decoder_input_ids')) {
    const kinds = plan.sites.map(({ kind }) => kind);
    const isBare = kinds.includes('cross') && !kinds.includes('encoder');
    throw isBare ? unshown("The model's encoder", plan.notes) : new EngineError(NOT_PARTED);
  }
  if (!decoder && has('encoder_hidden_states')) throw new EngineError(NO_ENCODER);
  const encoder = await (halves ? planned(halves.encoder, weights) : planned(model, weights, plan));
  if (reads === 'image') return [encoder];
  if (decoder) return [encoder, await planned(readModel(decoder.graph), decoder.weights)];
  return halves ? [encoder, await planned(halves.decoder, weights)] : [encoder];
}

const NOT_PARTED =
  'This encoder-decoder cannot be taken apart into its encoder and its decoder, so Headlight cannot show it: export them as two files.';
const NO_ENCODER =
  'This is the decoder of an encoder-decoder: put its encoder_model.onnx beside it, and open the folder.';

const unshown = (what: string, notes: readonly string[]) =>
  new EngineError([`${what} has no attention that Headlight can show.`, ...notes].join(' '));

async function probed(planned: Omit<PlannedGraph, 'masks'>): Promise<PlannedGraph> {
  const { model, plan, weights } = planned;
  if (plan.sites.length === 0) throw unshown('The model', plan.notes);
  return { ...planned, masks: await probeMasks(model, plan, weights) };
}

/** What a picture is made of: small already when it leaves the graph, and what each head can be computed from. */
export const pictured: Request = { tensors: [{ what: 'thumbnails' }, { what: 'measures' }], fed: true };
/** What small ones are made of: whole, to be made small here, where the graph is too old for the operators that do. */
const WHOLE = 'probabilities';

export async function openGraph(planned: PlannedGraph, request: Request = pictured): Promise<Session> {
  const { model, plan, masks, weights } = planned;
  const { tensors = [] } = request;
  let rewritten = rewrite(model, plan, masks, request);
  const count = (wanted: What) => rewritten.outputs.filter(({ what }) => what === wanted).length;
  if (tensors.some(({ what }) => what === 'thumbnails') && count('thumbnails') < plan.sites.length) {
    const others = tensors.filter(({ what }) => !['thumbnails', 'measures', WHOLE].includes(what));
    rewritten = rewrite(model, plan, masks, { ...request, tensors: [...others, { what: WHOLE }] });
  }
  return { planned, rewritten, session: await createSession(rewritten, weights) };
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

export function createSession(
  { bytes, external, delicate }: RewrittenModel,
  weights: Weights,
  options: ort.InferenceSession.SessionOptions = {},
): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(bytes, {
    executionProviders: HEADLIGHT_WEBGPU
      ? // An empty list is an error to onnxruntime.
        [{ name: 'webgpu', ...(delicate.length > 0 && { forceCpuNodeNames: delicate }) }, 'wasm']
      : ['wasm'],
    graphOptimizationLevel: 'all',
    // A product fused with its scale has a shape that onnxruntime cannot foresee, and the memory of the maps before it is
    // then not used again: a fifth more of it at 2,048 tokens, to save one pass over the scores.
    extra: { optimization: { disable_specified_optimizers: 'MatMulScaleFusion' } },
    ...options,
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

/** How many tokens look, and at how many. */
export const lengthsOf = (
  kind: SiteKind,
  { source, target }: Lengths,
): readonly [queries: number, keys: number] =>
  kind === 'cross' ? [target, source] : kind === 'decoder' ? [target, target] : [source, source];

/** What closes and opens pairs: the mask is that of a decoder, whose texts attend to themselves. */
export function maskFeeds(
  { maskInputs }: Pick<Rewrite, 'maskInputs'>,
  mask: Mask,
  lengths: Lengths,
  window: number | null = null,
): Feeds {
  const feeds: Feeds = {};
  for (const { kind, allow, open } of maskInputs) {
    const [queries, keys] = lengthsOf(kind, lengths);
    const masked = kind === 'self' || kind === 'decoder';
    if (allow !== null) {
      const closing = masked ? maskCells(mask, queries, window) : new Uint8Array(queries * keys).fill(1);
      feeds[allow] = cells(closing, queries, keys);
    }
    if (open !== null) {
      const opening = masked ? openedCells(mask, queries) : new Uint8Array(queries * keys);
      feeds[open] = cells(opening, queries, keys);
    }
  }
  return feeds;
}

/** The size of a cell of the thumbnails, where a graph takes one. */
export function cellFeed({ cellInput }: Rewrite, lengths: Lengths): Feeds {
  const cell = cellOf(lengths);
  return cellInput === null
    ? {}
    : { [cellInput]: new ort.Tensor('int64', BigInt64Array.of(BigInt(cell)), [1]) };
}

const cellOf = ({ source, target }: Lengths): number => cellFor(Math.max(source, target));

/** What a run is fetched for, where a picture is made of it. */
export function pictureNames({ rewritten, planned }: Session): string[] {
  const { outputs } = rewritten;
  const isSmall = outputs.some(({ what }) => what === 'thumbnails');
  const wanted: What[] = isSmall ? ['thumbnails', 'measures'] : [WHOLE];
  const fed = planned.plan.sites.flatMap(({ path }) => path.fed);
  return [
    ...new Set([...outputs.filter(({ what }) => wanted.includes(what)).map(({ name }) => name), ...fed]),
  ];
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

/** The attention among the results of a run that was fetched for `pictureNames`, kind by kind. */
export function attentionsOf({ rewritten, planned }: Session, run: PassFeeds, heads: Heads): Attention[] {
  const { sites } = planned.plan;
  return [...new Set(sites.map(({ kind }) => kind))].map((kind) => {
    const own = sites.filter((site) => site.kind === kind);
    const [queries, keys] = lengthsOf(kind, run.lengths);
    const tensorOf = (what: What, site: Site) => {
      const found = rewritten.outputs.find(
        (one) => one.what === what && one.kind === kind && one.layer === site.layer,
      );
      return found && run.results[found.name];
    };
    let overview: Overview | null = null;
    const measures: HeadMeasures[] = [];
    own.forEach((site, layer) => {
      const whole = tensorOf(WHOLE, site);
      const shown = tensorOf('thumbnails', site) ?? whole;
      const dims = shown?.dims ?? [];
      // Some exports have batch and heads in one axis.
      const [batch, count, ...size] = dims.length === 3 ? [1, ...dims] : dims;
      overview ??= emptyOverview({
        layers: own.length,
        heads: count,
        queries,
        keys,
        cell: cellOf(run.lengths),
      });
      const { queries: down, keys: across } = countCells(overview);
      const expected = shown === whole ? [queries, keys] : [down, across];
      const fits = batch === 1 && count === overview.heads && size.join() === expected.join();
      if (!fits || !shown)
        throw new EngineError(
          `The model's attention has a shape that Headlight cannot show: ${shown?.type}[${shown?.dims}].`,
        );
      if (shown !== whole) {
        overview.bytes.set(shown.data as Uint8Array, headOffset(overview, { layer, head: 0 }));
        const told = tensorOf('measures', site)!.data as Float32Array;
        for (let head = 0; head < count; head++)
          measures.push(
            meanMeasures(told.subarray(3 * queries * head, 3 * queries * (head + 1)), { layer, head }),
          );
        return;
      }
      const weights = whole!.data as Float32Array;
      measures.push(...measureHeads(weights, layer, { queries, keys }));
      for (let head = 0; head < count; head++) {
        const one = weights.subarray(head * queries * keys, (head + 1) * queries * keys);
        toCells({ queries, keys, weights: one }, overview, { layer, head });
      }
    });
    return attentionOf(overview!, measures, fedOf(run, own), own, heads);
  });
}

/** Here, where nothing else of the run is in sight: what computes a head keeps all that it could see. */
function attentionOf(
  overview: Overview,
  measures: readonly HeadMeasures[],
  fed: PassFeeds,
  sites: readonly Site[],
  heads: Heads,
): Attention {
  const { queries, keys } = overview;
  return {
    kind: sites[0].kind,
    overview,
    measures,
    weightsOf: ({ layer, head }) => heads.weights(fed, sites[layer], { head, queries, keys }),
    kept: Object.values(fed.results).reduce((sum, { data }) => sum + (data as Uint8Array).byteLength, 0),
  };
}

/** Without what single heads are not computed from. */
export function fedOf(run: PassFeeds, sites: readonly Site[]): PassFeeds {
  const names = new Set(sites.flatMap(({ path }) => path.fed));
  const results = Object.fromEntries([...names].map((name) => [name, run.results[name]]));
  return { ...run, results };
}
