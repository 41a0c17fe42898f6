/** What a site shows beside its probabilities fits together: each is what the others are made of. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as ort from 'onnxruntime-web/wasm';
import { type Request, rewrite, type Rewrite } from '../../webview/onnx';
import { type Feeds, feed } from './feeds';
import { everywhere, load, nowhere, open, type Opened, pairs } from './opened';
import { worst } from './tensors';
import { variedCases } from './varied';

for (const golden of await variedCases())
  describe(golden.name, () => {
    const feeds = feed(golden.inputs);
    const [batch, length] = Object.values(feeds)[0].dims;
    let opened: Opened;
    before(async () => {
      opened = await open(golden.model);
    });
    after(() => opened?.close());

    test('queries, keys, scores, probabilities, values and heads fit together', async () => {
      const what = ['q', 'k', 'v', 'scores', 'probabilities', 'head_output', 'hidden'] as const;
      const shown = await run({ tensors: what.map((one) => ({ what: one })) });
      for (let layer = 0; layer < golden.layers; layer++) {
        const [q, k, v, scores, probabilities, output, hidden] = what.map((one) => shown.tensor(one, layer));
        const width = q.dims[3];
        assert.deepEqual(q.dims, [batch, golden.heads, length, width]);
        assert.deepEqual([k.dims, v.dims, output.dims], [q.dims, q.dims, q.dims]);
        assert.deepEqual(hidden.dims.slice(0, 2), [batch, length]);
        close(softmax(scores), probabilities.data, 'softmax of the scores');
        // Where nothing masks, the score is the product over the root of the width.
        const raw = product(q, k, true);
        scores.data.forEach((score, i) => {
          if (score > -1e3) near(score, raw.data[i] / Math.sqrt(width), 1e-4);
        });
        close(product(probabilities, v, false).data, output.data, 'probabilities times values');
      }
      const [first, second] = [shown.tensor('hidden', 0), shown.tensor('hidden', 1)];
      assert.ok(worst(first.data, second.data) > 1e-3);
    });

    test('a closed pair is in the scores', async () => {
      const own = (query: number, key: number) => query === key;
      const { tensor } = await run({ tensors: [{ what: 'scores' }] }, { allow: own });
      const { data } = tensor('scores', 0);
      data.forEach((score, i) => {
        if (Math.floor(i / length) % length !== i % length) assert.ok(score < -1e30);
        // What the first sequence says of itself is neither closed nor padding.
        else if (i < golden.heads * length ** 2) assert.ok(score > -1e30);
      });
    });

    test('a gate of 0 silences one head, and of 1 changes nothing', async () => {
      const request: Request = { tensors: [{ what: 'head_output', layers: [0] }], logits: true, gates: true };
      const plain = await run({ logits: true, tensors: [] });
      const ones = await run(request);
      close(ones.logits, plain.logits, 'logits under gates of 1', 1e-4);
      const silent = await run(request, { gate: [0, 1] });
      const [before, after] = [ones.tensor('head_output', 0), silent.tensor('head_output', 0)];
      const size = before.dims[2] * before.dims[3];
      after.data.forEach((value, i) => {
        const head = Math.floor(i / size) % golden.heads;
        assert.equal(value, head === 1 ? 0 : before.data[i]);
      });
      assert.ok(worst(silent.logits, plain.logits) > 1e-3);
    });

    test('a scale of 1 changes nothing, of 0 leaves what the mask leaves', async () => {
      const request: Request = { tensors: [{ what: 'probabilities' }], scales: true };
      const [plain, ones, none] = [await run({}), await run(request), await run(request, { scale: [1, 0] })];
      for (const layer of [0, 1])
        close(ones.tensor('probabilities', layer).data, plain.tensor('probabilities', layer).data, 'scale 1');
      const open = plain.tensor('probabilities', 1).data;
      const even = none.tensor('probabilities', 1).data;
      for (let row = 0; row < even.length; row += length) {
        const count = open.subarray(row, row + length).filter((weight) => weight > 0).length;
        for (let key = 0; key < length && !golden.inputs.attention_mask; key++)
          near(even[row + key], open[row + key] > 0 ? 1 / count : 0, 1e-5);
      }
    });

    for (const cell of [1, 2, 4, 16])
      test(`thumbnails: the largest of ${cell} x ${cell}`, async () => {
        const what = ['probabilities', 'thumbnails'] as const;
        const shown = await run({ tensors: what.map((one) => ({ what: one })), logits: true }, { cell });
        const [map, small] = what.map((one) => shown.tensor(one, 1));
        const side = Math.ceil(length / cell);
        assert.deepEqual(small.dims, [batch, golden.heads, side, side]);
        small.data.forEach((byte, i) => {
          const [row, column, matrix] = [Math.floor(i / side) % side, i % side, Math.floor(i / side / side)];
          let most = 0;
          for (let query = row * cell; query < Math.min(length, (row + 1) * cell); query++)
            for (let key = column * cell; key < Math.min(length, (column + 1) * cell); key++)
              most = Math.max(most, map.data[(matrix * length + query) * length + key]);
          near(byte, 255 * most, 0.51);
        });
        const plain = await run({ logits: true, tensors: [] });
        close(shown.logits, plain.logits, 'logits beside thumbnails', 1e-4);
      });

    test('only what was asked for is there', () => {
      const { model, plan, masks } = opened;
      const small = rewrite(model, plan, masks, { tensors: [{ what: 'q', layers: [0] }], masks: false });
      const large = rewrite(model, plan, masks);
      assert.deepEqual(small.outputs.map(({ what, layer }) => [what, layer]), [['q', 0]]); // prettier-ignore
      assert.ok(small.bytes.length < large.bytes.length);
      assert.deepEqual(
        [small.maskInputs, small.gateInputs, small.scaleInputs, small.missing],
        [[], [], [], []],
      );
    });

    interface Setting {
      allow?: typeof everywhere;
      /** [layer, head] whose gate is 0. */
      gate?: [number, number];
      /** [layer, scale] */
      scale?: [number, number];
      cell?: number;
    }

    async function run(request: Request, setting: Setting = {}) {
      const { model, plan, masks } = opened;
      const changed: Rewrite = rewrite(model, plan, masks, request);
      const all: Feeds = Object.fromEntries(changed.inputs.map((name) => [name, feeds[name]]));
      for (const { allow, open } of changed.maskInputs) {
        if (allow !== null) all[allow] = pairs(length, setting.allow ?? everywhere);
        if (open !== null) all[open] = pairs(length, nowhere);
      }
      for (const { name, layer } of changed.gateInputs) {
        const gates = new Float32Array(golden.heads).fill(1);
        if (setting.gate?.[0] === layer) gates[setting.gate[1]] = 0;
        all[name] = new ort.Tensor('float32', gates, [golden.heads]);
      }
      for (const { name, layer } of changed.scaleInputs) {
        const value = setting.scale?.[0] === layer ? setting.scale[1] : 1;
        all[name] = new ort.Tensor('float32', Float32Array.of(value), [1]);
      }
      if (changed.cellInput)
        all[changed.cellInput] = new ort.Tensor('int64', BigInt64Array.of(BigInt(setting.cell!)), [1]);
      const session = await load(changed);
      const results = await session.run(all);
      await session.release();
      return {
        tensor(what: string, layer: number): Floats {
          const { name } = changed.outputs.find((one) => one.what === what && one.layer === layer)!;
          return { dims: [...results[name].dims], data: results[name].data as Float32Array };
        },
        get logits(): Float32Array {
          return results[changed.logits!].data as Float32Array;
        },
      };
    }
  });

