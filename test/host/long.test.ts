/** A whole file of 4,000 tokens: what is said of it, its numbers against PyTorch, another head, and a run cancelled. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { longGolden } from '../page/longgolden';
import { folderWith, PanelView, selectAll } from './panel';
import { openWorkbench, type Workbench } from './workbench';

const tolerance = 1e-4;
/** Seconds that a run may take on a machine that does much else. */
const patience = 240;

const { text, tokens, rows } = longGolden();
let folder: string;
let workbench: Workbench;
let panel: PanelView;

before(async () => {
  folder = await folderWith({ 'long.txt': text });
  workbench = await openWorkbench({ folder });
  panel = new PanelView(workbench);
});
after(async () => {
  await workbench?.close();
  await rm(folder, { recursive: true, force: true });
});

test('the whole file is read, and it is said that the model was trained on less', async () => {
  await workbench.openFile('long.txt');
  await selectAll(workbench);
  await workbench.command('Headlight: Show Attention');
  const look = await panel.shows(text, patience);
  assert.equal(look.tokens.length, tokens);
  assert.match(look.status, / 4000 tokens \(trained on 1024 at once\) +causal +WASM, \d+ ms$/);
});

test('rows of heads, far beyond what the model was trained on, are those of PyTorch', async () => {
  const { ms } = { ms: /(\d+) ms$/.exec((await panel.look())!.status)![1] };
  for (const { layer, head, query, weights } of rows) {
    await panel.cell(layer, head).click();
    await panel.comes(`head ${layer}.${head}`, (look) => look.head === `${layer}.${head}` && !look.busy);
    const told = await panel.pointAt(query);
    told.forEach((weight, key) =>
      assert.ok(
        Math.abs(weight - weights[key]!) <= tolerance,
        `${layer}.${head}, ${query} to ${key}: ${weight}`,
      ),
    );
  }
  assert.ok((await panel.look())!.status.endsWith(`${ms} ms`), 'no head took another run');
});

test('a run under the other mask is told of with an estimate, and can be cancelled', async () => {
  await panel.moveAway();
  await panel.mask.click();
  const cancel = panel.frame.getByRole('button', { name: 'Cancel' });
  await cancel.waitFor();
  await panel.frame
    .locator('.notice .stage')
    .filter({ hasText: /about [\d.]+ s/ })
    .waitFor();
  await cancel.click();
  const look = await panel.comes('the picture stands', ({ busy }) => !busy);
  assert.deepEqual([look.tokens.length, look.causal], [tokens, true]);
  assert.ok(look.status.includes('causal'), look.status);
});
