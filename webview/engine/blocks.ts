/** Tensors taken apart and put together along one axis. */
import * as ort from 'onnxruntime-web/wasm';

type Values = Float32Array | Uint8Array | Uint16Array | Int32Array | BigInt64Array;

/** What lies in [from, to) of an axis. */
export function part(tensor: ort.Tensor, axis: number, from: number, to: number): ort.Tensor {
  const { dims } = tensor;
  const { outer, inner } = around(dims, axis);
  const values = tensor.data as Values;
  const size = (to - from) * inner;
  const taken = emptyLike(values, outer * size);
  for (let i = 0; i < outer; i++) {
    const start = (i * dims[axis] + from) * inner;
    copy(taken, values, start, start + size, i * size);
  }
  return tensorOf(tensor, taken, withAxis(dims, axis, to - from));
}

/** One behind the other; of the same size on every other axis. */
export function joined(before: ort.Tensor, after: ort.Tensor, axis: number): ort.Tensor {
  const { outer, inner } = around(before.dims, axis);
  const sizes = [before, after].map(({ dims }) => dims[axis] * inner);
  const all = emptyLike(before.data as Values, outer * (sizes[0] + sizes[1]));
  for (let i = 0, at = 0; i < outer; i++)
    [before, after].forEach(({ data }, which) => {
      copy(all, data as Values, i * sizes[which], (i + 1) * sizes[which], at);
      at += sizes[which];
    });
  return tensorOf(before, all, withAxis(before.dims, axis, before.dims[axis] + after.dims[axis]));
}

/** Of another size on an axis: what is more falls away, what is missing is 0. */
export function resized(tensor: ort.Tensor, axis: number, count: number): ort.Tensor {
  const missing = count - tensor.dims[axis];
  if (missing <= 0) return part(tensor, axis, 0, count);
  const { outer, inner } = around(tensor.dims, axis);
  const zeros = emptyLike(tensor.data as Values, outer * missing * inner);
  return joined(tensor, tensorOf(tensor, zeros, withAxis(tensor.dims, axis, missing)), axis);
}

function around(dims: readonly number[], axis: number) {
  const product = (some: readonly number[]) => some.reduce((all, dim) => all * dim, 1);
  return { outer: product(dims.slice(0, axis)), inner: product(dims.slice(axis + 1)) };
}

const withAxis = (dims: readonly number[], axis: number, count: number): number[] =>
  dims.map((dim, i) => (i === axis ? count : dim));

const emptyLike = <V extends Values>(values: V, length: number): V =>
  new (values.constructor as new (length: number) => V)(length);

/** Of the same kind, both. */
function copy(into: Values, values: Values, from: number, to: number, at: number): void {
  (into as Float32Array).set((values as Float32Array).subarray(from, to), at);
}

const tensorOf = ({ type }: ort.Tensor, values: Values, dims: readonly number[]): ort.Tensor =>
  new ort.Tensor(type as 'float32', values as Float32Array, dims);
