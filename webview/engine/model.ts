/** A model folder opened: what reads its text, and what runs it. */
import type { Mask } from '../core/attention';
import { mostTokens } from '../core/cost';
import { fixedLength, vocabularySize } from '../onnx/index';
import type { Model } from '../onnx/index';
import { readConfig } from './config';
import type { Config } from './config';
import { EngineError, experimentName, MOST_TOKENS, unchanged, untyped } from './engine';
import type { Experiment, Fed, ModelFiles, ModelInfo, Reading, Target } from './engine';
import { feederFor } from './feeds';
import {
  attentionsOf,
  cellFeed,
  maskFeeds,
  openGraph,
  pictured,
  pictureNames,
  planGraph,
  runSession,
} from './graph';
import type { Pass, PlannedGraph } from './graph';
import { Heads } from './heads';
import { openEncoderDecoder } from './seq2seq';
import { Stretch } from './stretch';
import { Study, studied } from './study';
import { TextReader } from './tokenizer';

/** A short first run, which tells the number of heads; every vocabulary has these ids. */
const FIRST_IDS = [1, 2, 3, 4];

export interface OpenModel {
  readonly info: ModelInfo;
  /** The tokens of a text, or of two: sentence A and sentence B. */
  read(text: string, second?: string | null): Reading;
  /** One pass. `target`: what the decoder of an encoder-decoder is given. */
  run(fed: Fed, mask: Mask, experiment?: Experiment, target?: readonly number[] | null): Promise<Pass>;
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
  next(fed: Fed, written: readonly number[]): Promise<number | null>;
  /** The text of tokens that the model wrote. */
  told(written: readonly number[]): Target;
}

/**
 * @param room bytes that a run may take: it decides how many tokens are read
 * @throws EngineError, OnnxError or onnxruntime's own when the folder does not hold a model that runs
 */
export async function openModel(files: ModelFiles, room = Infinity): Promise<OpenModel> {
  const config = readConfig(files.config);
  const reader = new TextReader(files.tokenizer);
  const planned = await planGraph(files);
  return files.decoder
    ? openEncoderDecoder(files, planned, await planGraph(files.decoder), config, reader)
    : openStack(planned, config, reader, room);
}

/** A model that reads one text. */
async function openStack(
  planned: PlannedGraph,
  config: Config,
  reader: TextReader,
  room: number,
): Promise<OpenModel> {
  const { model, plan, masks } = planned;
  const stretch = new Stretch(model, config.rotary);
  const opened = await openGraph(planned, { ...pictured, given: stretch.given });
  const feed = feederFor(plan.inputs, config);
  // Exports without dynamic axes read one length.
  const fixed = fixedLength(plan.inputs);
  let studying: Promise<Study> | null = null;
  const heads = new Heads(planned);
  const study = () => {
    const own = { scales: true, places: true, trial: heads.trial };
    studying ??= openGraph(planned, { ...studied, given: stretch.given }).then(
      (session) => new Study(session, new Heads(planned, own), feed, stretch, fixed),
    );
    studying.catch(() => (studying = null)); // the next to ask tries again
    return studying;
  };
  const run: OpenModel['run'] = async (fed, mask, experiment = unchanged) => {
    if (experimentName(experiment) !== '') return (await study()).run(fed, mask, experiment);
    const n = fed.ids.length;
    const lengths = { source: n, target: n };
    const { rewritten } = opened;
    const own = feed(rewritten.inputs, fed);
    const feeds = {
      ...own,
      ...maskFeeds(rewritten, mask, lengths),
      ...cellFeed(rewritten, lengths),
      ...stretch.feeds(rewritten, n),
    };
    const started = performance.now();
    const results = await runSession(opened, feeds, pictureNames(opened), lengths);
    const ms = performance.now() - started;
    const pass = { feeds: own, results, lengths, mask, window: null, scores: 1, unplaced: false };
    heads.trial ??= pass;
    return { attentions: attentionsOf(opened, pass, heads), ms };
  };
  const first = Array.from({ length: fixed ?? FIRST_IDS.length }, (_, i) => FIRST_IDS[i % FIRST_IDS.length]);
  const [{ overview, kind }] = (await run(untyped(first), 'causal')).attentions;
  const causal = masks.causal !== 'none';
  const isStretched = stretch.given.length > 0;
  const width = overview.heads * (config.headWidth ?? 0);
  const most = mostTokens({ layers: overview.layers, heads: overview.heads, width }, room);
  const context = Math.min(isStretched ? MOST_TOKENS : config.context, fixed ?? most);
  const info: ModelInfo = {
    kinds: [kind],
    layers: overview.layers,
    heads: overview.heads,
    context,
    unstretched: isStretched ? config.context : null,
    causal,
    fixedMask: masks.reason && `The mask of this model cannot be changed: ${masks.reason}.`,
    trained: config.trained ?? [causal ? 'causal' : 'bidirectional'],
  };
  const release = async () => {
    await Promise.all([heads.release(), opened.session.release(), studying?.then((one) => one.release())]);
  };
  const known = knownTo(model);
  const read: OpenModel['read'] = (text, second) => fitting(reader.read(text, context, second), known, fixed);
  return { info, read, run, study, writer: null, release };
}

/** How many tokens a graph knows, and how many types of them; null where it does not tell. */
export interface Known {
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
