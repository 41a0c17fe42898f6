/** Reads a .safetensors file of f32 tensors by the format's own words; refuses what they do not allow. */
import assert from 'node:assert/strict';

export interface Read {
  readonly metadata: Record<string, string>;
  readonly tensors: Map<string, { readonly shape: number[]; readonly values: Float32Array }>;
  /** Where in the file the values begin. */
  readonly begin: number;
}

export function readSafetensors(file: Uint8Array): Read {
  const bytes = Uint8Array.from(file).buffer;
  const length = Number(new DataView(bytes).getBigUint64(0, true));
  const begin = 8 + length;
  const json = new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(bytes, 8, length));
  assert.equal(json[0], '{');
  const header = JSON.parse(json) as Record<string, unknown>;
  const metadata = (header['__metadata__'] ?? {}) as Record<string, string>;
  assert.ok(Object.values(metadata).every((value) => typeof value === 'string'));
  let end = 0;
  const tensors: Read['tensors'] = new Map();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { dtype, shape, data_offsets } = entry as {
      dtype: string;
      shape: number[];
      data_offsets: number[];
    };
    assert.equal(dtype, 'F32');
    const size = 4 * shape.reduce((product, each) => product * each, 1);
    assert.equal(data_offsets[1] - data_offsets[0], size);
    tensors.set(name, { shape, values: new Float32Array(bytes, begin + data_offsets[0], size / 4) });
    end += size;
  }
  // The tensors follow each other without a hole, and nothing follows them.
  const offsets = [...tensors.values()].map(({ values }) => [values.byteOffset - begin, values.byteLength]);
  offsets.sort(([a, long], [b, other]) => a - b || long - other);
  offsets.reduce((at, [from, size]) => (assert.equal(from, at), at + size), 0);
  assert.equal(file.length, begin + end);
  return { metadata, tensors, begin };
}
