// Comparing tensors.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file of little-endian float32. */
export function readFloats(folder: string, file: string): Float32Array {
  const bytes = readFileSync(join(folder, file));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** The largest difference; NaN counts as infinitely large. */
export function worst(found: Float32Array, expected: Float32Array): number {
  assert.equal(found.length, expected.length);
  let most = 0;
  found.forEach((value, i) => {
    const error = Math.abs(value - expected[i]);
    if (!(error <= most)) most = Number.isNaN(error) ? Infinity : error;
  });
  return most;
}

/** Every row sums to 1, and exactly the pairs that are not open weigh 0. [batch, heads, query, key] */
export function assertRows(
  map: { dims: readonly number[]; data: Float32Array },
  open: (query: number, key: number, batch: number) => boolean,
): void {
  const [, heads, queries, keys] = map.dims;
  for (let row = 0; row < map.data.length / keys; row++) {
    const [query, batch] = [row % queries, Math.floor(row / (queries * heads))];
    let sum = 0;
    for (let key = 0; key < keys; key++) {
      const weight = map.data[row * keys + key];
      if (!open(query, key, batch)) assert.equal(weight, 0, `query ${query}, key ${key}`);
      sum += weight;
    }
    assert.ok(Math.abs(sum - 1) < 1e-5, `a row sums to ${sum}`);
  }
}

/** Each row up to its query, made to sum to 1 again. */
export function cut({ dims, data }: { dims: readonly number[]; data: Float32Array }): Float32Array {
  const [queries, keys] = dims.slice(-2);
  const out = data.slice();
  for (let row = 0; row < out.length / keys; row++) {
    const weights = out.subarray(row * keys, (row + 1) * keys);
    weights.fill(0, (row % queries) + 1);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    weights.forEach((weight, i) => (weights[i] = weight / sum));
  }
  return out;
}
