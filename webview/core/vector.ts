/** Vectors stored as the rows of a matrix [rows, width], row-major. */

export function rowOf(matrix: Float32Array, row: number, width: number): Float32Array {
  return matrix.subarray(row * width, (row + 1) * width);
}

/** Euclidean length. */
export function norm(vector: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i] * vector[i];
  return Math.sqrt(sum);
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** The largest absolute value; 0 for none. */
export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return most;
}

/** Cosine of the angle between two vectors, -1 to 1; 0 where one of them is 0. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const lengths = norm(a) * norm(b);
  return lengths === 0 ? 0 : Math.max(-1, Math.min(1, dot(a, b) / lengths));
}

/** How much of a sum, along its own direction, one of its terms is: the shares of all terms add up to 1. */
export function share(term: ArrayLike<number>, sum: ArrayLike<number>): number {
  const whole = dot(sum, sum);
  return whole === 0 ? 0 : dot(term, sum) / whole;
}

/** A row vector times the rows of a matrix [.., width] from `first` on, one row a dimension: [width]. */
export function projected(
  vector: Float32Array,
  matrix: Float32Array,
  first: number,
  width: number,
): Float32Array {
  const out = new Float32Array(width);
  for (let i = 0; i < vector.length; i++) {
    const at = (first + i) * width;
    for (let j = 0; j < width; j++) out[j] += vector[i] * matrix[at + j];
  }
  return out;
}

/** Of many vectors of one width, dimension by dimension. */
export interface Spread {
  readonly count: number;
  readonly mean: Float64Array;
  /** Mean of the squares. */
  readonly square: Float64Array;
}

/** Of the rows of a matrix. */
export function spreadOf(matrix: Float32Array, width: number): Spread {
  const count = matrix.length / width;
  const [mean, square] = [new Float64Array(width), new Float64Array(width)];
  matrix.forEach((value, i) => {
    mean[i % width] += value / count;
    square[i % width] += (value * value) / count;
  });
  return { count, mean, square };
}

/** Of the vectors of both. */
export function spreadOver(a: Spread, b: Spread): Spread {
  const count = a.count + b.count;
  const both = (x: Float64Array, y: Float64Array) =>
    x.map((value, i) => (value * a.count + y[i] * b.count) / count);
  return { count, mean: both(a.mean, b.mean), square: both(a.square, b.square) };
}

/**
 * Each dimension less its mean, in its standard deviations; 0 where it does not vary. A few dimensions of a transformer
 * are so large that they decide a cosine alone: standardised, all count alike (Timkey and van Schijndel 2021, "All Bark and
 * No Bite", section 4).
 */
export function standardised(vector: Float32Array, { mean, square }: Spread): Float64Array {
  return Float64Array.from(vector, (value, i) => {
    const variance = square[i] - mean[i] ** 2;
    return variance > 1e-12 * square[i] ? (value - mean[i]) / Math.sqrt(variance) : 0;
  });
}
