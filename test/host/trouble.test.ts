/** Bad input, bad moments and reloads: one clear sentence each, and nothing lost. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { sentences } from '../../src/sentences';
import {
  changeSettings,
  closeTab,
  folderWith,
  hasNews,
  takeNews,
  type Look,
  PanelView,
  selectAll,
  showAttention,
  until,
} from './panel';
import { openWorkbench, type Workbench } from './workbench';

const good = 'The cat sat on the mat because it was tired';
const lines = Array.from({ length: 20 }, (_, i) => `line ${i + 1} of twenty`);
/** As many tokens as the model reads: a run that takes long enough for something to happen meanwhile. */
const long = Array.from({ length: 300 }, (_, i) => `value_${i} = compute(${i}, previous)\n`).join('');
const paragraph = 'Twenty megabytes of text, of which the model reads no more than it can hold.\n';
const twenty = paragraph.repeat(Math.ceil(20e6 / paragraph.length));

let folder: string;
let workbench: Workbench;
let panel: PanelView;

before(async () => {
  folder = await folderWith({
    'blank.txt': 'some words\n    \n\t\n',
    'empty.txt': '',
    'binary.dat': Uint8Array.from({ length: 4096 }, (_, i) => (i * 31) % 256),
    'lines.txt': `${lines.join('\n')}\n`,
    'long.txt': long,
    'twenty.txt': twenty,
    'huge.txt': paragraph.repeat(Math.ceil(55e6 / paragraph.length)),
  });
  const settings = { 'workbench.editorLargeFileConfirmation': 1000, 'editor.wordWrap': 'on' };
  workbench = await openWorkbench({ folder, settings });
  panel = new PanelView(workbench);
});
after(async () => {
  await workbench?.close();
  await rm(folder, { recursive: true, force: true });
});

/** The keybinding: at once, where the palette would take a moment. */
async function showByKey(): Promise<void> {
  await workbench.page.keyboard.press('Control+k');
  await workbench.page.keyboard.press('h');
}

async function showGood(): Promise<Look> {
  await workbench.toDocuments();
  await workbench.openFile('sentences.txt');
  await workbench.select(good);
  return panel.show(good);
}

/** The command is answered by this one sentence; the picture that was there stays. */
async function isRefused(sentence: string): Promise<void> {
  const before = (await panel.look())!;
  await workbench.command(showAttention);
  let said: string[] = [];
  await until(`it is said: ${sentence}`, async () => (said = await news()).length > 0);
  assert.deepEqual(said, [sentence]);
  const after = (await panel.look())!;
  assert.deepEqual(pick(after), { ...pick(before), busy: false, alert: '' });
}
/** What was said, less what VS Code itself says of a large file. */
async function news(): Promise<string[]> {
  if (!(await hasNews(workbench))) return [];
  const all = await takeNews(workbench);
  return all.filter((line) => !/^\w+\.txt: tokenization/.test(line));
}

const pick = ({ text, status, busy, alert }: Look) => ({ text, status, busy, alert });

/** Begins a long run. */
async function showLong(): Promise<void> {
  await workbench.toDocuments();
  await workbench.openTab('long.txt');
  await workbench.page.locator('.editor-instance .monaco-editor.focused').waitFor();
  await selectAll(workbench);
  await showByKey();
  await panel.comes('it runs', ({ busy }) => busy);
}

const isLong = ({ busy, text }: Look) => !busy && text !== '' && text !== good && long.startsWith(text);

test('only white space, an empty file, a binary file, a file too large to hand over', async (t) => {
  await showGood();
  await t.test('only white space is selected', async () => {
    await workbench.openFile('blank.txt');
    await workbench.select('    \n\t');
    await isRefused(sentences.blankSelection);
  });
  await t.test('an empty file', async () => {
    await workbench.openTab('empty.txt');
    await isRefused(sentences.empty);
  });
  await t.test('a binary file', async () => {
    await workbench.openTab('binary.dat');
    await isRefused(sentences.notText);
  });
  await t.test('more than 50 MB, which VS Code keeps from extensions', async () => {
    await workbench.openTab('huge.txt');
    await workbench.page.locator('.editor-instance .monaco-editor.focused').waitFor();
    await isRefused(sentences.notText);
    await closeTab(workbench, 'huge.txt');
  });
});

test('20 MB: the first context-full is read, and the status says so', async () => {
  await workbench.openTab('twenty.txt');
  await workbench.page.locator('.editor-instance .monaco-editor.focused').waitFor();
  await selectAll(workbench);
  await workbench.command(showAttention);
  const look = await panel.comes('the start of it', ({ busy, text }) => !busy && text.startsWith(paragraph));
  assert.ok(twenty.startsWith(look.text));
  const said = /(\d+) tokens \(the first (\d+) of (\d+) characters\)/.exec(look.status);
  assert.ok(said, look.status);
  assert.deepEqual(said.slice(1).map(Number), [look.tokens.length, look.text.length, twenty.length]);
  await closeTab(workbench, 'twenty.txt');
});

