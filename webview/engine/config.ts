/** What Headlight needs of a model's config.json, whatever the architecture calls it. */
import type { Mask } from '../core/attention';
import { EngineError } from './engine';

export interface Config {
  /** Most positions the model knows. */
  readonly context: number;
  /** `attention_masks_trained`, where the model carries it. */
  readonly trained: readonly Mask[] | null;
  /** Heads of keys and values; null where it does not say. */
  readonly heads: number | null;
  /** Numbers that a head has for each token; null where it does not say. */
  readonly headWidth: number | null;
  /** Tokens that a decoder starts and ends with; null where it does not say. */
  readonly start: number | null;
  readonly end: number | null;
}

const HEADS_NAMES = ['num_key_value_heads', 'num_attention_heads', 'n_head', 'num_heads', 'n_heads'];
const WIDTH_NAMES = ['hidden_size', 'n_embd', 'd_model', 'dim'];

const CONTEXT_NAMES = [
  'max_position_embeddings',
  'n_positions',
  'n_ctx',
  'max_seq_len',
  'max_sequence_length',
];

/** For models that say nothing (relative positions have no end). */
const UNSTATED_CONTEXT = 512;

/** Longer texts are cut here, however long the model's context: n² grows faster than patience. */
const MOST_CONTEXT = 1024;

/** @throws EngineError when the text is not a JSON object */
export function readConfig(text: string): Config {
  let config: Record<string, unknown>;
  try {
    config = JSON.parse(text);
  } catch (error) {
    throw new EngineError(`The model's config.json cannot be read: ${(error as Error).message}`);
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new EngineError("The model's config.json is not an object.");
  const stated = first(config, CONTEXT_NAMES, 2);
  const masks = config.attention_masks_trained;
  const trained = Array.isArray(masks)
    ? masks.filter((mask): mask is Mask => mask === 'causal' || mask === 'bidirectional')
    : null;
  const heads = first(config, HEADS_NAMES, 1);
  const width = first(config, WIDTH_NAMES, 1);
  const queries = first(config, HEADS_NAMES.slice(1), 1);
  const headWidth = first(config, ['head_dim'], 1) ?? (width && queries && Math.floor(width / queries));
  const start = first(config, ['decoder_start_token_id', 'bos_token_id', 'pad_token_id'], 0);
  const end = first(config, ['eos_token_id'], 0);
  const context = Math.min(stated ?? UNSTATED_CONTEXT, MOST_CONTEXT);
  return { context, trained, heads, headWidth, start, end };
}

/** The first of these names that has a whole number, `least` or more. */
function first(config: Record<string, unknown>, names: readonly string[], least: number): number | null {
  const values = names.map((name) => config[name]);
  return (
    values.find((value): value is number => Number.isInteger(value) && (value as number) >= least) ?? null
  );
}
