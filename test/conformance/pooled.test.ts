/** Thumbnails of all layers do not cost all maps: the values of a layer wait for its thumbnail (expose.ts). */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { bundle } from '../../scripts/bundle.mjs';

test('no layer keeps its map for a thumbnail that nothing waits for', async () => {
  const [script] = await bundle(['test/conformance/pooled.ts'], { level: 'pooled' });
  const [plain, ordered, appended] = ['plain', 'ordered', 'appended'].map((how) =>
    JSON.parse(execFileSync(process.execPath, [script, how], { encoding: 'utf8' })),
  );
  assert.equal(ordered.layers, 48);
  assert.equal(ordered.sum, appended.sum);
  // Megabytes: of all maps 432; seen were 57 to 84, 131 to 139 and 468 to 488.
  const told = JSON.stringify({ plain, ordered, appended });
  assert.ok(appended.run - plain.run > 0.7 * appended.maps, told);
  assert.ok(appended.run - ordered.run > appended.maps / 2, told);
});
