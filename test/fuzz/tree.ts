// An ONNX file as a tree of protobuf fields, which can be changed and written again: also to what no writer would write.

export type Kind =
  | 'model'
  | 'opset'
  | 'graph'
  | 'node'
  | 'attribute'
  | 'tensor'
  | 'entry'
  | 'sparse'
  | 'value'
  | 'type'
  | 'tensorType'
  | 'shape'
  | 'dim'
  | 'function';

export interface Branch {
  readonly kind: Kind;
  fields: Field[];
}

export interface Field {
  number: number;
  /** 0 varint, 1 eight bytes, 2 a length and as many bytes, 5 four bytes */
  wire: number;
  value: bigint | Uint8Array | Branch;
  /** What the length says instead of the truth. */
  claimed?: bigint;
}

/** Messages within messages, by onnx.proto. */
const INSIDE: Record<Kind, Readonly<Record<number, Kind>>> = {
  model: { 7: 'graph', 8: 'opset', 25: 'function' },
  opset: {},
  graph: { 1: 'node', 5: 'tensor', 11: 'value', 12: 'value', 13: 'value', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph' },
  tensor: { 13: 'entry' },
  entry: {},
  sparse: { 1: 'tensor', 2: 'tensor' },
  value: { 2: 'type' },
  type: { 1: 'tensorType' },
  tensorType: { 2: 'shape' },
  shape: { 1: 'dim' },
  dim: {},
  function: { 7: 'node', 9: 'opset', 11: 'attribute', 12: 'value' },
};

/** A whole file. Only for files that are whole. */
export function parse(bytes: Uint8Array, kind: Kind = 'model'): Branch {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const [number, wire] = [tag >> 3, tag & 7];
    if (wire === 0) fields.push({ number, wire, value: varint() });
    else {
      const length = wire === 1 ? 8 : wire === 5 ? 4 : Number(varint());
      const part = bytes.subarray(at, (at += length));
      const inside = wire === 2 ? INSIDE[kind][number] : undefined;
      fields.push({ number, wire, value: inside ? parse(part, inside) : part });
    }
  }
  return { kind, fields };
}

export function write({ fields }: Branch): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { number, wire, value, claimed } of fields) {
    parts.push(varint(BigInt(number) * 8n + BigInt(wire)));
    if (typeof value === 'bigint') parts.push(varint(value));
    else {
      const content = value instanceof Uint8Array ? value : write(value);
      if (wire === 2) parts.push(varint(claimed ?? BigInt(content.length)));
      parts.push(content);
    }
  }
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Bits above the 64th are written too: a varint may be longer than it should. */
function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value < 0n ? BigInt.asUintN(64, value) : value;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

export function copy({ kind, fields }: Branch): Branch {
  return {
    kind,
    fields: fields.map((field) =>
      typeof field.value === 'bigint' || field.value instanceof Uint8Array
        ? { ...field }
        : { ...field, value: copy(field.value) },
    ),
  };
}

/** Every message in the tree, itself first. */
export function branches(root: Branch): Branch[] {
  const all = [root];
  for (const { fields } of all)
    for (const { value } of fields)
      if (typeof value !== 'bigint' && !(value instanceof Uint8Array)) all.push(value);
  return all;
}
