/** The files that tensors are exported as: what is written reads back, whatever it is and however it comes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { NamedTensor } from '../../webview/export/file';
import { inChunks } from '../../webview/export/file';
import { decimal, jsonFile } from '../../webview/export/json';
import { safetensorsFile } from '../../webview/export/safetensors';
import { readSafetensors } from '../safetensors';

async function gather(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece.slice());
  return Buffer.concat(all);
}

interface Given {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The values in blocks of `block`. */
const source = ({ name, shape, values }: Given, block: number): NamedTensor => ({
  name,
  shape,
  async *blocks() {
    for (let at = 0; at < values.length; at += block) yield values.subarray(at, at + block);
  },
});

const anyFloat = fc.float({ noNaN: true, noDefaultInfinity: true });
const weight = fc.float({ min: 0, max: 1, noNaN: true });
const tensor = fc
  .record({
    name: fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
  })
  .chain(({ name, shape }) => {
    const length = shape.reduce((product, each) => product * each, 1);
    return fc.record({
      name: fc.constant(name),
      shape: fc.constant(shape),
      values: fc
        .array(fc.oneof(weight, anyFloat, fc.constant(0)), { minLength: length, maxLength: length })
        .map((values) => Float32Array.from(values)),
    });
  });
const tensors = fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 4 });
const block = fc.integer({ min: 1, max: 40 });

test('safetensors: what is written reads back, and its size was known', async () => {
  const metadata = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }));
  await fc.assert(
    fc.asyncProperty(tensors, metadata, block, async (given, about, block) => {
      const file = safetensorsFile(
        given.map((one) => source(one, block)),
        about,
      );
      const bytes = await gather(file.pieces());
      assert.equal(bytes.length, file.bytes);
      const read = readSafetensors(bytes);
      assert.equal(read.begin % 8, 0, 'values start at a multiple of 8 bytes');
      assert.deepEqual(new Map(Object.entries(read.metadata)), new Map(Object.entries(about)));
      assert.equal(read.tensors.size, given.length);
      for (const { name, shape, values } of given)
        assert.deepEqual(read.tensors.get(name), { shape: [...shape], values });
    }),
  );
});

test('safetensors: too few values, too many, or a name twice is an error', async () => {
  const two = { name: 'a', shape: [2], values: Float32Array.of(1, 2) };
  const wrong = (shape: number[]) => gather(safetensorsFile([source({ ...two, shape }, 1)], {}).pieces());
  await assert.rejects(wrong([3]), /a has 2 values, not 3/);
  await assert.rejects(wrong([1]), /a has 2 values, not 1/);
  assert.throws(() => safetensorsFile([source(two, 1), source(two, 1)], {}), /named a/);
  assert.throws(() => safetensorsFile([source({ ...two, name: '__metadata__' }, 1)], {}), /__metadata__/);
});

test('JSON: nested as the shapes say, and every f32 reads back', async () => {
  const nest = (shape: readonly number[], values: number[]): unknown => {
    if (shape.length === 0) return values[0];
    const [first, ...rest] = shape as [number, ...number[]];
    const size = rest.reduce((product, each) => product * each, 1);
    return Array.from({ length: first }, (_, i) => nest(rest, values.slice(i * size, (i + 1) * size)));
  };
  await fc.assert(
    fc.asyncProperty(tensors, fc.object(), block, async (given, about, block) => {
      fc.pre(!given.some(({ name }) => name === 'metadata' || name === '__proto__'));
      const file = jsonFile(
        given.map((one) => source(one, block)),
        about,
      );
      const text = new TextDecoder().decode(await gather(file.pieces()));
      const { metadata, ...read } = JSON.parse(text, (_, value) =>
        typeof value === 'number' ? Math.fround(value) + 0 : (value as unknown),
      ) as Record<string, unknown>;
      assert.equal(JSON.stringify(metadata), JSON.stringify(rounded(about)));
      for (const { name, shape, values } of given)
        assert.deepEqual(
          read[name],
          nest(
            shape,
            Array.from(values, (value) => value + 0),
          ),
        );
    }),
  );
});

/** As the reviver above leaves it. */
const rounded = (about: object): unknown =>
  JSON.parse(JSON.stringify(about), (_, value) =>
    typeof value === 'number' ? Math.fround(value) + 0 : (value as unknown),
  );

test('JSON: more values than fit one piece', async () => {
  const shape = [3, 50, 61];
  const values = Float32Array.from({ length: 3 * 50 * 61 }, (_, i) => Math.fround(Math.sin(i) ** 2));
  const pieces = jsonFile([source({ name: 'a', shape, values }, 1000)], {}).pieces();
  const { a } = JSON.parse(new TextDecoder().decode(await gather(pieces))) as { a: number[][][] };
  assert.deepEqual(
    a.flat(2),
    Array.from(values, (value) => Number(decimal(value))),
  );
  assert.deepEqual(Float32Array.from(a.flat(2)), values);
  assert.ok(a.length === 3 && a.every((one) => one.length === 50 && one.every((row) => row.length === 61)));
});

test('a decimal is the shortest that reads back as the same f32', () => {
  assert.equal(decimal(Math.fround(0.1)), '0.1');
  assert.equal(decimal(1), '1');
  assert.equal(decimal(0), '0');
  assert.equal(decimal(NaN), 'null');
  fc.assert(fc.property(anyFloat, (value) => Math.fround(Number(decimal(value))) === value || value === 0));
});

test('chunks: the same bytes, none larger than asked', async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.integer({ min: 1, max: 64 }), async (given, size) => {
      async function* all() {
        yield* given;
      }
      const chunks: Uint8Array[] = [];
      for await (const chunk of inChunks(all(), size)) chunks.push(chunk);
      assert.deepEqual(Buffer.concat(chunks), Buffer.concat(given));
      chunks.forEach((chunk, i) => {
        assert.ok(chunk.length > 0 && chunk.length <= size);
        if (i < chunks.length - 1) assert.equal(chunk.length, size);
      });
    }),
  );
});
