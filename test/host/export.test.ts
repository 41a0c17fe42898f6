/** "Export Attention": files that hold what PyTorch says, and nothing where an export does not come to its end. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Mask } from '../../webview/core/attention';
import { golden } from '../page/golden';
import { readSafetensors } from '../safetensors';
import { folderWith, PanelView, selectAll, takeNews, until } from './panel';
import { openWorkbench, type Workbench } from './workbench';

const tolerance = 1e-4;
const python = golden('python');

let folder: string;
let workbench: Workbench;
let panel: PanelView;

before(async () => {
  folder = await folderWith({ 'golden.py': python.text });
  workbench = await openWorkbench({ folder });
  panel = new PanelView(workbench);
  await workbench.openFile('golden.py');
  await selectAll(workbench);
  await panel.show(python.text);
});
after(async () => {
  await workbench?.close();
  await rm(folder, { recursive: true, force: true });
});

const files = () => readdir(folder);

/** Picks a row of a quick pick by its label. */
async function pick(label: string): Promise<void> {
  await workbench.page
    .locator('.quick-input-list .monaco-list-row')
    .filter({ hasText: label })
    .first()
    .click();
}

/** Answers the save dialog with a name in the folder, or takes the name that it suggests. @returns the suggestion */
async function saveAs(name?: string): Promise<string> {
  const field = workbench.page.locator('.quick-input-widget input[type=text]');
  const suggested = await until('the dialog suggests a name', async () => {
    const value = await field.inputValue();
    return value.startsWith(folder) && value;
  });
  if (name) await field.fill(join(folder, name));
  await field.press('Enter');
  return suggested;
}

/** Waits until VS Code says that the file was written. */
async function written(name: string): Promise<Buffer> {
  await until(`${name} is there`, async () => (await files()).includes(name));
  const news = await takeNews(workbench);
  assert.ok(
    news.some((line) => line.startsWith(`${name} was written, `)),
    news.join(' | '),
  );
  assert.deepEqual(
    (await files()).filter((one) => one.endsWith('.part')),
    [],
  );
  return readFile(join(folder, name));
}

interface Named {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly special: boolean;
}

/** Every weight of every head, and what the tokens are. */
async function equalsGolden(mask: Mask, values: Float32Array, tokens: readonly Named[]): Promise<void> {
  const { layers, heads, n } = python;
  assert.equal(values.length, layers * heads * n * n);
  let worst = 0;
  for (let layer = 0, at = 0; layer < layers; layer++)
    for (let head = 0; head < heads; head++)
      for (let query = 0; query < n; query++)
        for (const weight of python.row(mask, layer, head, query))
          worst = Math.max(worst, Math.abs(values[at++] - weight));
  assert.ok(worst < tolerance, `${mask}: off by ${worst}`);
  const shown = (await panel.look())!.tokens;
  assert.deepEqual(
    tokens.map(({ text, start, end, special }) => ({ text, start, end, special })),
    shown.map(({ text, start, end }) => ({ text, start, end, special: start === end })),
  );
}

async function isSafetensors(mask: Mask, file: Buffer): Promise<void> {
  const { metadata, tensors, begin } = readSafetensors(file);
  assert.equal(begin % 8, 0);
  assert.deepEqual([...tensors.keys()], ['attention']);
  const { shape, values } = tensors.get('attention')!;
  assert.deepEqual(shape, [python.layers, python.heads, python.n, python.n]);
  await equalsGolden(mask, values, JSON.parse(metadata['tokens']!) as Named[]);
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  assert.equal(metadata['model'], 'headlight-small');
  assert.equal(metadata['mask'], mask);
  assert.equal(metadata['headlight'], version);
  assert.equal(metadata['revision'], `headlight ${version}`);
  assert.equal(metadata['text_sha256'], createHash('sha256').update(python.text).digest('hex'));
}

test('safetensors, under the name that is suggested: every weight as PyTorch has it', async () => {
  await workbench.command('Headlight: Export Attention');
  await pick('Attention as .safetensors');
  assert.equal(await saveAs(), join(folder, 'golden.attention.safetensors'));
  await isSafetensors('causal', await written('golden.attention.safetensors'));
});

test('the other mask, and a name of one’s own', async () => {
  await panel.mask.click();
  await panel.comes('the other mask', ({ busy, status }) => !busy && /bidirectional/.test(status));
  await workbench.command('Headlight: Export Attention');
  await pick('Attention as .safetensors');
  await saveAs('other.safetensors');
  await isSafetensors('bidirectional', await written('other.safetensors'));
});

test('JSON', async () => {
  await workbench.command('Headlight: Export Attention');
  await pick('Attention as .json');
  await saveAs('attention.json');
  const { metadata, attention } = JSON.parse((await written('attention.json')).toString()) as {
    metadata: { mask: Mask; tokens: Named[] };
    attention: number[][][][];
  };
  assert.equal(metadata.mask, 'bidirectional');
  await equalsGolden('bidirectional', Float32Array.from(attention.flat(3)), metadata.tokens);
});

test('the ending that is typed decides the format', async () => {
  await workbench.command('Headlight: Export Attention');
  await pick('Attention as .safetensors');
  await saveAs('typed.json');
  assert.equal((await written('typed.json')).subarray(0, 12).toString(), '{"metadata":');
});
