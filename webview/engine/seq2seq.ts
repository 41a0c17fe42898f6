/**
 * An encoder-decoder, its halves as graphs of their own, whichever files they came in: the encoder reads the source, the
 * decoder the target so far and, across, what the encoder made of the source (Vaswani et al. 2017, section 3.2.3).
 */
import type * as ort from 'onnxruntime-web/wasm';
import { Tokenizer } from '@huggingface/tokenizers';
import { mostTokens } from '../core/cost';
import { fixedLength, vocabularySize } from '../onnx/index';
import type { Input } from '../onnx/index';
import type { Config } from './config';
import { EngineError, unchanged, untyped } from './engine';
import type { Experiment, Fed, ModelFiles, ModelInfo, Token } from './engine';
import { feederFor } from './feeds';
import { runSession } from './graph';
import type { Feeds, PlannedGraph } from './graph';
import type { OpenModel } from './model';
import { FIRST_IDS, fitting, knownTo, maskInfo } from './model';
import { feedsOf } from './pass';
import { Stack } from './stack';
import type { TextReader } from './tokenizer';

const NO_WINDOW = 'An encoder-decoder reads two texts, so no one window can be laid over what it looks at.';

const FIXED = 'This encoder-decoder was exported for texts of one length only: export it with dynamic axes.';

