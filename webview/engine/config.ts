/** What Headlight needs of a model's config.json, whatever the architecture calls it. */
import type { Mask } from '../core/attention';
import { EngineError } from './engine';

export interface Config {
  /** Most positions the model knows. */
  readonly context: number;
  /** `attention_masks_trained`, where the model carries it. */
  readonly trained: readonly Mask[] | null;
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
  const stated = CONTEXT_NAMES.map((name) => config[name]).find(
    (value): value is number => Number.isInteger(value) && (value as number) > 1,
  );
  const masks = config.attention_masks_trained;
  const trained = Array.isArray(masks)
    ? masks.filter((mask): mask is Mask => mask === 'causal' || mask === 'bidirectional')
    : null;
  return { context: Math.min(stated ?? UNSTATED_CONTEXT, MOST_CONTEXT), trained };
}
