/** A model that reads images: from the editor, the explorer and a dialog; its numbers, its export, and an image that goes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { copyFile, cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../../scripts/npm.mjs';
import { sentences } from '../../src/sentences';
import { exported, isGolden } from './exported';
import { folderWith, hasNews, type Look, PanelView, showAttention, takeNews, until } from './panel';
import { openModel } from './tiny';
import { openWorkbench, type Workbench } from './workbench';

const fixture = join(root, 'test/fixtures/models/tiny-vit');
const picture = join(root, 'test/fixtures/pixels/lighthouse.png');
const [layers, heads, n] = [2, 3, 49];
const text = 'The cat sat on the mat because it was tired';

let folder: string;
let workbench: Workbench;
let panel: PanelView;

before(async () => {
  folder = await folderWith({ 'source.txt': text });
  await cp(fixture, join(folder, 'vit'), { recursive: true });
  await copyFile(picture, join(folder, 'lighthouse.png'));
  workbench = await openWorkbench({ folder });
  panel = new PanelView(workbench);
});
after(async () => {
  await workbench?.close();
  await rm(folder, { recursive: true, force: true });
});

function golden(mask: 'causal' | 'bidirectional'): Float32Array {
  return new Float32Array(new Uint8Array(readFileSync(`${fixture}.${mask}.f32`)).buffer);
}

const isVit = ({ busy, status, tokens, head }: Look) =>
  !busy &&
  head !== '' &&
  status.startsWith('vit · 2 layers × 3 heads   6 × 8 patches') &&
  tokens.length === n;

async function equalsGolden(mask: 'causal' | 'bidirectional'): Promise<void> {
  const all = golden(mask);
  for (const [layer, head, token] of [
    [0, 1, 30],
    [1, 2, 11],
  ] as const) {
    await panel.cell(layer, head).click();
    await panel.comes(`head ${layer}.${head}`, (look) => look.head === `${layer}.${head}`);
    const told = await panel.pointAt(token);
    const start = ((layer * heads + head) * n + token) * n;
    told.forEach((weight, key) =>
      assert.ok(Math.abs(weight - all[start + key]!) <= 1e-4, `${mask} ${layer}.${head} ${token} ${key}`),
    );
    await panel.moveAway();
  }
}

test('the image in the editor is shown when such a model is opened: PyTorch’s numbers under both masks', async () => {
  await workbench.openTab('lighthouse.png');
  await openModel(workbench, 'vit');
  const look = await panel.comes('the image', isVit);
  assert.match(look.status, /bidirectional {3}WASM/);
  assert.equal(look.tokens[30]!.text, 'row 3 column 5');
  await equalsGolden('bidirectional');
  await panel.mask.click();
  await panel.comes(
    'the causal mask',
    (look) => isVit(look) && look.status.includes('not trained under this'),
  );
  await equalsGolden('causal');
});

test('read back through Export Attention', async () => {
  const read = await exported(workbench, 'lighthouse.attention.safetensors');
  assert.deepEqual(read.tensors.get('attention')!.shape, [layers, heads, n, n]);
  await isGolden(read, `${fixture}.causal.f32`);
  const { row, column } = (JSON.parse(read.metadata['tokens']!) as { row: number; column: number }[])[30]!;
  assert.deepEqual([row, column], [3, 5]);
  await takeNews(workbench);
});

test('following the selection leaves an image alone; a text is refused with a way to an image', async () => {
  await workbench.command('Headlight: Toggle Follow Selection');
  await panel.frame.locator('[role=switch][aria-checked=true]', { hasText: 'Follow selection' }).waitFor();
  await workbench.toDocuments();
  await workbench.openFile('source.txt');
  await workbench.select(text);
  // Longer than a selection has to hold still to be followed.
  await workbench.page.waitForTimeout(1200);
  await workbench.command('Headlight: Toggle Follow Selection');
  await panel.frame.locator('[role=switch][aria-checked=false]', { hasText: 'Follow selection' }).waitFor();
  assert.ok(isVit((await panel.look())!));
  assert.equal((await panel.look())!.alert, '');
  await workbench.command(showAttention);
  const { alert, tokens } = await panel.comes('a sentence', ({ alert }) => alert !== '');
  assert.equal(alert, 'This model reads images, not text: choose an image, or another model.');
  assert.equal(tokens.length, n, 'the picture stays');
  await panel.frame.locator('.notice vscode-button', { hasText: 'Choose an image…' }).click();
  const field = workbench.page.locator('.quick-input-widget input[type=text]');
  await until('the dialog names the folder', async () => (await field.inputValue()).startsWith(folder));
  await field.fill(join(folder, 'lighthouse.png'));
  await field.press('Enter');
  await panel.comes('the image again', (look) => isVit(look) && look.alert === '');
});

test('from the explorer, and back after a reload', async () => {
  const { page } = workbench;
  await workbench.toDocuments();
  await workbench.select(text);
  await workbench.command(showAttention);
  await panel.comes('a sentence', ({ alert }) => alert !== '');
  await workbench.command('View: Show Explorer');
  const row = page.locator('.explorer-folders-view .monaco-list-row[aria-label^="lighthouse.png"]').first();
  await row.click({ button: 'right' });
  const item = page.locator('.context-view .action-label', { hasText: 'Show Attention' });
  await until('the menu is answered', async () => {
    await item.click({ timeout: 2000 }).catch(() => {});
    return !(await page.locator('.context-view-block').isVisible());
  });
  await panel.comes('the image', (look) => isVit(look) && look.alert === '');
  await workbench.reload();
  await panel.comes('the same after a reload', isVit);
});

test('an image that is gone is said to be', async () => {
  await rm(join(folder, 'lighthouse.png'));
  await panel.comes('the news', ({ alert }) => alert === 'The file of this image is gone.');
  await panel.frame.locator('.notice vscode-button', { hasText: 'Show again' }).click();
  await until('it is said why', () => hasNews(workbench));
  assert.deepEqual(await takeNews(workbench), [sentences.imageGone('lighthouse.png')]);
  assert.ok(isVit((await panel.look())!), 'the picture stays');
});
