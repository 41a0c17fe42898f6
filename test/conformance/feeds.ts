// The inputs of a case as tensors of the runtime.
import * as ort from 'onnxruntime-web/wasm';
import type { CaseInput } from './case';

export type Feeds = Record<string, ort.Tensor>;

type Data = CaseInput['data'];
const number = (value: Data[number]) => Number(value);

const makers: Record<string, (data: Data) => ort.Tensor.DataTypeMap[ort.Tensor.Type]> = {
  float32: (data) => Float32Array.from(data, (value) => (value === 'NaN' ? NaN : number(value))),
  float64: (data) => Float64Array.from(data, number),
  float16: (data) => halves(data),
  int64: (data) => BigInt64Array.from(data, (value) => BigInt(value)),
  uint64: (data) => BigUint64Array.from(data, (value) => BigInt(value)),
  int32: (data) => Int32Array.from(data, number),
  uint32: (data) => Uint32Array.from(data, number),
  int16: (data) => Int16Array.from(data, number),
  uint16: (data) => Uint16Array.from(data, number),
  int8: (data) => Int8Array.from(data, number),
  uint8: (data) => Uint8Array.from(data, number),
  bool: (data) => Uint8Array.from(data, number),
};

/** @throws an Error that names the input that is of no known type, or whose data do not fill its shape */
export function feed(inputs: Readonly<Record<string, CaseInput>>): Feeds {
  const feeds: Feeds = {};
  for (const [name, { dims, type, data }] of Object.entries(inputs)) {
    // As onnxruntime for Python says it, too.
    const kind = type.replace(/^tensor\((.*)\)$/, '$1').replace(/^float$/, 'float32') as 'int64';
    const make = makers[kind];
    if (!make) throw new Error(`the input ${name} is of type ${type}`);
    const size = dims.reduce((product, dim) => product * dim, 1);
    if (data.length !== size)
      throw new Error(`the input ${name} of shape ${dims.join(' x ')} has ${data.length} elements`);
    feeds[name] = new ort.Tensor(kind, make(data) as BigInt64Array, dims);
  }
  return feeds;
}

/** Numbers as IEEE 754 binary16; a Float16Array where the engine has one, since the runtime then insists on it. */
function halves(data: Data): Uint16Array {
  const Half = (globalThis as { Float16Array?: { from(data: Iterable<number>): Uint16Array } }).Float16Array;
  if (Half) return Half.from(data.map(number));
  return Uint16Array.from(data, (value) => toHalf(number(value)));
}

/** Rounded to nearest, ties to even. */
function toHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 2 ** -25)));
  const scaled = size / 2 ** (exponent - 10);
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const steps = floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0);
  // Carries walk into the exponent by themselves.
  return sign | (steps + (exponent + 14) * 1024);
}

/** A tensor of floats as float32, whatever its precision. */
export function asFloats({ type, data, dims }: ort.Tensor): Float32Array {
  if (data instanceof Float32Array) return data;
  if (type === 'float16' && data instanceof Uint16Array) return Float32Array.from(data, fromHalf);
  if (typeof data[0] === 'bigint' || typeof data[0] === 'string')
    throw new Error(`a tensor of ${type}[${dims.join(',')}] holds no floats`);
  return Float32Array.from(data as unknown as ArrayLike<number>);
}

function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
