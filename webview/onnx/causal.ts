// Causal masks are known by their values, not by how they were made: a square of tokens by tokens whose part above
// the diagonal is masked throughout, and whose diagonal is open.
import type { Tensor } from './feeds';
import { halfValue } from './half';

/**
 * How a mask says what may be seen: true or 1 for an open cell (allow), true or 1 for a masked one (block), or a
 * large negative number to be added (add). `unknown` is causal, but with more in it than can be opened safely.
 */
export type Form = 'allow' | 'block' | 'add' | 'unknown';

/**
 * What is added to a score that is to vanish is at least this far below, and so is the score: old models used -10,000,
 * most use far more. What models compute by themselves stays far above.
 */
export const MASKED = -1e3;

/** How the tensor masks, or null if it is no causal mask. */
export function causalForm(tensor: Tensor): Form | null {
  const size = squareSize(tensor);
  if (size < 2) return null;
  const { above, diagonal, below } = triangles(tensor, size);
  const every = (values: Set<number>, test: (value: number) => boolean) => [...values].every(test);
  const all = new Set([...above, ...diagonal, ...below]);
  if (every(all, (value) => value === 0 || value === 1)) {
    if (above.size !== 1 || diagonal.size !== 1) return null;
    if (above.has(0) && diagonal.has(1)) return 'allow';
    return above.has(1) && diagonal.has(0) ? 'block' : null;
  }
  if (!every(above, (value) => value <= MASKED) || !every(diagonal, (value) => value > MASKED)) return null;
  return every(diagonal, (value) => value === 0) ? 'add' : 'unknown';
}

/** Whether probabilities are zero above the diagonal: what a causal mask leaves behind. Null if not tokens by tokens. */
export function isCausal(probabilities: Tensor): boolean | null {
  const size = squareSize(probabilities);
  if (size < 2) return null;
  const { above } = triangles(probabilities, size);
  return above.size === 1 && above.has(0);
}

/** The length of the last two axes if they are equal, else 0. */
function squareSize({ dims }: Tensor): number {
  const size = dims.length < 2 ? 0 : dims[dims.length - 1];
  return dims[dims.length - 2] === size ? size : 0;
}

/** The distinct values of every square in the tensor. */
function triangles(
  { type, data }: Tensor,
  size: number,
): Record<'above' | 'diagonal' | 'below', Set<number>> {
  const above = new Set<number>();
  const diagonal = new Set<number>();
  const below = new Set<number>();
  // onnxruntime-web hands out bits where the engine has no Float16Array.
  const isHalf = type === 'float16' && data instanceof Uint16Array;
  for (let i = 0; i < data.length; i++) {
    const value = isHalf ? halfValue(data[i] as number) : Number(data[i]);
    const key = i % size;
    const query = Math.floor(i / size) % size;
    (key > query ? above : key === query ? diagonal : below).add(value);
  }
  return { above, diagonal, below };
}
