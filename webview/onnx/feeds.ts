// What the probe graph is fed: one short sequence with nothing padded, the same for every model.
import { fixedLength, type Input, type Plan } from './plan';

/** A tensor as onnxruntime-web makes and returns it. */
export interface Tensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: ArrayLike<number | bigint | boolean | string>;
}

/** Odd and prime, so that no head count or width is taken for the number of tokens. */
const LENGTH = 7;

/** The feeds by input name. An input that cannot be fed is left out, and the runtime will say so. */
export function probeFeeds(plan: Plan): Record<string, Tensor> {
  const length = fixedLength(plan.inputs) ?? LENGTH;
  const feeds: Record<string, Tensor> = {};
  for (const input of plan.inputs) {
    const dims = input.dims.map((dim, axis) => size(input, dim, axis, length));
    const count = dims.reduce((product, dim) => product * dim, 1);
    if (count > MOST) continue;
    const value = valueOf(input, dims.at(-1) ?? 1, length);
    const data = fill(input.type, count, value);
    if (data) feeds[input.name] = { type: input.type, dims, data };
  }
  return feeds;
}

/** No probe needs more; a damaged file may ask for anything. */
const MOST = 2 ** 24;

function size(input: Input, dim: number | string | null, axis: number, length: number): number {
  if (typeof dim === 'number' && dim > 0) return dim;
  if (axis === 0 && (input.dims.length > 1 || /batch/.test(dim?.toString() ?? ''))) return 1;
  if (/pixel|image/.test(input.name)) return axis === 1 ? 3 : IMAGE;
  // An empty past: the whole sequence is read at once. The mask's length is past plus present, so it stays; what a
  // decoder has kept of its encoder is not empty.
  const isOwnPast =
    /past|cache/.test(input.name) && !/encoder/.test(`${input.name}${dim ?? ''}`.replace('decoder', ''));
  return isOwnPast && !/position/.test(input.name) ? 0 : length;
}

/** The side of a square picture where the file leaves it open. */
const IMAGE = 224;

function valueOf({ name, type, dims }: Input, width: number, length: number): (i: number) => number {
  // GroupQueryAttention: the last place of each sequence, and the length of the longest.
  if (/seqlens/.test(name)) return () => length - 1;
  if (/total_seq/.test(name)) return () => length;
  if (/past.*length/.test(name)) return () => 0;
  if (/mask/.test(name)) return () => (dims.length > 2 && type.startsWith('float') ? 0 : 1); // an additive mask: nothing
  if (/position/.test(name)) return (i) => i % width;
  if (/type|segment/.test(name)) return () => 0;
  if (type === 'bool') return () => 0; // use_cache_branch: there is no cache
  if (type.startsWith('float')) return (i) => ((i * 37) % 101) / 101 - 0.5;
  return (i) => 5 + (i % 3); // ids past the special ones, within any vocabulary
}

function fill(type: string, count: number, value: (i: number) => number): Tensor['data'] | null {
  const values = { length: count };
  if (type === 'int64') return BigInt64Array.from(values, (_, i) => BigInt(value(i)));
  if (type === 'int32') return Int32Array.from(values, (_, i) => value(i));
  if (type === 'float32') return Float32Array.from(values, (_, i) => value(i));
  if (type === 'float16') return new Uint16Array(count); // zeros will do for a mask
  if (type === 'bool') return Uint8Array.from(values, (_, i) => value(i));
  return null;
}
