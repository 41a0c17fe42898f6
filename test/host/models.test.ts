/** Models of one's own: opened from a folder and from the explorer, switched between, refused, and back after a reload. */
import assert from 'node:assert/strict';
import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sentences } from '../../src/sentences';
import { folderWith, hasNews, type Look, PanelView, takeNews, until } from './panel';
import { choose, equalsGolden, fixture, golden, openModel, pick, rows } from './tiny';
import { openWorkbench, type Workbench } from './workbench';

let folder: string;
let workbench: Workbench;
let panel: PanelView;

before(async () => {
  folder = await folderWith({ 'secret.json': '{}' });
  const tiny = join(folder, 'tiny');
  await cp(fixture, tiny, { recursive: true });
  const copy = async (name: string) => {
    await cp(tiny, join(folder, name), { recursive: true });
    return join(folder, name);
  };
  await rm(join(await copy('leaves'), 'tokenizer.json'));
  await symlink('../secret.json', join(folder, 'leaves', 'tokenizer.json'));
  await rm(join(await copy('mute'), 'tokenizer.json'));
  await mkdir(join(folder, 'empty'));
  await writeFile(join(await copy('damaged'), 'onnx', 'model_fp16.onnx'), '<!doctype html>');
  workbench = await openWorkbench({ folder });
  panel = new PanelView(workbench);
});
after(async () => {
  await workbench?.close();
  await rm(folder, { recursive: true, force: true });
});

const isTiny = ({ busy, status }: Look) => !busy && status.startsWith('tiny · 2 layers × 3 heads');

/** "Open Model..." is answered by this one sentence; the picture that was there stays. */
async function isRefused(name: string, sentence: string): Promise<void> {
  const { text, status } = (await panel.look())!;
  await openModel(workbench, name);
  await until(`it is said: ${sentence}`, () => hasNews(workbench));
  assert.deepEqual(await takeNews(workbench), [sentence]);
  const after = (await panel.look())!;
  assert.deepEqual([after.text, after.status, after.busy], [text, status, false]);
}

test('a folder: its variants with their sizes, the numbers under both masks', async () => {
  await workbench.openFile('sentences.txt');
  await workbench.select(golden.text);
  await panel.show(golden.text);
  await openModel(workbench, 'tiny');
  await rows(workbench).filter({ hasText: 'onnx/model_fp16.onnx' }).waitFor();
  assert.deepEqual(
    (await rows(workbench).allInnerTexts()).map((text) => text.trim()),
    ['onnx/model.onnx175 KB', 'onnx/model_fp16.onnx130 KB'],
  );
  await pick(workbench, 'onnx/model.onnx');
  const look = await panel.comes('the other model', isTiny);
  assert.equal(look.text, golden.text);
  assert.equal(look.tokens.length, golden.ids.length);
  await equalsGolden(panel, 'causal');
  await panel.mask.click();
  const other = await panel.comes('the other mask', (look) => isTiny(look) && / bidir/.test(look.status));
  assert.match(other.status, /bidirectional \(not trained under this mask\)/);
  await equalsGolden(panel, 'bidirectional');
  await panel.mask.click();
  await panel.comes('the causal mask', (look) => isTiny(look) && / causal/.test(look.status));
});

test('from the explorer: the variant that was clicked', async () => {
  const { page } = workbench;
  await workbench.command('View: Show Explorer');
  for (const name of ['tiny', 'onnx', 'model_fp16.onnx']) {
    const row = page.locator(`.explorer-folders-view .monaco-list-row[aria-label^="${name}"]`).first();
    await row.waitFor();
    if (!name.endsWith('.onnx')) await row.click();
    else await row.click({ button: 'right' });
  }
  const item = page.locator('.context-view .action-label', { hasText: 'Open Model...' });
  // A menu that has only just opened lets a first click pass.
  await until('the menu is answered', async () => {
    await item.click({ timeout: 2000 }).catch(() => {});
    return !(await page.locator('.context-view-block').isVisible());
  });
  const look = await panel.comes('the half', ({ busy, status }) => !busy && status.startsWith('tiny (fp16)'));
  assert.equal(look.text, golden.text);
});

