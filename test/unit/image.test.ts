/** Images as models read them: Pillow's bytes, transformers' numbers, and settings that make no sense. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { PNG } from 'pngjs';
import { patchAt, stepFrom } from '../../webview/core/patches';
import { headerOf } from '../../webview/engine/image/header';
import { prepared } from '../../webview/engine/image/prepare';
import type { Raster } from '../../webview/engine/image/raster';
import { opaque } from '../../webview/engine/image/raster';
import { readRecipe } from '../../webview/engine/image/recipe';
import { resampled } from '../../webview/engine/image/resample';

const folder = 'test/fixtures/pixels';
const { resized, prepared: cases } = JSON.parse(readFileSync(`${folder}/cases.json`, 'utf8')) as {
  resized: { from: [number, number]; to: [number, number]; filter: number; at: number }[];
  prepared: { name: string; dims: number[]; at: number; settings: object }[];
};
const png = PNG.sync.read(readFileSync(`${folder}/lighthouse.png`));
const lighthouse = opaque(png.width, png.height, new Uint8ClampedArray(png.data));

test('resized byte for byte as Pillow does it, by each of its filters', () => {
  const bytes = readFileSync(`${folder}/resized.bin`);
  for (const { from, to, filter, at } of resized) {
    const size = 3 * from[0] * from[1];
    const before: Raster = { width: from[0], height: from[1], data: bytes.subarray(at, at + size) };
    const { data } = resampled(before, to[0], to[1], filter);
    const wanted = bytes.subarray(at + size, at + size + 3 * to[0] * to[1]);
    assert.deepEqual(Buffer.from(data), Buffer.from(wanted), `${from} to ${to} by filter ${filter}`);
  }
});

for (const { name, dims, at, settings } of cases)
  test(`prepared as transformers does it, number for number: ${name}`, () => {
    const bytes = readFileSync(`${folder}/prepared.f32`);
    const count = dims.reduce((product, dim) => product * dim, 1);
    const wanted = new Float32Array(
      bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + 4 * count),
    );
    const values = prepared(lighthouse, readRecipe(JSON.stringify(settings)));
    assert.equal(values.length, count);
    const wrong = values.findIndex((value, i) => value !== wanted[i]);
    assert.equal(wrong, -1, `${values[wrong]} is not ${wanted[wrong]} at ${wrong}`);
  });

test('an image of one colour keeps it in any size, by any filter', () => {
  const side = fc.integer({ min: 1, max: 40 });
  const byte = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(
      side,
      side,
      side,
      side,
      byte,
      fc.integer({ min: 0, max: 5 }),
      (w, h, width, height, tone, filter) => {
        const data = new Uint8Array(3 * w * h).fill(tone);
        const made = resampled({ width: w, height: h, data }, width, height, filter);
        assert.ok(made.data.length === 3 * width * height && made.data.every((one) => one === tone));
      },
    ),
  );
});

test('settings that make no sense are one sentence', () => {
  for (const settings of [
    '[]',
    '{',
    '{"size": -1}',
    '{"size": {"longest_edge": 9}}',
    '{"size": 1e9}',
    '{"resample": 9}',
    '{"image_mean": [1]}',
    '{"image_std": [0, 1, 1]}',
    '{"do_center_crop": true}',
    '{"do_image_splitting": true}',
  ])
    assert.throws(
      () => readRecipe(settings),
      { name: 'EngineError', message: /^[^.]*(\.json)?[^.]*\.$/ },
      settings,
    );
});

test('any settings are read or refused, and never anything else', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      try {
        readRecipe(text);
      } catch (error) {
        assert.equal((error as Error).name, 'EngineError');
      }
    }),
    { numRuns: 1000 },
  );
  const keys = [
    'size',
    'crop_size',
    'resample',
    'image_mean',
    'image_std',
    'do_center_crop',
    'rescale_factor',
  ];
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...keys), fc.jsonValue()), (settings) => {
      try {
        readRecipe(JSON.stringify(settings));
      } catch (error) {
        assert.equal((error as Error).name, 'EngineError');
      }
    }),
    { numRuns: 1000 },
  );
});

test('a file says its kind and size before it is decoded; a part of one says it too, or nothing', () => {
  const kinds = { png: 'png', jpg: 'jpeg', 'progressive.jpg': 'jpeg', gif: 'gif', bmp: 'bmp', webp: 'webp' };
  const more = { 'lossless.webp': 'webp', 'extended.webp': 'webp' };
  for (const [name, kind] of Object.entries({ ...kinds, ...more })) {
    const bytes = new Uint8Array(readFileSync(`${folder}/tiny.${name}`));
    const header = { type: `image/${kind}`, width: 7, height: 5 };
    assert.deepEqual(headerOf(bytes), header, name);
    for (let length = 0; length < bytes.length; length++) {
      const found = headerOf(bytes.slice(0, length));
      if (found) assert.deepEqual(found, header);
    }
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => (headerOf(bytes), true)));
});

test('arrows stay among the tokens, and lead back where they came from', () => {
  const count = fc.integer({ min: 1, max: 9 });
  const some = fc.integer({ min: 0, max: 5 });
  fc.assert(
    fc.property(count, count, some, some, fc.nat(), (rows, columns, first, after, any) => {
      const grid = { rows, columns, first };
      const tokens = first + rows * columns + after;
      const token = any % tokens;
      for (const arrow of [
        [-1, 0],
        [1, 0],
        [0, -1],
        [0, 1],
      ] as const) {
        const next = stepFrom(grid, token, arrow, tokens);
        assert.ok(next >= 0 && next < tokens);
        const [from, to] = [patchAt(grid, token), patchAt(grid, next)];
        if (from && to && next !== token) {
          assert.deepEqual([to.column - from.column, to.row - from.row], [...arrow]);
          assert.equal(stepFrom(grid, next, [-arrow[0], -arrow[1]], tokens), token);
        }
      }
    }),
  );
});
