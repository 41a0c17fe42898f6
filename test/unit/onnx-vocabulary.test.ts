import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readModel, vocabularySize } from '../../webview/onnx';

const FIXTURES = 'test/fixtures/onnx';
const read = (path: string) => readModel(new Uint8Array(readFileSync(path)));

test('the rows of the table that ids are looked up in', () => {
  const bundled = 'media/models/headlight-small';
  const { vocab_size } = JSON.parse(readFileSync(`${bundled}/config.json`, 'utf8'));
  const model = read(`${bundled}/onnx/model.onnx`);
  assert.equal(vocabularySize(model, 'input_ids'), vocab_size);
  assert.equal(vocabularySize(model, 'nothing'), null);
});

test('every case knows at least the ids it is fed', () => {
  let seen = 0;
  for (const name of readdirSync(FIXTURES)) {
    const file = `${FIXTURES}/${name}/case.json`;
    if (!existsSync(file)) continue;
    const { inputs } = JSON.parse(readFileSync(file, 'utf8')) as {
      inputs?: Record<string, { data: number[] }>;
    };
    const ids = inputs?.input_ids;
    const size = ids && vocabularySize(read(`${FIXTURES}/${name}/model.onnx`), 'input_ids');
    if (!ids || !size) continue;
    assert.ok(size > Math.max(...ids.data), `${name}: ${size}`);
    seen++;
  }
  assert.ok(seen > 5, `${seen} cases`);
});