test('a snapshot in a cache of the hub that is not Headlight’s: named by its model, and listed as a folder', async () => {
  const snapshot = join('models--owner--mine', 'snapshots', 'a'.repeat(40));
  await cp(join(folder, 'tiny'), join(folder, snapshot), { recursive: true });
  await openModel(workbench, snapshot);
  await pick(workbench, 'onnx/model.onnx');
  await panel.comes('the snapshot', ({ busy, status }) => !busy && status.startsWith('owner/mine · '));
  await workbench.command('Headlight: Manage Models...');
  const row = rows(workbench).filter({ hasText: 'owner/mine' });
  await row.waitFor();
  assert.match((await row.textContent())!, /models--owner--mine/);
  await workbench.page.keyboard.press('Escape');
  await row.waitFor({ state: 'hidden' });
});

test('the box "Model" goes back and forth, and the next text is read by what it shows', async () => {
  await choose(panel, 'headlight-small');
  await panel.comes(
    'the model that ships',
    ({ busy, status }) => !busy && status.startsWith('headlight-small'),
  );
  await choose(panel, 'tiny');
  await panel.comes('the folder again', isTiny);
  await workbench.toDocuments();
  await workbench.select('The cat sat');
  await panel.show('The cat sat');
  await panel.comes('by the same model', isTiny);
});

test('after a reload the last model is back', async () => {
  await workbench.reload();
  const look = await panel.comes('the same model and text', isTiny);
  assert.equal(look.text, 'The cat sat');
});

test('what is no model is refused in one sentence, and nothing is lost', async (t) => {
  await t.test('an empty folder', () => isRefused('empty', sentences.noGraph('empty')));
  await t.test('no tokenizer', () => isRefused('mute', sentences.noTokenizer('mute')));
  await t.test('a link that leaves the folder', () =>
    isRefused('leaves', sentences.linkLeaves('tokenizer.json')),
  );
  await t.test('a graph that is something else', async () => {
    await openModel(workbench, 'damaged');
    await pick(workbench, 'onnx/model_fp16.onnx');
    const { alert, text } = await panel.comes('a sentence', ({ alert }) => alert !== '');
    assert.match(alert, /\.$/);
    assert.equal(text, 'The cat sat', 'the picture stays');
    await choose(panel, 'tiny');
    await panel.comes('the folder again', (look) => isTiny(look) && look.alert === '');
  });
});

test('an untitled text that is gone after a reload is said to be; a model that is chosen then shows what there is', async () => {
  const { page } = workbench;
  await workbench.toDocuments();
  await workbench.command('File: New Untitled Text File');
  await page.locator('.editor-instance .monaco-editor.focused').waitFor();
  await page.keyboard.type('The dog ran');
  await workbench.command('Headlight: Show Attention');
  await panel.comes('the untitled text', (look) => isTiny(look) && look.text === 'The dog ran');
  await workbench.toDocuments();
  await workbench.command('View: Revert and Close Editor');
  await panel.comes('that it is closed', ({ alert }) => alert !== '');
  await workbench.reload();
  await panel.frame.getByRole('button', { name: 'Show Attention' }).waitFor();
  await until('it is said', () => hasNews(workbench));
  assert.deepEqual([...new Set(await takeNews(workbench))], [sentences.gone]);
  const box = panel.frame.getByRole('combobox', { name: 'Model' });
  await until(
    'the box shows the model that runs next',
    async () => (await box.textContent())!.trim() === 'tiny',
  );

  await workbench.openFile('sentences.txt');
  await workbench.select(golden.text);
  await choose(panel, 'headlight-small');
  await panel.comes(
    'the text, by the model that was chosen',
    ({ busy, status, text }) => !busy && status.startsWith('headlight-small') && text === golden.text,
  );
});
