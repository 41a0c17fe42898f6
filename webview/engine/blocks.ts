/** Tensors taken apart and put together along one axis. */
import * as ort from 'onnxruntime-web/wasm';

type Values = Float32Array | Uint8Array | Uint16Array | Int32Array | BigInt64Array;

/** What lies in [from, to) of an axis; where that is all, the tensor itself. */
export function part(tensor: ort.Tensor, axis: number, from: number, to: number): ort.Tensor {
  const { dims } = tensor;
  if (from === 0 && to === dims[axis]) return tensor;
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
export function joined(tensors: readonly ort.Tensor[], axis: number): ort.Tensor {
  const [{ dims }] = tensors;
  if (tensors.length === 1) return tensors[0];
  const { outer, inner } = around(dims, axis);
  const count = tensors.reduce((sum, tensor) => sum + tensor.dims[axis], 0);
  const all = emptyLike(tensors[0].data as Values, outer * count * inner);
  let start = 0;
  for (const tensor of tensors) {
    const size = tensor.dims[axis] * inner;
    for (let i = 0; i < outer; i++)
      copy(all, tensor.data as Values, i * size, (i + 1) * size, i * count * inner + start);
    start += size;
  }
  return tensorOf(tensors[0], all, withAxis(dims, axis, count));
}

/** Of another size on an axis: what is more falls away, what is missing is 0. */
export function resized(tensor: ort.Tensor, axis: number, count: number): ort.Tensor {
  const missing = count - tensor.dims[axis];
  if (missing <= 0) return part(tensor, axis, 0, count);
  const { outer, inner } = around(tensor.dims, axis);
  const zeros = emptyLike(tensor.data as Values, outer * missing * inner);
  return joined([tensor, tensorOf(tensor, zeros, withAxis(tensor.dims, axis, missing))], axis);
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
