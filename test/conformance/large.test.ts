/** The check of large models, at a small size: that it works. What it measures is for a quiet machine. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/npm.mjs';

test('it makes a model, rewrites every layer, and tells times and memory', () => {
  const script = join(root, 'scripts/conformance.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--large', '--width', '96'], {
    cwd: root,
    encoding: 'utf8',
  });
  // 1 says that a limit was passed, as it may be where the session takes no time to speak of.
  assert.ok(status === 0 || status === 1, stderr);
  for (const where of ['in one file', 'with weights in a second file'])
    assert.match(stdout, new RegExp(`^7 MB ${where}; onnxruntime alone: \\d+ ms, \\d+ MB at most$`, 'm'));
  const told =
    /^reading and rewriting 12 layers: \d+ ms, [\d.]+ % of that; then \d+ ms, \d+ MB at most, [\d.]+ times$/gm;
  assert.equal(stdout.match(told)?.length, 2, stdout);
});
