/** A model folder opened: what reads its text, and what runs it. */
import type { Mask } from '../core/attention';
import { mostTokens } from '../core/cost';
import { fixedLength, vocabularySize } from '../onnx/index';
import type { Model } from '../onnx/index';
import { readConfig } from './config';
import type { Config } from './config';
import { EngineError, MOST_TOKENS, unchanged, untyped } from './engine';
import type {
  Experiment,
  Fed,
  GraphPart,
  ImageReading,
  Medium,
  ModelFiles,
  ModelInfo,
  Reading,
  Target,
} from './engine';
import { feederFor, zeroed } from './feeds';
import { planGraphs } from './graph';
import type { Feeds, Pass, PlannedGraph } from './graph';
import { openSeeing } from './image/model';
import type { Giver } from './pass';
import { Piecewise } from './piecewise';
import { openEncoderDecoder } from './seq2seq';
import { Stack } from './stack';
import { Stretch } from './stretch';
import type { Study } from './study';
import { TextReader } from './tokenizer';

/** A short first run, which tells the number of heads; every vocabulary has these ids. */
export const FIRST_IDS = [1, 2, 3, 4];

export interface OpenModel {
  readonly info: ModelInfo;
  /** The tokens of a text, or of two: sentence A and sentence B. */
  read(text: string, second?: string | null): Reading;
  /** An image as the model sees it. */
  see(bytes: Uint8Array): Promise<ImageReading>;
  /** One pass. `target`: what the decoder of an encoder-decoder is given. `aside`: only to be compared or timed, and so at once. */
  run(
    fed: Fed,
    mask: Mask,
    experiment?: Experiment,
    target?: readonly number[] | null,
    aside?: boolean,
  ): Promise<Pass>;
  /** A graph of the model opened for study, when first asked for. */
  study(part?: GraphPart): Promise<Study>;
  /** What the decoder of an encoder-decoder is given; null for other models. */
  readonly writer: Writer | null;
  release(): Promise<void>;
}

/** The writing side of an encoder-decoder. */
export interface Writer {
  /** A text as the decoder reads it: after its start token, less the one that ends it. */
  read(text: string): Target;
  /** The token that the model finds likeliest after these; null where that ends the text, or it can read no more. */
  next(fed: Fed, written: readonly number[]): Promise<number | null>;
  /** The text of tokens that the model wrote. */
  told(written: readonly number[]): Target;
}

/**
 * @param room bytes that a run may take: it decides how many tokens are read
 * @throws EngineError, OnnxError or onnxruntime's own when the folder does not hold a model that runs
 */
export async function openModel(
  files: ModelFiles,
  reads: Medium = 'text',
  room = Infinity,
): Promise<OpenModel> {
  const config = readConfig(files.config);
  const [planned, decoder] = await planGraphs(files, reads, { bytes: room, headWidth: config.headWidth });
  if (reads === 'image') return openSeeing(planned, config, files.preprocessor);
  if (files.tokenizer === NOTHING) throw new EngineError(NO_TOKENIZER);
  const reader = new TextReader(files.tokenizer);
  return decoder
    ? openEncoderDecoder(files, planned, decoder, config, reader, room)
    : openReading(planned, config, reader, room);
}

/** A file of JSON that the folder does not have. */
const NOTHING = '{}';
const NO_TOKENIZER =
  "The model's folder has no tokenizer.json, and without it no text can be read: put the model's own beside it.";

/** One stack of layers, ready to run: a text, or an image. */
export async function openStack(planned: PlannedGraph, config: Config) {
  const { model, plan } = planned;
  const stretch = new Stretch(model, config.rotary);
  const feed = feederFor(plan.inputs, config);
  const give: Giver = ({ rewritten }, { fed, mask, experiment }) => {
    const n = fed.ids.length;
    const own: Feeds = { ...feed(rewritten.inputs, fed), ...stretch.feeds(rewritten, n) };
    if (experiment.positions === 'none' && own.position_ids) own.position_ids = zeroed(own.position_ids);
    return { own, lengths: { source: n, target: n }, mask, experiment };
  };
  const stack = await Stack.open(planned, give, { given: stretch.given }, fixedLength(plan.inputs));
  const run: OpenModel['run'] = (fed, mask, experiment) => stack.run(fed, mask, experiment);
  const study: OpenModel['study'] = () => stack.study();
  return { feed, give, stretch, heads: stack.heads, run, study, release: () => stack.release() };
}

