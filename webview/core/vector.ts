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

/** The largest absolute value; 0 for none. */
export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return most;
}

/** Cosine of the angle between two vectors, -1 to 1; 0 where one of them is 0. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let dot = 0;
  for (let i = 0; i < a.length; i++) dot += a[i] * b[i];
  const lengths = norm(a) * norm(b);
  return lengths === 0 ? 0 : Math.max(-1, Math.min(1, dot / lengths));
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