interface Floats {
  dims: number[];
  data: Float32Array;
}

/** a b or a bᵀ over the last two axes. */
function product(a: Floats, b: Floats, transposed: boolean): Floats {
  const [rows, inner] = a.dims.slice(-2);
  const columns = transposed ? b.dims.at(-2)! : b.dims.at(-1)!;
  const count = a.data.length / (rows * inner);
  const data = new Float32Array(count * rows * columns);
  for (let m = 0; m < count; m++)
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let d = 0; d < inner; d++) {
          const other = transposed ? (m * columns + j) * inner + d : (m * inner + d) * columns + j;
          sum += a.data[(m * rows + i) * inner + d] * b.data[other];
        }
        data[(m * rows + i) * columns + j] = sum;
      }
  return { dims: [...a.dims.slice(0, -1), columns], data };
}

function softmax({ dims, data }: Floats): Float32Array {
  const out = new Float32Array(data.length);
  const length = dims.at(-1)!;
  for (let row = 0; row < data.length; row += length) {
    const scores = data.subarray(row, row + length);
    const most = scores.reduce((a, b) => Math.max(a, b), -Infinity);
    const raised = scores.map((score) => Math.exp(score - most));
    const sum = raised.reduce((a, b) => a + b, 0);
    raised.forEach((value, i) => (out[row + i] = value / sum));
  }
  return out;
}

function close(found: Float32Array, expected: Float32Array, what: string, most = 1e-5): void {
  const error = worst(found, expected);
  assert.ok(error < most, `${what} off by ${error}`);
}

function near(found: number, expected: number, most: number): void {
  assert.ok(
    Math.abs(found - expected) < most * Math.max(1, Math.abs(expected)),
    `${found} should be ${expected}`,
  );
}
