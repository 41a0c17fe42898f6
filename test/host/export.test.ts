/** "Export Attention": files that hold what PyTorch says, and nothing where an export does not come to its end. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sentences } from '../../src/sentences';
import type { Mask } from '../../webview/core/attention';
import { golden } from '../page/golden';
import { readSafetensors } from '../safetensors';
import { closeTab, folderWith, hasNews, PanelView, saveAs, selectAll, takeNews, until } from './panel';
import { fromMenu, pick } from './tiny';
import { openWorkbench, type Workbench } from './workbench';

const tolerance = 1e-4;
const python = golden('python');
const long = Array.from({ length: 90 }, (_, i) => `value_${i} = compute(${i}, previous)\n`).join('');

let folder: string;
let workbench: Workbench;
let panel: PanelView;

before(async () => {
  folder = await folderWith({ 'golden.py': python.text, 'long.py': long });
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

test('a row is copied, by the menu of the panel', async () => {
  const weights = await panel.pointAt(9);
  await panel.option(9).click({ button: 'right' });
  await fromMenu(workbench, 'Copy Row As...');
  await pick(workbench, 'TSV');
  const text = await until('it is on the clipboard', async () => {
    const copied = await workbench.page.evaluate(() => navigator.clipboard.readText());
    return copied.startsWith('index\t') && copied;
  });
  const rows = text.trimEnd().split('\n').slice(1);
  assert.equal(rows.length, weights.length);
  rows.forEach((row, i) => assert.ok(Math.abs(Number(row.split('\t')[4]) - weights[i]!) < 1e-6));
  await panel.moveAway();
});

test('the button "More actions" opens the same menu', async () => {
  await panel.frame.getByRole('button', { name: 'More actions' }).click();
  const items = workbench.page.getByRole('menuitem');
  await items.filter({ hasText: 'Export Figure...' }).waitFor();
  const names = (await items.allInnerTexts()).filter(Boolean);
  assert.deepEqual(names, ['Copy Row As...', 'Export Attention...', 'Export Figure...']);
  await workbench.page.keyboard.press('Escape');
});

test('a figure, found by typing what is wanted', async () => {
  await workbench.command('Headlight: Export Figure');
  await workbench.page.locator('.quick-input-widget input[type=text]').fill('all heads as svg');
  await pick(workbench, 'full width, 175 mm, dark');
  assert.equal(await saveAs(workbench), join(folder, 'golden.heads.svg'));
  const svg = (await written('golden.heads.svg')).toString();
  assert.match(svg, /<svg [^>]*width="175mm"/);
  assert.equal([...svg.matchAll(/<image /g)].length, 41);
});

test('safetensors, under the name that is suggested: every weight as PyTorch has it', async () => {
  await workbench.command('Headlight: Export Attention');
  await pick(workbench, 'Attention as .safetensors');
  assert.equal(await saveAs(workbench), join(folder, 'golden.attention.safetensors'));
  await isSafetensors('causal', await written('golden.attention.safetensors'));
});

test('the other mask, and a name of one’s own', async () => {
  await panel.mask.click();
  await panel.comes('the other mask', ({ busy, status }) => !busy && /bidirectional/.test(status));
  await workbench.command('Headlight: Export Attention');
  await pick(workbench, 'Attention as .safetensors');
  await saveAs(workbench, 'other.safetensors');
  await isSafetensors('bidirectional', await written('other.safetensors'));
});

test('JSON', async () => {
  await workbench.command('Headlight: Export Attention');
  await pick(workbench, 'Attention as .json');
  await saveAs(workbench, 'attention.json');
  const { metadata, attention } = JSON.parse((await written('attention.json')).toString()) as {
    metadata: { mask: Mask; tokens: Named[] };
    attention: number[][][][];
  };
  assert.equal(metadata.mask, 'bidirectional');
  await equalsGolden('bidirectional', Float32Array.from(attention.flat(3)), metadata.tokens);
});

test('the ending that is typed decides the format', async () => {
  await workbench.command('Headlight: Export Attention');
  await pick(workbench, 'Attention as .safetensors');
  await saveAs(workbench, 'typed.json');
  assert.equal((await written('typed.json')).subarray(0, 12).toString(), '{"metadata":');
});

/** About a thousand tokens: an export that takes long enough for something to happen meanwhile. */
const isLong = ({ busy, text }: { busy: boolean; text: string }) =>
  !busy && text !== '' && text !== python.text && long.startsWith(text);

/** Begins to write all of that as JSON. */
async function beginLong(): Promise<void> {
  await workbench.command('Headlight: Export Attention');
  await pick(workbench, 'Attention as .json');
  await saveAs(workbench, 'long.json');
  await until('it is being written', async () => {
    const name = (await files()).find((one) => one.endsWith('.part'));
    return name && (await stat(join(folder, name))).size > 0;
  });
}

/** Nothing of it is left, under no name; and this was said. */
async function isGone(sentence: string): Promise<void> {
  await until(
    'nothing is left',
    async () => !(await files()).some((name) => /\.part$|^long\.json$/.test(name)),
  );
  let said: string[] = [];
  await until(`it is said: ${sentence}`, async () => {
    said = (await hasNews(workbench)) ? await takeNews(workbench) : [];
    return said.includes(sentence);
  });
}

test('a long export, cancelled', async () => {
  await workbench.toDocuments();
  await workbench.openFile('long.py');
  await selectAll(workbench);
  await workbench.command('Headlight: Show Attention');
  await panel.comes('the long text', isLong);
  await beginLong();
  await workbench.page.locator('[id="status.notifications"] a').click();
  await workbench.page
    .locator('.notifications-center.visible')
    .getByRole('button', { name: 'Cancel' })
    .click();
  await isGone(sentences.exportCancelled);
});

test('a long export, and meanwhile the document is edited and another text is shown', async () => {
  await workbench.command('Headlight: Export Attention');
  await pick(workbench, 'Attention as .safetensors');
  await saveAs(workbench, 'long.safetensors');
  await workbench.toDocuments();
  await workbench.openFile('golden.py');
  await selectAll(workbench);
  await workbench.command('Headlight: Show Attention');
  await panel.shows(python.text);
  const { tensors, metadata } = readSafetensors(await written('long.safetensors'));
  const { shape, values } = tensors.get('attention')!;
  const { length: n } = JSON.parse(metadata['tokens']!) as Named[];
  assert.ok(n > 700, `${n} tokens`);
  assert.deepEqual(shape, [5, 8, n, n]);
  for (let row = 0; row < 40 * n; row += 997) {
    const sum = values.subarray(row * n, (row + 1) * n).reduce((total, weight) => total + weight, 0);
    assert.ok(Math.abs(sum - 1) < 1e-4, `row ${row} sums to ${sum}`);
  }
});

test('a long export, and the panel is closed', async () => {
  await workbench.toDocuments();
  await workbench.openFile('long.py');
  await selectAll(workbench);
  await workbench.command('Headlight: Show Attention');
  await panel.comes('the long text', isLong);
  await beginLong();
  await closeTab(workbench, 'Headlight');
  await isGone(sentences.noPanel);
});
