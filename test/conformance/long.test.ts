/** The bundled model far beyond the length that it was trained on: rows of its heads against PyTorch (training/long.py). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as ort from 'onnxruntime-web/wasm';
import { countCells, headOffset } from '../../webview/core/attention';
import { fedOf } from '../../webview/engine/engine';
import { openModel } from '../../webview/engine/model';
import { longGolden } from '../page/longgolden';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';
// What the build sets for each worker.
Object.assign(globalThis, { HEADLIGHT_WEBGPU: false });

const FOLDER = 'media/models/headlight-small';

test('4,000 tokens: heads computed alone are PyTorch’s, and squares hold their largest weights', async () => {
  const file = (name: string) => readFileSync(`${FOLDER}/${name}`, 'utf8');
  const model = await openModel({
    config: file('config.json'),
    tokenizer: file('tokenizer.json'),
    tokenizerConfig: file('tokenizer_config.json'),
    preprocessor: '{}',
    graph: new Uint8Array(readFileSync(`${FOLDER}/onnx/model.onnx`)),
    weights: [],
    decoder: null,
  });
  assert.deepEqual([model.info.context, model.info.unstretched], [4096, 1024]);
  const { text, tokens, rows } = longGolden();
  const fed = fedOf(model.read(text).tokens);
  assert.equal(fed.ids.length, tokens);
  const [attention] = (await model.run(fed, 'causal')).attentions;
  const { overview, weightsOf } = attention;
  assert.equal(overview.cell, 8);
  const across = countCells(overview).keys;
  for (const { layer, head, query, weights } of rows) {
    const found = await weightsOf({ layer, head });
    assert.equal(found.length, tokens ** 2);
    const row = found.subarray(query * tokens, (query + 1) * tokens);
    const error = weights.reduce((most, weight, key) => Math.max(most, Math.abs(weight - row[key])), 0);
    assert.ok(error < 1e-4, `${layer}.${head}, query ${query}: off by ${error}`);
    // The cells of the query's row are at least as large as what it gives.
    const down = Math.floor(query / overview.cell);
    const from = headOffset(overview, { layer, head }) + down * across;
    for (let column = 0; column < across; column++) {
      let most = 0;
      for (let at = 0; at < overview.cell ** 2; at++) {
        const [q, k] = [down * overview.cell + (at >> 3), column * overview.cell + (at & 7)];
        if (q < tokens && k < tokens) most = Math.max(most, found[q * tokens + k]);
      }
      assert.ok(Math.abs(overview.bytes[from + column] - 255 * most) < 0.55, `cell ${down}, ${column}`);
    }
  }
  await model.release();
});
