/** A model folder opened: its graph read, planned, probed and rewritten, and the session that runs it. */
import * as ort from 'onnxruntime-web/wasm';
import type { Mask, Overview } from '../core/attention';
import { maskCells, openedCells, toBytes } from '../core/attention';
import type { TextSpan } from '../core/spans';
import {
  findMasks,
  fixedLength,
  planModel,
  probeFeeds,
  probeGraph,
  readModel,
  rewrite,
  vocabularySize,
} from '../onnx/index';
import type { Masks, Model, Plan, Rewrite, RewrittenModel, Tensor } from '../onnx/index';
import { readConfig } from './config';
import { EngineError, experimentName, unchanged } from './engine';
import type { Experiment, ModelFiles, ModelInfo, Reading } from './engine';
import { cells, feederFor } from './feeds';
import type { Feeder } from './feeds';
import { Study, studied } from './study';
import { TextReader } from './tokenizer';

/** Set by the build: true in the workers whose onnxruntime has WebGPU; it falls back to WASM operator by operator. */
declare const HEADLIGHT_WEBGPU: boolean;

/** A short first run, which tells the number of heads; every vocabulary has these ids. */
const FIRST_IDS = [1, 2, 3, 4];

export interface OpenModel {
  readonly info: ModelInfo;
  /** The tokens of a text, or of two parts of it. */
  read(text: string, pair?: readonly [TextSpan, TextSpan] | null): Reading;
  /** One pass. `weights`: a [heads, queries, keys] array for each layer. */
  run(ids: readonly number[], mask: Mask, experiment?: Experiment): Promise<Pass>;
  /** The model opened for study, when first asked for. */
  study(): Promise<Study>;
  release(): Promise<void>;
}

type Weights = ModelFiles['weights'];

interface Pass {
  readonly weights: Float32Array[];
  readonly overview: Overview;
  readonly ms: number;
}

/** @throws EngineError, OnnxError or onnxruntime's own when the folder does not hold a model that runs */
export async function openModel(files: ModelFiles): Promise<OpenModel> {
  const config = readConfig(files.config);
  const reader = new TextReader(files.tokenizer);
  const graph = readModel(files.graph);
  const plan = planModel(graph);
  if (plan.sites.length === 0)
    throw new EngineError(['The model has no attention that Headlight can find.', ...plan.notes].join(' '));
  const masks = await probeMasks(graph, plan, files.weights);
  const rewritten = rewrite(graph, plan, masks);
  const session = await createSession(rewritten, files.weights);

  const feed = feederFor(plan.inputs, config);
  // Exports without dynamic axes read one length.
  const fixed = fixedLength(plan.inputs);
  const context = Math.min(config.context, fixed ?? Infinity);
  let studying: Promise<Study> | null = null;
  const study = () => {
    studying ??= openStudy(graph, plan, masks, files.weights, feed);
    studying.catch(() => (studying = null)); // the next to ask tries again
    return studying;
  };
  const run = async (ids: readonly number[], mask: Mask, experiment = unchanged) => {
    if (experimentName(experiment) === '') return onePass(session, feed, rewritten, ids, mask);
    const { weights, heads, ms } = await (await study()).run(ids, mask, experiment);
    return { weights, overview: overviewOf(weights, heads, ids.length), ms };
  };
  const first = Array.from({ length: fixed ?? FIRST_IDS.length }, (_, i) => FIRST_IDS[i % FIRST_IDS.length]);
  const { overview } = await run(first, 'causal');
  const causal = masks.causal !== 'none';
  const info: ModelInfo = {
    layers: overview.layers,
    heads: overview.heads,
    context,
    causal,
    fixedMask: masks.reason && `The mask of this model cannot be changed: ${masks.reason}.`,
    trained: config.trained ?? [causal ? 'causal' : 'bidirectional'],
  };
  const release = async () => {
    await Promise.all([session.release(), studying?.then((opened) => opened.release())]);
  };
  const known = vocabularySize(graph, 'input_ids');
  const read: OpenModel['read'] = (text, pair) => fitting(reader.read(text, context, pair), known, fixed);
  return { info, read, run, study, release };
}

/** @throws EngineError for a token that the model has no row for, and for another number of tokens than a fixed one */
function fitting(reading: Reading, known: number | null, fixed: number | null): Reading {
  const { length } = reading.tokens;
  if (fixed !== null && length !== fixed)
    throw new EngineError(`This model reads exactly ${fixed} tokens at once, and the text has ${length}.`);
  const stranger = reading.tokens.find(({ id }) => known !== null && id >= known);
  if (stranger)
    throw new EngineError(
      `The tokenizer does not fit the model: it has a token ${stranger.id}, and the model knows ${known}.`,
    );
  return reading;
}

async function openStudy(
  graph: Model,
  plan: Plan,
  masks: Masks,
  weights: Weights,
  feed: Feeder,
): Promise<Study> {
  const rewritten = rewrite(graph, plan, masks, studied);
  return new Study(await createSession(rewritten, weights), rewritten, feed);
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
    const feeds: Record<string, ort.Tensor> = {};
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

async function onePass(
  session: ort.InferenceSession,
  feed: Feeder,
  { outputs, inputs, maskInputs }: Rewrite,
  ids: readonly number[],
  mask: Mask,
): Promise<Pass> {
  const n = ids.length;
  const feeds = feed(inputs, ids);
  for (const { allow, open } of maskInputs) {
    if (allow !== null) feeds[allow] = cells(maskCells(mask, n), n);
    if (open !== null) feeds[open] = cells(openedCells(mask, n), n);
  }

  const started = performance.now();
  const names = outputs.map(({ name }) => name);
  const results = await session.run(feeds, names).catch((error: Error) => {
    if (!/out of (data )?bounds/.test(error.message)) throw error;
    throw new EngineError(
      `The model cannot read ${n} tokens at once, though its config.json says that it can.`,
    );
  });
  const ms = performance.now() - started;

  const weights: Float32Array[] = [];
  let heads = 0;
  for (const { name } of outputs) {
    const tensor = results[name];
    const [batch, found, queries, keys] = tensor.dims;
    if (tensor.type !== 'float32' || batch !== 1 || queries !== n || keys !== n || (heads && heads !== found))
      throw new EngineError(
        `The model's attention has a shape that Headlight cannot show: ${tensor.type}[${tensor.dims}].`,
      );
    heads = found;
    weights.push((await tensor.getData()) as Float32Array);
    tensor.dispose();
  }
  return { weights, overview: overviewOf(weights, heads, n), ms };
}

/** All probabilities as bytes, of a text that attends to itself. */
function overviewOf(weights: readonly Float32Array[], heads: number, n: number): Overview {
  const bytes = new Uint8Array(weights.length * heads * n * n);
  weights.forEach((layer, i) => toBytes(layer, bytes, i * layer.length));
  return { layers: weights.length, heads, queries: n, keys: n, bytes };
}
