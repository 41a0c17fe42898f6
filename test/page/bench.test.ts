/** The bench works: every part that needs no more than a browser gives its rows, which say what they should. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bench } from '../bench/bench';

test('a smoke run at one short length', async () => {
  const options = { sizes: [64], repeats: 1, hovers: 4, idle: 0, editor: false, native: false };
  const said: string[] = [];
  const { rows, skipped } = await bench(options, (what) => said.push(what));
  assert.equal(said.length, 5);
  assert.ok(skipped.some((line) => line.startsWith('in a real VS Code: ')));
  for (const one of rows) {
    assert.deepEqual(Object.keys(one), ['name', 'n', 'value', 'unit', 'floor', 'target', 'pass']);
    assert.ok(Number.isFinite(one.value) && one.value >= 0, `${one.name}: ${one.value}`);
    assert.equal(one.pass, one.target === null ? null : one.value <= one.target);
  }
  const value = (name: string) => rows.find((one) => one.name === name)?.value;
  assert.equal(value('bytes leaving the worker for the grid'), 144 * 64 * 64);
  assert.equal(value('runs of the model for that, 12 x 12'), 0);
  assert.equal(value('runs of the model for that, bundled model'), 0);
  for (const name of [
    'grid 12x12 drawn from a buffer',
    'hover, event to end of frame, p95',
    'page without the worker',
    'run of the bundled model, one thread',
  ])
    assert.ok(value(name)! > 0, name);
});
