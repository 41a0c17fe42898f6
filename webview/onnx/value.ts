// Declared names: inputs, outputs and what the exporter knew about tensors in between.
import type { Value } from './model';
import { Fields, Message, type Range } from './wire';

/** ValueInfoProto */
export function readValue(bytes: Uint8Array, range: Range): Value {
  let name = '';
  let type = 0;
  let dims: Value['dims'] = null;
  const fields = new Fields(bytes, range, 'a declared value');
  while (fields.next()) {
    if (fields.field === 1) name = fields.text();
    else if (fields.field === 2) {
      const kinds = new Fields(bytes, fields.range(), 'a declared type');
      // TypeProto.tensor_type; sequences, maps and optionals are never attention.
      while (kinds.next()) if (kinds.field === 1) ({ type, dims } = readTensorType(bytes, kinds.range()));
    }
  }
  return { name, type, dims, range };
}

function readTensorType(bytes: Uint8Array, range: Range): Pick<Value, 'type' | 'dims'> {
  let type = 0;
  let dims: (number | string | null)[] | null = null;
  const fields = new Fields(bytes, range, 'a declared tensor type');
  while (fields.next()) {
    if (fields.field === 1) type = fields.number();
    else if (fields.field === 2) {
      dims = [];
      const shape = new Fields(bytes, fields.range(), 'a declared shape');
      while (shape.next()) if (shape.field === 1) dims.push(readDim(bytes, shape.range()));
    }
  }
  return { type, dims };
}

function readDim(bytes: Uint8Array, range: Range): number | string | null {
  let dim: number | string | null = null;
  const fields = new Fields(bytes, range, 'a dimension');
  while (fields.next()) {
    if (fields.field === 1) dim = fields.number();
    else if (fields.field === 2) dim = fields.text();
  }
  return dim;
}

/** A ValueInfoProto for a new tensor; without a type the runtime infers it. */
export function writeValue(name: string, type?: number, dims: readonly (string | number)[] = []): Message {
  const value = new Message().text(1, name);
  if (type === undefined) return value;
  const shape = new Message();
  for (const dim of dims)
    shape.message(1, typeof dim === 'number' ? new Message().number(1, dim) : new Message().text(2, dim));
  return value.message(2, new Message().message(1, new Message().number(1, type).message(2, shape)));
}
