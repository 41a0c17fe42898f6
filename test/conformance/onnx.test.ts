/** The attention of real exports, brought out by onnxruntime-web, against what PyTorch says it is. */
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { after, before, describe, test } from 'node:test';
import * as ort from 'onnxruntime-web/wasm';
import { findMasks, planModel, readModel, rewrite } from '../../webview/onnx';
import { type Case, casesIn, readCase } from './case';
import { assertRows, cut, worst } from './tensors';
import {
  backwards,
  everywhere,
  type Feeds,
  feed,
  forwards,
  open,
  type Opened,
  type Pairs,
  probe,
} from './opened';

for (const folder of casesIn('test/fixtures/onnx')) {
  const golden = readCase(folder);
  if (golden.kind === 'none') nothingToFind(golden);
  else conforms(golden);
}

function nothingToFind({ name, model }: Case) {
  test(`${basename(name)}: no attention, and it says so`, () => {
    const plan = planModel(readModel(model));
    assert.deepEqual(plan.sites, []);
    assert.deepEqual(plan.probes, []);
    assert.match(plan.notes.join(), /no attention: of its 3 softmaxes none lies between two products/);
  });
}

function conforms(golden: Case) {
  describe(basename(golden.name), () => {
    const { attention, causal } = golden;
    const feeds = feed(golden.inputs);
    const toggled = causal ? { open: forwards } : { allow: backwards };
    let opened: Opened;
    before(async () => {
      opened = await open(golden.model);
    });
    after(() => opened?.close());

    test('finds one site a layer, and its causal mask', () => {
      assert.deepEqual(
        opened.plan.sites.map(({ kind, layer }) => `${kind} ${layer}`),
        attention.map(({ kind, layer }) => `${kind} ${layer}`),
      );
      for (const { heads } of opened.plan.sites) assert.ok(heads === null || heads === golden.heads);
      assert.equal(opened.masks.causal, causal ? 'patched' : 'none');
      assert.deepEqual(opened.plan.notes, []);
    });

    test('its own mask: golden attention and logits', async () => {
      const { maps, logits } = await opened.run(feeds);
      compareMaps(golden, maps, 'golden.f32');
      compareLogits(golden, logits, 'logits.f32');
      openOnly(maps, feeds, causal ? backwards : everywhere);
    });

    test('the other mask: golden attention and logits', async () => {
      const { maps, logits } = await opened.run(feeds, toggled);
      compareMaps(golden, maps, 'golden_toggled.f32');
      compareLogits(golden, logits, 'logits_toggled.f32');
      openOnly(maps, feeds, causal ? everywhere : backwards);
    });

    test('nothing closed and nothing opened: the logits of the untouched file', async () => {
      const session = await ort.InferenceSession.create(golden.model);
      const before = (await session.run(feeds))[golden.logits!.output].data as Float32Array;
      await session.release();
      const { logits } = await opened.run(feeds);
      const scale = Math.max(...before.map(Math.abs));
      assert.ok(worst(logits.data as Float32Array, before) <= 1e-6 * scale);
    });

    test('layer 0: the causal row is the full row, cut and renormalised; deeper layers differ', async () => {
      const causalMaps = (await opened.run(feeds, causal ? {} : toggled)).maps;
      const fullMaps = (await opened.run(feeds, causal ? toggled : {})).maps;
      assert.ok(worst(data(causalMaps[0]), cut(floats(fullMaps[0]))) < 1e-5);
      for (let layer = 1; layer < golden.layers; layer++)
        assert.ok(worst(data(causalMaps[layer]), cut(floats(fullMaps[layer]))) > 1e-3);
    });

    test('opened and closed at once: the causal mask again', async () => {
      const { maps } = await opened.run(feeds, { open: everywhere, allow: backwards });
      compareMaps(golden, maps, causal ? 'golden.f32' : 'golden_toggled.f32');
    });

    test('any mask: closed pairs weigh exactly 0, rows sum to 1', async () => {
      const allow: Pairs = (query, key) => query === key || (query * 7 + key * 5) % 3 === 0;
      const { maps } = await opened.run(feeds, { open: everywhere, allow });
      openOnly(maps, feeds, allow);
    });

    test('plan and masks survive JSON', async () => {
      const model = readModel(golden.model);
      const plan = JSON.parse(JSON.stringify(opened.plan));
      const masks = JSON.parse(JSON.stringify(findMasks(model, plan, await probe(model, plan))));
      assert.deepEqual(masks, opened.masks);
      assert.deepEqual(rewrite(model, plan, masks, { logits: true }).bytes, opened.rewritten.bytes);
    });

    test('large weights stay where they are', () => {
      const { model, rewritten } = opened;
      assert.deepEqual(rewritten.external.length, 1);
      assert.equal(rewritten.external[0].data, golden.model);
      let large = 0;
      for (const { raw } of model.graph.initializers.values())
        if (raw && raw.to - raw.from >= 1024) large += raw.to - raw.from;
      assert.ok(large > 0);
      assert.ok(rewritten.bytes.length < golden.model.length - large + 4096);
    });

    test('the original is not written to, and the same bytes come out twice', () => {
      const copy = golden.model.slice();
      const model = readModel(golden.model);
      const again = rewrite(model, planModel(model), opened.masks, { logits: true });
      assert.deepEqual(again.bytes, opened.rewritten.bytes);
      assert.deepEqual(golden.model, copy);
    });

    test('without logits the head of the model is gone', () => {
      const { model, plan, masks, rewritten } = opened;
      const bare = rewrite(model, plan, masks);
      assert.equal(bare.logits, null);
      const nodes = (bytes: Uint8Array) => readModel(bytes).graph.nodes;
      assert.ok(nodes(bare.bytes).length < nodes(rewritten.bytes).length - 5);
      // The last thing computed is the last layer's weights; its values and all that follows are not.
      const made = new Set(nodes(bare.bytes).flatMap((node) => node.outputs));
      assert.ok(made.has(plan.sites.at(-1)!.name) && !made.has(golden.logits!.output));
    });
  });
}

const data = (map: ort.Tensor) => map.data as Float32Array;
const floats = (map: ort.Tensor) => ({ dims: map.dims, data: data(map) });

function compareMaps({ attention, tolerance, golden }: Case, maps: ort.Tensor[], file: string) {
  const expected = golden(file);
  attention.forEach(({ layer, shape, offset }, i) => {
    assert.deepEqual([...maps[i].dims], shape);
    const size = shape.reduce((product, dim) => product * dim, 1);
    const error = worst(data(maps[i]), expected.subarray(offset, offset + size));
    assert.ok(error <= tolerance, `layer ${layer} is off by ${error}`);
  });
}

function compareLogits({ logits, golden }: Case, found: ort.Tensor, file: string) {
  assert.deepEqual([...found.dims], logits!.shape);
  const error = worst(found.data as Float32Array, golden(file));
  assert.ok(error <= logits!.tolerance, `the logits are off by ${error}`);
}

/** Nothing but what the mask and the padding leave open weighs anything. */
function openOnly(maps: ort.Tensor[], feeds: Feeds, allowed: Pairs) {
  const padding = feeds.attention_mask?.data as BigInt64Array | undefined;
  for (const map of maps) {
    const keys = map.dims[3];
    const isToken = (key: number, batch: number) =>
      padding === undefined || padding[batch * keys + key] === 1n;
    assertRows(floats(map), (query, key, batch) => isToken(key, batch) && allowed(query, key));
  }
}
