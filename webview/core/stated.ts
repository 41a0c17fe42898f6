/** What a model's config.json says of itself: each architecture has names of its own for the same number. */

export type Config = Readonly<Record<string, unknown>>;

/** Of a model, as far as they are known. */
export interface Dimensions {
  readonly layers: number;
  readonly heads: number;
  /** Of the hidden states. */
  readonly width: number;
}

export const NAMES: Record<keyof Dimensions, readonly string[]> = {
  layers: ['num_hidden_layers', 'n_layer', 'num_layers', 'n_layers', 'encoder_layers'],
  heads: ['num_attention_heads', 'n_head', 'num_heads', 'n_heads', 'encoder_attention_heads'],
  width: ['hidden_size', 'n_embd', 'd_model', 'dim'],
};

/** The first of these names that has a whole number from `least` to `most`. */
export function stated(
  config: Config,
  names: readonly string[],
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number | null {
  for (const name of names) {
    const value = config[name];
    if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most)
      return value as number;
  }
  return null;
}

/** The dimensions of a model; null where it does not say all of them, or says what no model has. */
export function statedDimensions(config: unknown): Dimensions | null {
  const given = (config ?? {}) as Config;
  const layers = stated(given, NAMES.layers, 1, 1000);
  const heads = stated(given, NAMES.heads, 1, 1000);
  const width = stated(given, NAMES.width, 1, 100_000);
  return layers && heads && width ? { layers, heads, width } : null;
}
