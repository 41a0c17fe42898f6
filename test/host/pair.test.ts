/** Two selections read as a pair by a model with token types, opened from a folder: places, paint, numbers, a reload. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../../scripts/npm.mjs';
import { exported, idsOf, isGolden } from './exported';
import { painted } from './paint';
import { folderWith, type Look, PanelView, showAttention, until } from './panel';
import { openModel } from './tiny';
import { openWorkbench, type Workbench } from './workbench';

const fixture = join(root, 'test/fixtures/models/tiny-bert');
const golden = JSON.parse(readFileSync(`${fixture}.json`, 'utf8')) as {
  a: string;
  b: string;
  ids: number[];
  types: number[];
};
/** Where sentence B stands in the document. */
const second = golden.a.length + 1;

let folder: string;
let workbench: Workbench;
let panel: PanelView;

before(async () => {
  folder = await folderWith({ 'pair.txt': `${golden.a}\n${golden.b}\n` });
  await cp(fixture, join(folder, 'bert'), { recursive: true });
  workbench = await openWorkbench({ folder });
  panel = new PanelView(workbench);
});
after(async () => {
  await workbench?.close();
  await rm(folder, { recursive: true, force: true });
});

const isPair = ({ busy, status }: Look) =>
  !busy && status.startsWith('bert · 2 layers × 3 heads') && status.includes('12 tokens (6 of A, 3 of B)');

/** Both lines of the document, by a caret in each. */
async function selectBoth({ page, command }: Workbench): Promise<void> {
  await page.locator('.editor-group-container').first().locator('.tab.active').click();
  await page.locator('.editor-instance .monaco-editor.focused').waitFor();
  await page.keyboard.press('Control+Home');
  await page.getByText('Ln 1, Col 1', { exact: true }).waitFor();
  await command('Add Cursor Below');
  await page.getByText(/^2 selections/).waitFor();
  await page.keyboard.press('Shift+End');
  await page.getByText(`2 selections (${golden.a.length + golden.b.length} characters selected)`).waitFor();
}

test('two selections: sentence A and B of one document, read back through Export Attention', async () => {
  await workbench.openFile('pair.txt');
  await workbench.select(golden.a);
  await panel.show(golden.a);
  await openModel(workbench, 'bert');
  await panel.comes('one text', ({ busy, status }) => !busy && status.startsWith('bert'));
  await selectBoth(workbench);
  await workbench.command(showAttention);
  const look = await panel.comes('the pair', isPair);
  assert.equal(look.causal, false);
  assert.equal(look.tokens[8]!.start, second);
  assert.equal(look.tokens[10]!.end, second + golden.b.length);
  const read = await exported(workbench);
  assert.deepEqual(idsOf(read), golden.ids);
  const about = JSON.parse(read.metadata['tokens']!) as { type: number; segment: string | null }[];
  assert.deepEqual(
    about.map(({ type }) => type),
    golden.types,
  );
  assert.equal(about.map(({ segment }) => segment ?? '-').join(''), '-AAAAAA-BBB-');
  assert.equal(read.metadata['second_text'], 'selected');
  await isGolden(read, `${fixture}.bidirectional.f32`);

  await panel.mask.click();
  await panel.comes('the causal mask', (look) => isPair(look) && / causal/.test(look.status));
  await isGolden(await exported(workbench), `${fixture}.causal.f32`);
  await panel.mask.click();
  await panel.comes('both directions', (look) => isPair(look) && / bidir/.test(look.status));
});

test('a token of B is painted over A and B in the document, and the caret in B points at it', async () => {
  await panel.pointAt(9);
  await until('both lines are painted', async () => {
    const lines = new Set((await painted(workbench)).map(({ line }) => line));
    return lines.has(0) && lines.has(1);
  });
  await panel.moveAway();
  await workbench.caret(golden.b);
  await panel.comes('the first token of B', ({ tokens }) => tokens[8]?.told === true);
});

test('after a reload both are back', async () => {
  await workbench.reload();
  const look = await panel.comes('the pair again', isPair);
  assert.equal(look.tokens[8]!.start, second);
});

test('an edit between them makes the picture stale, and "Show again" reads both where they are now', async () => {
  const { page } = workbench;
  await workbench.select(golden.b);
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await panel.comes('it is told', ({ alert }) => alert !== '');
  await panel.frame.getByRole('button', { name: 'Show again' }).click();
  const look = await panel.comes(
    'both, one further on',
    (look) => isPair(look) && look.alert === '' && look.tokens[8]!.start === second + 1,
  );
  assert.equal(look.tokens[1]!.start, 0);
});
