// Element types of tensors: the numbers of TensorProto.DataType (onnx.proto) against the names onnxruntime uses.
import { halfBits } from './half';

interface Element {
  name: string;
  /** Bits of one element in raw_data; 0 where that cannot be said. */
  bits: number;
}

export const FLOAT = 1;
export const UINT8 = 2;
export const INT32 = 6;
export const INT64 = 7;
const STRING = 8;
export const BOOL = 9;
export const FLOAT16 = 10;
export const DOUBLE = 11;
const BFLOAT16 = 16;

const ELEMENTS: Readonly<Record<number, Element>> = {
  1: { name: 'float32', bits: 32 },
  2: { name: 'uint8', bits: 8 },
  3: { name: 'int8', bits: 8 },
  4: { name: 'uint16', bits: 16 },
  5: { name: 'int16', bits: 16 },
  6: { name: 'int32', bits: 32 },
  7: { name: 'int64', bits: 64 },
  8: { name: 'string', bits: 0 },
  9: { name: 'bool', bits: 8 },
  10: { name: 'float16', bits: 16 },
  11: { name: 'float64', bits: 64 },
  12: { name: 'uint32', bits: 32 },
  13: { name: 'uint64', bits: 64 },
  14: { name: 'complex64', bits: 64 },
  15: { name: 'complex128', bits: 128 },
  16: { name: 'bfloat16', bits: 16 },
  17: { name: 'float8e4m3fn', bits: 8 },
  18: { name: 'float8e4m3fnuz', bits: 8 },
  19: { name: 'float8e5m2', bits: 8 },
  20: { name: 'float8e5m2fnuz', bits: 8 },
  21: { name: 'uint4', bits: 4 },
  22: { name: 'int4', bits: 4 },
  23: { name: 'float4e2m1', bits: 4 },
  24: { name: 'float8e8m0', bits: 8 },
  25: { name: 'uint2', bits: 2 },
  26: { name: 'int2', bits: 2 },
};

export function elementName(type: number): string {
  return ELEMENTS[type]?.name ?? 'unknown';
}

export function elementBits(type: number): number {
  return ELEMENTS[type]?.bits ?? 0;
}

/** The number of a name as onnxruntime says it; 0 for a name it does not have. */
export function elementType(name: string): number {
  return Number(Object.keys(ELEMENTS).find((type) => ELEMENTS[Number(type)].name === name) ?? 0);
}

export function isFloat(type: number): boolean {
  return type === FLOAT || type === FLOAT16 || type === DOUBLE || type === BFLOAT16;
}

/** What a score becomes that is to vanish. */
export const LOWEST = -Infinity;

/**
 * The bytes of one element of `type`. `LOWEST` becomes the most negative finite number: a row of minus infinities
 * would become NaN, and shaders may assume that infinities do not occur. Nor does any number become infinite that half
 * precision cannot hold. Null for a type that cannot hold `value`.
 */
export function scalarBytes(type: number, value: number): Uint8Array | null {
  const size = elementBits(type) / 8;
  if (!Number.isInteger(size) || size === 0 || type === STRING) return null;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  if (type === FLOAT) view.setFloat32(0, value === LOWEST ? -3.4028234663852886e38 : value, true);
  else if (type === DOUBLE) view.setFloat64(0, value === LOWEST ? -Number.MAX_VALUE : value, true);
  else if (type === FLOAT16) view.setUint16(0, halfBits(Math.max(-65504, Math.min(65504, value))), true);
  else if (type === BFLOAT16) view.setUint16(0, value === LOWEST ? 0xff7f : bfloatBits(value), true);
  else if (!Number.isInteger(value)) return null;
  else if (size === 8) view.setBigInt64(0, BigInt(value), true);
  else if (size === 4) view.setInt32(0, value, true);
  else if (size === 2) view.setInt16(0, value, true);
  else if (size === 1) view.setInt8(0, value);
  else return null;
  return bytes;
}

function bfloatBits(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0] >>> 16;
}
