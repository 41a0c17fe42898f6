/** The same tokens in another order, and what a head keeps of its pattern when they are put back. */

/**
 * An order of `n` places in which those that `stay` keep theirs and the others are shuffled, the same for the same
 * seed (Fisher and Yates, with the generator mulberry32). `order[i]` is the old place of what stands at i.
 */
export function shuffled(stay: readonly boolean[], seed: number): number[] {
  const order = stay.map((_, place) => place);
  const free = order.filter((place) => !stay[place]);
  const random = generator(seed);
  for (let last = free.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[free[last]], order[free[other]]] = [order[free[other]], order[free[last]]];
  }
  return order;
}

/** A matrix [n, n] over reordered tokens with its rows and columns put back in the old order. */
export function putBack(weights: Float32Array, order: readonly number[]): Float32Array {
  const n = order.length;
  const back = new Float32Array(n * n);
  order.forEach((query, row) =>
    order.forEach((key, column) => {
      back[query * n + key] = weights[row * n + column];
    }),
  );
  return back;
}

/**
 * The share of attention that two matrices [n, n] agree on, 0 to 1: the mean over the queries of Σ min(a, b), which is
 * 1 less the total variation distance of the rows.
 */
export function agreement(a: Float32Array, b: Float32Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n * n; i++) sum += Math.min(a[i], b[i]);
  return sum / n;
}

function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
