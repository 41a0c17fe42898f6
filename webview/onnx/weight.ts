// Heads of stored tensors.
import { BOOL, DOUBLE, elementBits, FLOAT, INT32, INT64 } from './element';
import { OnnxError, quoted } from './error';
import type { Weight } from './model';
import { Fields, type Range } from './wire';

/** TensorProto. The path of a tensor that lies in another file is added to `paths`. */
export function readWeight(bytes: Uint8Array, range: Range, paths: Set<string>): Weight {
  let name = '';
  let type = 0;
  let raw: Range | null = null;
  let packed: Range | null = null;
  let chunks = 0;
  let location = 0;
  const dims: number[] = [];
  const external = new Map<string, string>();
  const fields = new Fields(bytes, range, 'a weight');
  while (fields.next()) {
    if (fields.field === 1) fields.numbers(dims);
    else if (fields.field === 2) type = fields.number();
    else if (fields.field === 8) name = fields.text();
    else if (fields.field === 9) raw = fields.range();
    else if (fields.field === 13) readEntry(bytes, fields.range(), external);
    else if (fields.field === 14) location = fields.number();
    else if (isPackedField(fields.field, type)) {
      packed = fields.isBytes() ? fields.range() : null;
      chunks++;
    }
  }
  // Only one packed run of little-endian numbers is the same bytes as raw_data; anything else stays as it is.
  if (raw === null && chunks === 1) raw = packed;
  const weight: Weight = { name, type, dims, range, raw, external: location === 1 };
  check(weight);
  if (weight.external) {
    const path = external.get('location');
    if (!path)
      throw new OnnxError(`The file is damaged: it does not say where the weight ${quoted(name)} lies.`);
    paths.add(path);
  }
  return weight;
}

/**
 * Whether the elements can and should be left where they are when the graph is written again. Small weights stay in
 * the graph: shape inference reads them, and onnxruntime wants no fewer than 127 bytes outside.
 */
export function isLarge({ raw, external }: Weight): boolean {
  return !external && raw !== null && raw.to - raw.from >= LARGE;
}

const LARGE = 1024;

/** float_data (4) and double_data (10) hold fixed-width numbers; the integer fields hold varints. */
function isPackedField(field: number, type: number): boolean {
  return (field === 4 && type === FLOAT) || (field === 10 && type === DOUBLE);
}

/** The elements that are claimed against the bytes that are there: a wrong claim would end inside the runtime. */
function check({ name, type, dims, raw, external }: Weight): void {
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (dims.some((dim) => dim < 0) || !Number.isSafeInteger(count))
    throw new OnnxError(
      `The file is damaged: the weight ${quoted(name)} claims the shape ${dims.join(' x ')}.`,
    );
  const bits = elementBits(type);
  if (raw === null || external || bits === 0) return;
  const wanted = Math.ceil((count * bits) / 8);
  if (wanted !== raw.to - raw.from)
    throw new OnnxError(
      `The file is damaged: the weight ${quoted(name)} should be ${wanted} bytes long and is ${raw.to - raw.from}.`,
    );
}

/** StringStringEntryProto */
function readEntry(bytes: Uint8Array, range: Range, entries: Map<string, string>): void {
  let key = '';
  let value = '';
  const fields = new Fields(bytes, range, 'the place of a weight');
  while (fields.next()) {
    if (fields.field === 1) key = fields.text();
    else if (fields.field === 2) value = fields.text();
  }
  entries.set(key, value);
}

/** The name in a SparseTensorProto: that of its values (1). */
export function readSparseName(bytes: Uint8Array, range: Range): string {
  const fields = new Fields(bytes, range, 'a sparse weight');
  while (fields.next()) if (fields.field === 1) return readWeight(bytes, fields.range(), new Set()).name;
  return '';
}

/** The elements of a small tensor of whole numbers or truth values; null where they are not to be had. */
export function readInts(bytes: Uint8Array, { type, dims, range, raw, external }: Weight): number[] | null {
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (external || count > MOST_INTS) return null;
  const found: number[] = [];
  const stored = range instanceof Uint8Array ? range : raw && bytes.subarray(raw.from, raw.to);
  if (stored !== null) {
    const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
    for (let i = 0; i < count; i++)
      if (type === INT64) found.push(Number(view.getBigInt64(8 * i, true)));
      else if (type === INT32) found.push(view.getInt32(4 * i, true));
      else if (type === BOOL) found.push(view.getUint8(i));
    return found.length === count ? found : null;
  }
  if (type !== INT64 && type !== INT32 && type !== BOOL) return null;
  const fields = new Fields(bytes, range as Range, 'a weight');
  while (fields.next()) if (fields.field === (type === INT64 ? 7 : 5)) fields.numbers(found);
  return found.length === count ? found : null;
}

/** Shapes, axes and counts are no longer than this. */
const MOST_INTS = 64;