/** @param room bytes that a run may take: it decides how many tokens are read on either side */
export async function openEncoderDecoder(
  files: ModelFiles,
  source: PlannedGraph,
  target: PlannedGraph,
  config: Config,
  reader: TextReader,
  room: number,
): Promise<OpenModel> {
  const hidden = source.model.graph.outputs[0].name;
  const { states, across, own } = inputsOf(target, hidden);
  if (fixedLength(source.plan.inputs) !== null || fixedLength(own) !== null) throw new EngineError(FIXED);
  const feedEncoder = feederFor(source.plan.inputs, config);
  const feedDecoder = feederFor(own, config);
  const feedAcross = feederFor(across, config);

  const encoder = await Stack.open(
    source,
    ({ rewritten }, { fed, experiment }) => {
      const n = fed.ids.length;
      const own = feedEncoder(rewritten.inputs, fed);
      return { own, lengths: { source: n, target: n }, mask: 'bidirectional', experiment };
    },
    { keep: [hidden] },
  );
  /** What the encoder made of the text that it read last: each token that is written looks at the same. */
  let last: { readonly of: string; readonly states: ort.Tensor } | null = null;
  const encode = async (fed: Fed, experiment: Experiment) => {
    const encoded = await encoder.run(fed, 'bidirectional', experiment, null, [hidden]);
    last = { of: JSON.stringify([fed, experiment]), states: encoded.results[hidden] };
    return encoded;
  };
  const statesOf = async (fed: Fed, experiment: Experiment): Promise<ort.Tensor> =>
    last?.of === JSON.stringify([fed, experiment])
      ? last.states
      : (await encode(fed, experiment)).results[hidden];

  const decoder = await Stack.open(
    target,
    async ({ rewritten: { inputs } }, { fed, mask, experiment, target: written }) => {
      if (!written) throw new EngineError('The decoder was given nothing to read.');
      const given: Feeds = { ...feedAcross(inputs, fed), ...feedDecoder(inputs, untyped(written)) };
      const encoded = await statesOf(fed, experiment);
      for (const { name } of states) if (inputs.includes(name)) given[name] = encoded;
      const lengths = { source: fed.ids.length, target: written.length };
      return { own: given, lengths, mask, experiment };
    },
    { logits: true },
  );

  const run: OpenModel['run'] = async (fed, mask, experiment = unchanged, written = null) => {
    if (experiment.window !== null) throw new EngineError(NO_WINDOW);
    const encoded = await encode(fed, experiment);
    const decoded = await decoder.run(fed, mask, experiment, written);
    const [encoding] = encoded.attentions;
    return {
      attentions: [{ ...encoding, kind: 'encoder' }, ...decoded.attentions],
      ms: encoded.ms + decoded.ms,
      known: 0,
    };
  };

  // Of two lengths, as texts have.
  const { attentions } = await run(untyped(FIRST_IDS), 'causal', undefined, FIRST_IDS.slice(0, -1));
  const layers = Math.max(...attentions.map(({ overview }) => overview.layers));
  const heads = Math.max(...attentions.map(({ overview }) => overview.heads));
  const width = (config.headWidth ?? 0) * attentions[0].overview.heads;
  // Queries and keys are kept of every attention.
  const most = mostTokens({ layers: layers * attentions.length, heads, width }, room);
  const context = Math.min(config.context, most);
  const info: ModelInfo = {
    ...{ kinds: attentions.map(({ kind }) => kind), layers, heads, width, context },
    unstretched: null,
    ...maskInfo(target, config, "this model's decoder"),
  };

  const { start, end } = config;
  const ofSource = knownTo(source.model);
  const written =
    vocabularySize(target.model, own.find(({ name }) => IDS.test(name))?.name ?? '') ?? ofSource.tokens;
  const known = { tokens: written, types: ofSource.types };
  const words = new Tokenizer(JSON.parse(files.tokenizer), JSON.parse(files.tokenizerConfig));
  const opening = (): Token[] =>
    start === null
      ? []
      : [{ ...NOTHING, id: start, text: words.id_to_token(start) ?? `<${start}>`, type: 0, segment: null }];
  return {
    info,
    read: (text, second) => fitting(reader.read(text, context, second), known, null),
    see: () => Promise.reject(new EngineError('This model reads text.')),
    run,
    study: (part = 'model') => (part === 'decoder' ? decoder : encoder).study(),
    writer: {
      read(text) {
        const { tokens, covered } = reader.read(text, context);
        // The decoder reads what it has written: all but the last, one place on.
        const kept = tokens.at(-1)?.special ? tokens.slice(0, -1) : tokens;
        return fitting({ text, tokens: [...opening(), ...kept].slice(0, context), covered }, known, null);
      },
      async next(fed, written) {
        if (written.length >= context) return null;
        const { opened } = decoder;
        const asked = { fed, mask: 'causal', experiment: unchanged, target: written } as const;
        const given = await decoder.give(opened, asked);
        const name = opened.rewritten.logits!;
        const { [name]: logits } = await runSession(opened, feedsOf(opened, given), [name], given.lengths);
        const [, , size] = logits.dims;
        const row = ((await logits.getData()) as Float32Array).subarray(-size);
        const best = row.reduce((most, value, i) => (value > row[most] ? i : most), 0);
        return best === end ? null : best;
      },
      told(written) {
        const text = (ids: readonly number[]) =>
          ids.length === 0 ? '' : words.decode([...ids], { skip_special_tokens: true });
        const own = written.slice(start === null ? 0 : 1);
        const whole = text(own);
        let from = 0;
        const tokens = own.map((id, i): Token => {
          // What a token adds: a character of several comes with the last of them.
          const to = Math.max(
            from,
            Math.min(whole.length, text(own.slice(0, i + 1)).replace(/\uFFFD+$/, '').length),
          );
          const span = { start: from, end: i === own.length - 1 ? whole.length : to };
          from = span.end;
          const special = span.start === span.end;
          const shown = special ? (words.id_to_token(id) ?? `<${id}>`) : whole.slice(span.start, span.end);
          return { id, span, text: shown, special, type: 0, segment: 0 };
        });
        return { text: whole, tokens: [...opening(), ...tokens], covered: whole.length };
      },
    },
    async release() {
      await Promise.all([encoder.release(), decoder.release()]);
    },
  };
}

const NOTHING = { span: { start: 0, end: 0 }, special: true } as const;

/** What a decoder reads, alone in its file and in one file with its encoder. */
const IDS = /^(decoder_)?input_ids$/;

/** What a decoder is fed: what the encoder made of the source, what else it is told of the source, and its own. */
function inputsOf(
  { plan: { inputs } }: PlannedGraph,
  hidden: string,
): Record<'states' | 'across' | 'own', Input[]> {
  const isStates = ({ name }: Input) => name === hidden || /^encoder_(hidden_states|outputs?)/.test(name);
  // In one file with the encoder it is the decoder's inputs that are told apart by their names.
  const isWhole = inputs.some(({ name }) => name === 'decoder_input_ids');
  const isOwn = ({ name }: Input) => (isWhole ? name.startsWith('decoder_') : !name.startsWith('encoder_'));
  const rest = inputs.filter((input) => !isStates(input));
  return {
    states: inputs.filter(isStates),
    across: rest.filter((input) => !isOwn(input)),
    own: rest.filter(isOwn),
  };
}
