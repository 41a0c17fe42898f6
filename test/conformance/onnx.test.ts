/** What holds of any model that is rewritten, whatever its weights; the golden values are in cases.test.ts. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as ort from 'onnxruntime-web/wasm';
import { findMasks, planModel, readModel, rewrite } from '../../webview/onnx';
import type { Case } from './case';
import { type Feeds, feed } from './feeds';
import { backwards, everywhere, forwards, open, type Opened, type Pairs, probe } from './opened';
import { assertRows, cut, worst } from './tensors';
import { variedCases } from './varied';

for (const golden of await variedCases()) describe(golden.name, () => holds(golden));

function holds(golden: Case) {
  const { causal } = golden;
  const feeds = feed(golden.inputs);
  const toggled = causal ? { open: forwards } : { allow: backwards };
  let opened: Opened;
  before(async () => {
    opened = await open(golden.model);
  });
  after(() => opened?.close());

  test('its heads and its causal mask are known', () => {
    for (const { heads } of opened.plan.sites) assert.ok(heads === null || heads === golden.heads);
    assert.equal(opened.masks.causal, causal ? 'patched' : 'none');
    assert.deepEqual(opened.plan.notes, []);
  });

  test('exactly what the mask and the padding leave open weighs anything', async () => {
    openOnly((await opened.run(feeds)).maps, feeds, causal ? backwards : everywhere);
    openOnly((await opened.run(feeds, toggled)).maps, feeds, causal ? everywhere : backwards);
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
    for (let layer = 1; layer < causalMaps.length; layer++)
      assert.ok(worst(data(causalMaps[layer]), cut(floats(fullMaps[layer]))) > 1e-3);
  });

  test('opened and closed at once: the causal mask again', async () => {
    const both = (await opened.run(feeds, { open: everywhere, allow: backwards })).maps;
    const one = (await opened.run(feeds, causal ? {} : toggled)).maps;
    both.forEach((map, i) => assert.ok(worst(data(map), data(one[i])) < 1e-6));
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
}

const data = (map: ort.Tensor) => map.data as Float32Array;
const floats = (map: ort.Tensor) => ({ dims: map.dims, data: data(map) });

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