test('of twenty requests in a moment the newest wins', async () => {
  const { page } = workbench;
  await workbench.openFile('lines.txt');
  await page.keyboard.press('Control+Home');
  for (let i = 0; i < lines.length; i++) {
    if (i > 0) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+End');
    await showByKey();
  }
  await panel.shows(lines.at(-1)!);
  assert.equal(await page.locator('.tab[aria-label^="Headlight"]').count(), 1);
  assert.deepEqual(await news(), []);
});

test('a document edited while it is read', async () => {
  await showLong();
  await workbench.page.keyboard.press('Control+Home');
  await workbench.page.keyboard.type('x');
  assert.equal((await panel.look())!.busy, true, 'the edit came while it ran');
  const { alert } = await panel.comes('the text before the edit', isLong);
  assert.equal(alert, 'The text has changed since this picture was made.');
  await workbench.page.keyboard.press('Backspace');
  await until('the file is saved', async () => (await workbench.page.locator('.tab.dirty').count()) === 0);
});

test('a document closed while it is read; "Show again" opens it again', async () => {
  await showGood();
  await showLong();
  await closeTab(workbench, 'long.txt');
  assert.equal((await panel.look())!.busy, true, 'it was closed while it ran');
  const { alert, text } = await panel.comes('the text of the document', isLong);
  assert.equal(alert, 'The document of this picture has been closed.');
  await panel.frame.getByRole('button', { name: 'Show again' }).click();
  const again = await panel.comes('the same once more', (look) => isLong(look) && look.alert === '');
  assert.equal(again.text, text);
});

test('the panel closed while it runs; the next request opens it again', async () => {
  await showLong();
  await closeTab(workbench, 'Headlight');
  assert.deepEqual(await news(), []);
  await showGood();
});

test('a reload brings the panel back as it was', async () => {
  await showGood();
  await panel.cell(1, 2).click();
  await panel.mask.click();
  const isSo = ({ busy, head, status, text }: Look) =>
    !busy && head === '1.2' && /bidirectional/.test(status) && text === good;
  await panel.comes('the other mask', isSo);
  await workbench.reload();
  const look = await panel.comes('the same text, head and mask', isSo);
  assert.equal(look.causal, false);
  assert.equal(look.alert, '');
  assert.equal(await workbench.page.locator('.tab[aria-label^="Headlight"]').count(), 1);

  // What was restored lives: the caret points, and the mask turns.
  await workbench.caret('tired');
  await panel.comes('the caret points', ({ tokens }) => tokens.some(({ told }) => told));
  await panel.mask.click();
  await panel.comes('the causal mask', ({ busy, status }) => !busy && / causal /.test(status));
});

test('a reload while it runs', async () => {
  await showLong();
  await workbench.reload();
  await panel.comes('the text that was to be read', isLong);
  await showGood();
});

test('WebGPU wanted where there is none: the sentence, and WASM when it is chosen', async () => {
  await changeSettings(workbench, { 'headlight.device': 'webgpu' });
  const failed = await panel.comes('a sentence', ({ alert }) => alert !== '');
  assert.equal(failed.alert, 'This editor has no WebGPU; set "headlight.device" to "auto" or "wasm".');
  assert.equal(failed.busy, false);
  assert.equal(failed.text, good, 'the picture stays');
  await changeSettings(workbench, { 'headlight.device': 'wasm' });
  const { status } = await panel.comes('it runs again', ({ busy, alert }) => !busy && alert === '');
  assert.match(status, /WASM/);
});

test('no editor open: samples are offered, and the one chosen is opened and shown', async () => {
  const { page } = workbench;
  await workbench.command('View: Close All Editors');
  await until('no tab is left', async () => (await page.locator('.tab').count()) === 0);
  await workbench.command(showAttention);
  const choices = page.locator('.quick-input-list .monaco-list-row');
  await page.locator(`.quick-input-widget input[placeholder="${sentences.samples}"]`).waitFor();
  assert.ok((await choices.count()) >= 5);
  await choices.filter({ hasText: 'as a pair' }).click();
  const [first, second] = ['Where did the cat sleep?', 'The cat was tired, so it slept on the mat.'];
  // Both, without the line break between them.
  await panel.shows(first + second);
  const typed = panel.frame.getByRole('textbox', { name: 'Second text' });
  assert.equal(await typed.inputValue(), second);
  assert.equal(await page.locator('.editor-group-container').count(), 2);
  assert.equal(await page.locator('.tab[data-resource-name^="Untitled"]').count(), 1);
  assert.deepEqual(await news(), []);
});