/** A model that reads one text. */
async function openReading(
  planned: PlannedGraph,
  config: Config,
  reader: TextReader,
  room: number,
): Promise<OpenModel> {
  const { model, plan } = planned;
  const stack = await openStack(planned, config);
  const { study, stretch } = stack;
  // Exports without dynamic axes read one length.
  const fixed = fixedLength(plan.inputs);
  const first = Array.from({ length: fixed ?? FIRST_IDS.length }, (_, i) => FIRST_IDS[i % FIRST_IDS.length]);
  const [{ overview, kind }] = (await stack.run(untyped(first), 'causal')).attentions;
  const { layers, heads } = overview;
  const isStretched = stretch.given.length > 0;
  const width = heads * (config.headWidth ?? 0);
  const most = mostTokens({ layers, heads, width }, room);
  const context = Math.min(isStretched ? MOST_TOKENS : config.context, fixed ?? most);
  const info: ModelInfo = {
    ...{ kinds: [kind], layers, heads, width, context },
    unstretched: isStretched ? config.context : null,
    ...maskInfo(planned, config),
  };
  const piecewise =
    fixed === null && Piecewise.canBe(planned, room)
      ? new Piecewise(planned, stack.give, { given: stretch.given }, stack.heads, info.unstretched ?? context)
      : null;
  const run: OpenModel['run'] = async (fed, mask, experiment = unchanged, target = null, aside = false) => {
    const whole = () => stack.run(fed, mask, experiment);
    return piecewise && !aside ? piecewise.run({ fed, mask, experiment, target }, whole) : whole();
  };
  const release = async () => {
    await Promise.all([piecewise?.release(), stack.release()]);
  };
  const known = knownTo(model);
  const read: OpenModel['read'] = (text, second) => fitting(reader.read(text, context, second), known, fixed);
  const see = () => Promise.reject(new EngineError('This model was opened for text.'));
  return { info, read, see, run, study, writer: null, release };
}

/** What can be said of a model's mask. @param whose for a sentence: `this model` */
export function maskInfo(
  { masks }: PlannedGraph,
  { trained }: Config,
  whose = 'this model',
): Pick<ModelInfo, 'causal' | 'fixedMask' | 'trained'> {
  const causal = masks.causal !== 'none';
  return {
    causal,
    fixedMask: masks.reason && `The mask of ${whose} cannot be changed: ${masks.reason}.`,
    trained: trained ?? [causal ? 'causal' : 'bidirectional'],
  };
}

/** How many tokens a graph knows, and how many types of them; null where it does not tell. */
interface Known {
  readonly tokens: number | null;
  readonly types: number | null;
}

export const knownTo = (model: Model): Known => ({
  tokens: vocabularySize(model, 'input_ids'),
  types: vocabularySize(model, 'token_type_ids'),
});

/**
 * @throws EngineError for a token or a type that the model has no row for, and for another number of tokens than a
 * fixed one
 */
export function fitting<R extends Pick<Reading, 'tokens'>>(
  reading: R,
  known: Known,
  fixed: number | null,
): R {
  const { length } = reading.tokens;
  if (fixed !== null && length !== fixed)
    throw new EngineError(`This model reads exactly ${fixed} tokens at once, and the text has ${length}.`);
  const misfit = (what: string, found: number | undefined, most: number | null) => {
    if (found !== undefined)
      throw new EngineError(
        `The tokenizer does not fit the model: it has a ${what} ${found}, and the model knows ${most}.`,
      );
  };
  const { tokens, types } = known;
  misfit('token', reading.tokens.find(({ id }) => tokens !== null && id >= tokens)?.id, tokens);
  misfit('token type', reading.tokens.find(({ type }) => types !== null && type >= types)?.type, types);
  return reading;
}
