/** What Headlight needs of a model's config.json, whatever the architecture calls it. */
import type { Mask } from '../core/attention';
import { NAMES, stated } from '../core/stated';
import { EngineError, MOST_TOKENS } from './engine';

/** Rotary positions that stretch with the text: `rope_type: "dynamic"`. */
export interface Rotary {
  readonly theta: number;
  /** Numbers of a query or key that are turned, two by two. */
  readonly width: number;
  readonly factor: number;
  /** Tokens of the longest text that needs no stretching. */
  readonly trained: number;
}

export interface Config {
  /** Most positions the model knows. */
  readonly context: number;
  /** How it reads more than that; null where it cannot. */
  readonly rotary: Rotary | null;
  /** `attention_masks_trained`, where the model carries it. */
  readonly trained: readonly Mask[] | null;
  /** Heads of keys and values; null where it does not say. */
  readonly heads: number | null;
  /** Numbers that a head has for each token; null where it does not say. */
  readonly headWidth: number | null;
  /** Pixels along a side of a patch; null where it does not say. */
  readonly patch: number | null;
  /** Tokens of a model of images that are neither patches nor [CLS]: before the patches, and after them. */
  readonly registers: number;
  readonly detections: number;
  /** Tokens that a decoder starts and ends with; null where it does not say. */
  readonly start: number | null;
  readonly end: number | null;
}

const CONTEXT_NAMES = [
  'max_position_embeddings',
  'n_positions',
  'n_ctx',
  'max_seq_len',
  'max_sequence_length',
];

/** For models that say nothing (relative positions have no end). */
const UNSTATED_CONTEXT = 512;

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
  const most = stated(config, CONTEXT_NAMES, 2);
  const masks = config.attention_masks_trained;
  const trained = Array.isArray(masks)
    ? masks.filter((mask): mask is Mask => mask === 'causal' || mask === 'bidirectional')
    : null;
  const heads = stated(config, ['num_key_value_heads', ...NAMES.heads], 1);
  const width = stated(config, NAMES.width, 1);
  const queries = stated(config, NAMES.heads, 1);
  const headWidth = stated(config, ['head_dim'], 1) ?? (width && queries && Math.floor(width / queries));
  const start = stated(config, ['decoder_start_token_id', 'bos_token_id', 'pad_token_id'], 0);
  const end = stated(config, ['eos_token_id'], 0);
  const context = Math.min(most ?? UNSTATED_CONTEXT, MOST_TOKENS);
  // A model of text and images says it of its vision part.
  const seeing = {
    ...(typeof config.vision_config === 'object' ? config.vision_config : config),
  } as typeof config;
  const patch = stated(seeing, ['patch_size'], 1);
  const registers = stated(seeing, ['num_register_tokens'], 0) ?? 0;
  const detections = stated(seeing, ['num_detection_tokens'], 0) ?? 0;
  const rotary = rotaryOf(config, headWidth, most);
  return { context, rotary, trained, heads, headWidth, patch, registers, detections, start, end };
}

/** Under `rope_parameters`, or `rope_scaling` as it was. */
function rotaryOf(
  config: Record<string, unknown>,
  headWidth: number | null,
  trained: number | null,
): Rotary | null {
  const given = (config.rope_parameters ?? config.rope_scaling) as Record<string, unknown> | null | undefined;
  if (typeof given !== 'object' || given === null || (given.rope_type ?? given.type) !== 'dynamic')
    return null;
  const number = (value: unknown, otherwise: number) =>
    typeof value === 'number' && value > 0 && value < 1e12 ? value : otherwise;
  const theta = number(given.rope_theta ?? config.rope_theta, 10_000);
  const part = Math.min(1, number(given.partial_rotary_factor ?? config.partial_rotary_factor, 1));
  const width = 2 * Math.floor(((headWidth ?? 0) * part) / 2);
  if (trained === null || width < 4 || width > 4096) return null;
  return { theta, width, factor: Math.max(1, number(given.factor, 1)), trained };
}
