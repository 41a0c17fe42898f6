/** What a model and a run take, told before either is there, so that a machine is not brought to its knees by asking. */

/** Of a model, as far as they are known. */
export interface Dimensions {
  readonly layers: number;
  readonly heads: number;
  /** Of the hidden states. */
  readonly width: number;
}

/** The runtime itself: its code, and the tensors of small models. */
const RUNTIME = 60e6;
/** Weights are there twice: as they were read, and in the runtime's own memory. */
const COPIES = 2;
/** Hidden states that are alive at once in one layer: input, queries, keys, values, and 4 widths inside its MLP, twice. */
const ALIVE = 16;

/** Bytes that a model takes once it is open. @param weights bytes of its files */
export const openBytes = (weights: number): number => RUNTIME + COPIES * weights;

/**
 * Bytes that one run over n tokens takes on top: the f32 probabilities of all heads in the runtime and again as they are
 * kept, one byte each for the grid, scores and probabilities of the layer at work, and its hidden states.
 */
export function runBytes({ layers, heads, width }: Dimensions, n: number): number {
  const pairs = heads * n * n;
  return layers * pairs * (4 + 4 + 1) + 2 * 4 * pairs + ALIVE * 4 * width * n;
}

const NAMES: Record<keyof Dimensions, readonly string[]> = {
  layers: ['num_hidden_layers', 'n_layer', 'num_layers', 'n_layers', 'encoder_layers'],
  heads: ['num_attention_heads', 'n_head', 'num_heads', 'n_heads', 'encoder_attention_heads'],
  width: ['hidden_size', 'n_embd', 'd_model', 'dim'],
};

/** What a config.json says of itself; null where it does not say, or says what no model is. */
export function statedDimensions(config: unknown): Dimensions | null {
  const stated = (name: keyof Dimensions, most: number): number | null => {
    for (const key of NAMES[name]) {
      const value = (config as Record<string, unknown> | null)?.[key];
      if (Number.isInteger(value) && (value as number) > 0 && (value as number) <= most)
        return value as number;
    }
    return null;
  };
  const [layers, heads, width] = [stated('layers', 1000), stated('heads', 1000), stated('width', 100_000)];
  return layers && heads && width ? { layers, heads, width } : null;
}
