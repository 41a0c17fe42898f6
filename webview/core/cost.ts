/** What a model and a run take, told before either is there, so that a machine is not brought to its knees by asking. */

import type { Dimensions } from './stated';

/** The runtime itself: its code, and the tensors of small models. */
const RUNTIME = 60e6;
/** Weights are there twice: as they were read, and in the runtime's own memory. */
const COPIES = 2;
/** Hidden states that are alive at once in one layer: input, queries, keys, values, and 4 widths inside its MLP, twice. */
const ALIVE = 16;

/** Bytes that a model takes once it is open. @param weights bytes of its files */
export const openBytes = (weights: number): number => RUNTIME + COPIES * weights;

/** Tensors of [heads, query, key] that are alive at once: scores, probabilities, and what is measured on them. */
const MAPS = 3;
/** Bytes a pair beside them: masks, distances, and the matrices that the page draws. */
const PAIR = 48;
/** Queries and keys of a layer, in the runtime's memory and as they are kept, f32. */
const KEPT = 2 * 2 * 4;

/**
 * Bytes that one run over n tokens takes on top: the maps of the layer at work, the queries and keys of all layers, from
 * which single heads are computed, and the hidden states.
 */
export function runBytes({ layers, heads, width }: Dimensions, n: number): number {
  return n ** 2 * (MAPS * 4 * heads + PAIR) + n * width * (KEPT * layers + ALIVE * 4);
}

/** A head has mostly about so many numbers for each token; each pair of tokens takes two for queries and keys, two for values. */
const PAIR_OPERATIONS = 4 * 64;

/** Operations of one run over n tokens, about: each weight multiplies and adds once a token. @param weights their bytes */
export function operationsOf({ layers, heads }: Dimensions, weights: number, n: number): number {
  return weights * n + layers * heads * PAIR_OPERATIONS * n ** 2;
}

/** How many tokens a run may have so that it takes no more than so many bytes. */
export function mostTokens(dimensions: Dimensions, bytes: number): number {
  const square = runBytes({ ...dimensions, width: 0 }, 1);
  const linear = runBytes(dimensions, 1) - square;
  return bytes === Infinity
    ? Infinity
    : Math.floor((Math.sqrt(linear ** 2 + 4 * square * bytes) - linear) / (2 * square));
}
