/** The model that ships, as it ships: what onnxruntime-web computes against what PyTorch computed when it was made. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import * as ort from 'onnxruntime-web/wasm';
import type { Feeds } from './feeds';
import { backwards, everywhere, forwards, open, type Opened } from './opened';
import { assertRows, cut, readFloats, worst } from './tensors';

const MODEL = 'media/models/headlight-small/onnx/model.onnx';
const GOLDEN = 'test/golden';

interface Golden {
  readonly text: string;
  readonly ids: readonly number[];
  readonly layers: number;
  readonly heads: number;
  readonly files: Record<'causal' | 'bidirectional', { attention: string; logits?: string }>;
}

const texts = (existsSync(GOLDEN) ? readdirSync(GOLDEN) : []).filter((name) => name.endsWith('.json')).sort();

describe('the bundled model', { skip: existsSync(MODEL) && texts.length ? false : 'it is not there' }, () => {
  let bytes: Uint8Array;
  let opened: Opened;
  before(async () => {
    bytes = new Uint8Array(readFileSync(MODEL));
    opened = await open(bytes);
  });
  after(() => opened?.close());

  test('every layer is found, and its causal mask', () => {
    const { layers } = readGolden(texts[0]);
    assert.deepEqual(
      opened.plan.sites.map(({ layer, kind }) => [layer, kind]),
      Array.from({ length: layers }, (_, layer) => [layer, 'self']),
    );
    assert.equal(opened.masks.causal, 'patched');
    assert.deepEqual(opened.plan.notes, []);
  });

  test('it is rewritten without a copy of its weights', () => {
    assert.equal(opened.rewritten.external[0].data, bytes);
    assert.ok(opened.rewritten.bytes.length < 200_000, `${opened.rewritten.bytes.length} bytes`);
  });

  test('nothing closed and nothing opened: the logits of the untouched file', async () => {
    const feeds = feed(readGolden(texts[0]).ids);
    const session = await ort.InferenceSession.create(bytes);
    const expected = (await session.run(feeds)).logits.data as Float32Array;
    await session.release();
    const { logits } = await opened.run(feeds);
    assert.ok(worst(logits.data as Float32Array, expected) <= 1e-6 * Math.max(...expected.map(Math.abs)));
  });

  for (const name of texts)
    test(`${name}: golden attention under both masks`, async () => {
      const golden = readGolden(name);
      const causal = await compare(golden, 'causal');
      const full = await compare(golden, 'bidirectional');
      assert.ok(worst(causal[0].data, cut(full[0])) < 1e-5);
      for (let layer = 1; layer < golden.layers && golden.ids.length > 2; layer++)
        assert.ok(worst(causal[layer].data, cut(full[layer])) > 1e-4, `layer ${layer} must differ`);
    });

  async function compare({ ids, files, layers, heads }: Golden, mask: 'causal' | 'bidirectional') {
    const { maps, logits } = await opened.run(feed(ids), mask === 'causal' ? {} : { open: forwards });
    const expected = readFloats(GOLDEN, files[mask].attention);
    const size = heads * ids.length ** 2;
    const found = maps.map(({ dims, data }) => ({ dims, data: data as Float32Array }));
    assert.equal(found.length, layers);
    found.forEach((map, layer) => {
      assert.deepEqual([...map.dims], [1, heads, ids.length, ids.length]);
      const error = worst(map.data, expected.subarray(layer * size, (layer + 1) * size));
      assert.ok(error <= 1e-4, `layer ${layer} is off by ${error}`);
      assertRows(map, mask === 'causal' ? backwards : everywhere);
    });
    const { logits: file } = files[mask];
    if (file) assert.ok(worst(logits.data as Float32Array, readFloats(GOLDEN, file)) <= 1e-3);
    return found;
  }
});

function readGolden(name: string): Golden {
  return JSON.parse(readFileSync(join(GOLDEN, name), 'utf8'));
}

function feed(ids: readonly number[]): Feeds {
  const tensor = (value: (i: number) => number) =>
    new ort.Tensor(
      'int64',
      BigInt64Array.from(ids, (_, i) => BigInt(value(i))),
      [1, ids.length],
    );
  return {
    input_ids: tensor((i) => ids[i]),
    attention_mask: tensor(() => 1),
    position_ids: tensor((i) => i),
  };
}
