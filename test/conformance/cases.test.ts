/** Every committed case, as `npm run conformance` runs it: what PyTorch says against what the rewritten graph says. */
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { test } from 'node:test';
import { checkCase } from './check';
import { casesIn, onDisk } from './disk';

const folders = casesIn('test/fixtures/onnx');

for (const folder of folders)
  test(basename(folder), async () => {
    const result = await checkCase(onDisk(folder));
    assert.ok(result.outcome === 'ok', result.outcome === 'ok' ? '' : result.why);
  });
