/** A model folder opened: what reads its text, and what runs it. */
import type { Mask } from '../core/attention';
import type { TextSpan } from '../core/spans';
import { fixedLength, vocabularySize } from '../onnx/index';
import { readConfig } from './config';
import type { Config } from './config';
import { EngineError, experimentName, unchanged } from './engine';
import type { Experiment, ModelFiles, ModelInfo, Reading, Target } from './engine';
import { feederFor } from './feeds';
import { attentionsOf, maskFeeds, openGraph, overviewOf, planGraph, runSession } from './graph';
import type { Pass, PlannedGraph } from './graph';
import { openEncoderDecoder } from './seq2seq';
import { Study, studied } from './study';
import { TextReader } from './tokenizer';

/** A short first run, which tells the number of heads; every vocabulary has these ids. */
const FIRST_IDS = [1, 2, 3, 4];

export interface OpenModel {
  readonly info: ModelInfo;
  /** The tokens of a text, or of two parts of it. */
  read(text: string, pair?: readonly [TextSpan, TextSpan] | null): Reading;
  /** One pass. `target`: what the decoder of an encoder-decoder is given. */
  run(
    ids: readonly number[],
    mask: Mask,
    experiment?: Experiment,
    target?: readonly number[] | null,
  ): Promise<Pass>;
  /** The model opened for study, when first asked for. */
  study(): Promise<Study>;
  /** What the decoder of an encoder-decoder is given; null for other models. */
  readonly writer: Writer | null;
  release(): Promise<void>;
}

/** The writing side of an encoder-decoder. */
export interface Writer {
  /** A text as the decoder reads it: after its start token, less the one that ends it. */
  read(text: string): Target;
  /** The token that the model finds likeliest after these; null where that ends the text, or it can read no more. */
  next(ids: readonly number[], written: readonly number[]): Promise<number | null>;
  /** The text of tokens that the model wrote. */
  told(written: readonly number[]): Target;
}

/** @throws EngineError, OnnxError or onnxruntime's own when the folder does not hold a model that runs */
export async function openModel(files: ModelFiles): Promise<OpenModel> {
  const config = readConfig(files.config);
  const reader = new TextReader(files.tokenizer);
  const planned = await planGraph(files);
  return files.decoder
    ? openEncoderDecoder(files, planned, await planGraph(files.decoder), config, reader)
    : openStack(planned, config, reader);
}

/** A model that reads one text. */
async function openStack(planned: PlannedGraph, config: Config, reader: TextReader): Promise<OpenModel> {
  const { model, plan, masks } = planned;
  const opened = await openGraph(planned);
  const feed = feederFor(plan.inputs, config);
  // Exports without dynamic axes read one length.
  const fixed = fixedLength(plan.inputs);
  const context = Math.min(config.context, fixed ?? Infinity);
  let studying: Promise<Study> | null = null;
  const study = () => {
    studying ??= openGraph(planned, studied).then(
      ({ session, rewritten }) => new Study(session, rewritten, feed, fixed),
    );
    studying.catch(() => (studying = null)); // the next to ask tries again
    return studying;
  };
  const run: OpenModel['run'] = async (ids, mask, experiment = unchanged) => {
    const lengths = { source: ids.length, target: ids.length };
    if (experimentName(experiment) !== '') {
      const { weights, heads, ms } = await (await study()).run(ids, mask, experiment);
      const shape = { layers: weights.length, heads, queries: ids.length, keys: ids.length };
      return { attentions: [{ kind: 'self', weights, overview: overviewOf(weights, shape) }], ms };
    }
    const feeds = { ...feed(opened.rewritten.inputs, ids), ...maskFeeds(opened.rewritten, mask, lengths) };
    const started = performance.now();
    const names = opened.rewritten.outputs.map(({ name }) => name);
    const results = await runSession(opened, feeds, names, lengths);
    const ms = performance.now() - started;
    return { attentions: await attentionsOf(opened, results, lengths), ms };
  };
  const first = Array.from({ length: fixed ?? FIRST_IDS.length }, (_, i) => FIRST_IDS[i % FIRST_IDS.length]);
  const [{ overview, kind }] = (await run(first, 'causal')).attentions;
  const causal = masks.causal !== 'none';
  const info: ModelInfo = {
    kinds: [kind],
    layers: overview.layers,
    heads: overview.heads,
    context,
    causal,
    fixedMask: masks.reason && `The mask of this model cannot be changed: ${masks.reason}.`,
    trained: config.trained ?? [causal ? 'causal' : 'bidirectional'],
  };
  const release = async () => {
    await Promise.all([opened.session.release(), studying?.then((one) => one.release())]);
  };
  const known = vocabularySize(model, 'input_ids');
  const read: OpenModel['read'] = (text, pair) => fitting(reader.read(text, context, pair), known, fixed);
  return { info, read, run, study, writer: null, release };
}

/** @throws EngineError for a token that the model has no row for, and for another number of tokens than a fixed one */
export function fitting<R extends Reading>(reading: R, known: number | null, fixed: number | null): R {
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
