/** The scripts of training/, in their order, on a tiny text, in a folder of their own. Skipped where Python lacks what they need. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const python = process.env.HEADLIGHT_PYTHON ?? 'python3';
const needs = ['torch', 'transformers', 'onnx', 'onnxruntime', 'tokenizers'];
const can = spawnSync(python, ['-c', `import ${needs.join(', ')}`], { stdio: 'ignore' }).status === 0;
const skip = !can && `${python} cannot import all of ${needs.join(', ')}; see training/requirements.txt`;

const folder = mkdtempSync(join(tmpdir(), 'headlight-training-'));
const [data, runs, model, golden] = ['data', 'runs', 'model', 'golden'].map((name) => join(folder, name));
after(() => rmSync(folder, { recursive: true, force: true }));

function run(script: string, ...args: string[]): void {
  const options = { cwd: 'training', encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(python, [script, '--smoke', ...args], options);
  assert.equal(status, 0, `${script} failed:\n${stdout.slice(-2000)}\n${stderr.slice(-4000)}`);
}

test('prepare.py makes a tokenizer and ids', { skip }, () => {
  run('prepare.py', '--out', data);
  assert.ok(existsSync(join(data, 'tokenizer.json')));
});

test('train.py takes some steps', { skip }, () => {
  run('train.py', '--data', data, '--runs', runs);
  assert.ok(existsSync(join(runs, 'main.pt')));
});

test('export.py writes a model folder and golden values', { skip }, () => {
  run('export.py', '--data', data, '--runs', runs, '--model', model, '--golden', golden);
  const { hidden_size, attention_masks_trained } = JSON.parse(readFileSync(join(model, 'config.json'), 'utf8'));
  assert.equal(hidden_size, 256);
  assert.deepEqual(attention_masks_trained, ['causal', 'bidirectional']);
  assert.ok(existsSync(join(model, 'onnx', 'model.onnx')));
  assert.ok(existsSync(join(golden, 'cat.causal.attention.f32')));
});
