/**
 * Tensors as a .safetensors file: the length of a header as u64, the header in JSON, the values, all little-endian
 * (https://huggingface.co/docs/safetensors, "Format"). The header is padded with spaces, so that the values start at
 * a multiple of 8 bytes.
 */
import type { NamedTensor, OutgoingFile } from './file';
import { count, wholeBlocks } from './file';

const ALIGNMENT = 8;

/** @throws RangeError for two tensors of one name, or one with the name that the format keeps for itself */
export function safetensorsFile(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>>,
): OutgoingFile {
  const entries = new Map<string, unknown>([['__metadata__', metadata]]);
  let end = 0;
  for (const { name, shape } of tensors) {
    if (entries.has(name)) throw new RangeError(`a tensor cannot be named ${name} here`);
    const begin = end;
    end += 4 * count(shape);
    entries.set(name, { dtype: 'F32', shape, data_offsets: [begin, end] });
  }
  const head = headerBytes(JSON.stringify(Object.fromEntries(entries)));
  return {
    bytes: head.length + end,
    exact: true,
    async *pieces() {
      yield head;
      for (const tensor of tensors) for await (const block of wholeBlocks(tensor)) yield littleEndian(block);
    },
  };
}

function headerBytes(json: string): Uint8Array {
  const text = new TextEncoder().encode(json);
  const length = Math.ceil(text.length / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(8 + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  return bytes;
}

/** Every processor that a browser runs on today is little-endian, so the values' own bytes are the file's. */
function littleEndian({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
