// Rotary positions (Su et al. 2021, RoFormer): pairs of numbers are turned by position times a frequency. Exports keep
// the frequencies theta^(-2i/d) as a weight, for texts no longer than those that the model was trained on.
import type { Attribute, Model, Weight } from './model';

/** float32 as little-endian bytes, where they lie in the file. */
export interface Frequencies {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

/** Exporters compute them in single precision, by different orders of the same steps. */
const TOLERANCE = 1e-4;

/** The weights that hold these frequencies, known by their values. @param width d, numbers that are turned */
export function findFrequencies({ bytes, graph }: Model, theta: number, width: number): Frequencies[] {
  const expected = frequencies(theta, width);
  const stored: (readonly [string, Weight])[] = [...graph.initializers];
  const constantOf = (attributes: ReadonlyMap<string, Attribute>) => attributes.get('value')?.tensor;
  for (const { op, domain, outputs, attributes } of graph.nodes) {
    const tensor = op === 'Constant' && domain === '' ? constantOf(attributes) : undefined;
    if (tensor) stored.push([outputs[0], tensor]);
  }
  return stored.flatMap(([name, { type, dims, raw }]) => {
    const isOne = type === 1 && raw !== null && raw.to - raw.from === 4 * expected.length;
    const values = isOne ? new Float32Array(bytes.slice(raw.from, raw.to).buffer) : [];
    const matches = isOne && expected.every((value, i) => Math.abs(values[i] - value) <= TOLERANCE * value);
    return matches ? [{ name, dims, values: values as Float32Array }] : [];
  });
}

/** theta^(-2i/d) for each pair i. */
export function frequencies(theta: number, width: number): Float32Array {
  return Float32Array.from({ length: Math.floor(width / 2) }, (_, i) => theta ** ((-2 * i) / width));
}
