// Element types of tensors: the numbers of TensorProto.DataType (onnx.proto) against the names onnxruntime uses.

interface Element {
  name: string;
  /** Bits of one element in raw_data; 0 where that cannot be said. */
  bits: number;
}

export const FLOAT = 1;
export const INT64 = 7;
export const BOOL = 9;
export const FLOAT16 = 10;
export const DOUBLE = 11;
export const BFLOAT16 = 16;

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

/**
 * The bytes of one element of `type`, for the few values that rewriting needs: 0, 1 and `lowest`, the most negative
 * finite number. Not minus infinity: a row that is closed whole would become NaN, and shaders may assume that
 * infinities do not occur.
 */
export function scalarBytes(type: number, value: 0 | 1 | 'lowest'): Uint8Array | null {
  const size = elementBits(type) / 8;
  if (!Number.isInteger(size) || size === 0) return null;
  const bytes = new Uint8Array(size);
  if (value === 0) return bytes;
  const view = new DataView(bytes.buffer);
  const lowest = value === 'lowest';
  if (type === FLOAT) view.setFloat32(0, lowest ? -3.4028234663852886e38 : 1, true);
  else if (type === DOUBLE) view.setFloat64(0, lowest ? -Number.MAX_VALUE : 1, true);
  else if (type === FLOAT16)
    view.setUint16(0, lowest ? 0xfbff : 0x3c00, true); // -65504
  else if (type === BFLOAT16) view.setUint16(0, lowest ? 0xff7f : 0x3f80, true);
  else if (lowest) return null;
  else bytes[0] = 1; // little-endian integers
  return bytes;
}
