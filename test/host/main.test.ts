/** "Show Attention" from end to end: text of three kinds, the contract, the numbers, heads and masks. */
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Request } from 'playwright-core';
import { root } from '../../scripts/npm.mjs';
import type { Mask } from '../../webview/core/attention';
import { golden } from '../page/golden';
import { assertTiles, folderWith, hasNews, PanelView, selectAll, until } from './panel';
import { openWorkbench, type Workbench } from './workbench';

const tolerance = 1e-4;
const statusLine =
  /^headlight-small · 5 layers × 8 heads +\d+ tokens +(causal|bidirectional) +WASM, \d+ ms( for the last \d+)?$/;

let folder: string;
let outgoing: string;
let workbench: Workbench;
let panel: PanelView;
/** All that the browser asked for since the first "Show Attention". */
const requests: Request[] = [];

before(async () => {
  folder = await folderWith({ 'golden.py': golden('python').text });
  outgoing = `${folder}-outgoing.txt`;
  workbench = await openWorkbench({
    folder,
    preload: join(root, 'test/host/outgoing.cjs'),
    env: { HEADLIGHT_TEST_OUTGOING: outgoing },
  });
  panel = new PanelView(workbench);
});
after(async () => {
  await workbench?.close();
  for (const path of [folder, outgoing]) await rm(path, { recursive: true, force: true });
});

const sample = (name: string) => readFile(join(folder, name), 'utf8');

/** The one panel stands in a group of its own, beside the editor. */
async function onePanelBeside(): Promise<void> {
  const { page } = workbench;
  const groups = page.locator('.editor-group-container');
  assert.equal(await groups.count(), 2);
  assert.equal(await page.locator('.tab[aria-label^="Headlight"]').count(), 1);
  assert.equal(await groups.nth(1).locator('.tab[aria-label^="Headlight"]').count(), 1);
  assert.equal(await page.locator('iframe.webview').count(), 1);
  const [editor, beside] = await Promise.all([groups.nth(0).boundingBox(), groups.nth(1).boundingBox()]);
  assert.ok(editor && beside && beside.x >= editor.x + editor.width - 1, 'the panel is at the right');
}

test('a selection in Python: one panel beside, its tokens tile what was selected', async () => {
  const text = 'def largest(shapes):\n    best = None\n    for shape in shapes:';
  await workbench.openFile('shapes.py');
  await workbench.select(text);
  workbench.page.context().on('request', (request) => requests.push(request));
  const look = await panel.show(text);
  assertTiles(look, text, (await sample('shapes.py')).indexOf(text));
  await onePanelBeside();

  await panel.frame.locator('body').evaluate((body) => body.setAttribute('data-mark', 'first'));

  assert.match(look.status, statusLine);
  assert.match(look.status, new RegExp(` ${look.tokens.length} tokens `));
  assert.equal(look.causal, true);
  assert.equal(await panel.mask.getAttribute('aria-checked'), 'true');
  assert.match(
    (await panel.frame.getByRole('combobox', { name: 'Model' }).textContent())!,
    /headlight-small/,
  );
  const cells = panel.frame.getByRole('grid', { name: 'Heads by layers' }).getByRole('gridcell');
  const names = await cells.evaluateAll((all) => all.map((cell) => cell.ariaLabel));
  const expected = Array.from({ length: 40 }, (_, i) => `Layer ${Math.floor(i / 8)} head ${i % 8}`);
  assert.deepEqual([...names].sort(), expected.sort());
});

test('no selection in TypeScript: the enclosing block, in the same panel', async () => {
  const whole = await sample('queue.ts');
  const text = whole.slice(whole.indexOf('  private async work'), whole.lastIndexOf('\n}'));
  await workbench.openFile('queue.ts');
  await workbench.caret('tasks.shift');
  const look = await panel.show(text);
  assertTiles(look, text, whole.indexOf(text));
  await onePanelBeside();
  assert.equal(await panel.frame.locator('body').getAttribute('data-mark'), 'first', 'it is the same page');
});

test('a sentence, through the keybinding', async () => {
  const [first, text] = (await sample('sentences.txt')).split('\n');
  await workbench.openFile('sentences.txt');
  await workbench.select(text);
  await workbench.page.keyboard.press('Control+k');
  await workbench.page.keyboard.press('h');
  const look = await panel.shows(text);
  assertTiles(look, text, first.length + 1);
  await onePanelBeside();
});

/** Points at every token in turn, or at some, and compares what the panel tells with PyTorch. */
async function equalsGolden(mask: Mask, first = 0): Promise<void> {
  const expected = golden('python');
  const { head } = (await panel.look())!;
  const [layer, number] = head.split('.').map(Number);
  for (let query = first; query < expected.n; query++) {
    const row = await panel.pointAt(query);
    const wanted = expected.row(mask, layer, number, query);
    const off = Math.max(...row.map((weight, key) => Math.abs(weight - wanted[key])));
    assert.ok(off < tolerance, `${mask}, head ${head}, token ${query}: off by ${off}`);
    assert.ok(Math.abs(row.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-5);
    if (mask === 'causal') assert.ok(row.slice(query + 1).every((weight) => weight === 0));
  }
}

test('the numbers are those of PyTorch, under both masks', async () => {
  const { text, n } = golden('python');
  await workbench.openFile('golden.py');
  await selectAll(workbench);
  const { tokens } = await panel.show(text);
  assert.equal(tokens.length, n);
  await equalsGolden('causal');

  await panel.mask.click();
  await panel.comes('the other mask', ({ busy, status, causal }) => {
    return !busy && /bidirectional/.test(status) && !causal;
  });
  await equalsGolden('bidirectional');

  // Back again, this time by the command.
  await workbench.command('Headlight: Toggle Causal Mask');
  await panel.comes('the causal mask', ({ busy, status, causal }) => {
    return !busy && / causal /.test(status) && causal;
  });
  await equalsGolden('causal', n - 3);
});

test('heads: a click focuses, keys move, pointing at a cell previews', async () => {
  const { page } = workbench;
  const isHead = (head: string) => panel.comes(`head ${head}`, (look) => look.head === head);
  await panel.cell(2, 3).click();
  await panel.moveAway();
  await isHead('2.3');
  await page.keyboard.press('ArrowRight');
  await isHead('2.4');
  await page.keyboard.press('ArrowDown');
  await isHead('3.4');
  assert.equal(await panel.cell(3, 4).getAttribute('aria-selected'), 'true');
  await panel.cell(0, 6).hover();
  await isHead('0.6');
  assert.equal(await panel.cell(3, 4).getAttribute('aria-selected'), 'true');
  await panel.moveAway();
  await isHead('3.4');

  // What is then told is that head's.
  const row = await panel.pointAt(9);
  const wanted = golden('python').row('causal', 3, 4, 9);
  row.forEach((weight, key) => assert.ok(Math.abs(weight - wanted[key]) < tolerance));
  await panel.moveAway();
});

/** Waits until what has the focus in the workbench fits the selector. */
async function hasFocus(selector: string): Promise<void> {
  const { page } = workbench;
  const where = () => page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200));
  const isSo = () => page.evaluate((wanted) => document.activeElement?.matches(wanted), selector);
  await until(`the focus is on ${selector}`, isSo).catch(async (error: Error) => {
    await workbench.screenshot('host-failure');
    throw new Error(`${error.message}\nIt is on: ${await where()}`);
  });
}

test('the focus goes to the panel and back by commands', async () => {
  await workbench.openFile('shapes.py');
  await workbench.command('Headlight: Focus Panel');
  await until('the focus is on a head', () =>
    panel.frame.locator('[role=gridcell]:focus').evaluateAll((cells) => cells.length === 1),
  );
  const group = workbench.page.locator('.editor-group-container.active');
  await group.locator('.tab[aria-label^="Headlight"]').waitFor();
  await hasFocus('iframe.webview');
  await workbench.command('Headlight: Return to Editor');
  await hasFocus('.editor-instance .monaco-editor *');
  await workbench.page.locator('.tab.active[data-resource-name="golden.py"]').waitFor();
});

test('nothing left the machine', async () => {
  const own = new URL(workbench.editor.url).origin;
  assert.ok(
    requests.some((request) => request.url().endsWith('/onnx/model.onnx')),
    'the requests were seen',
  );
  for (const request of requests) {
    const { origin, protocol, hostname } = new URL(request.url());
    if (origin === own || protocol === 'data:') continue;
    // What a webview asks of its extension has an address on the net; VS Code's service worker answers it.
    assert.match(hostname, /\.vscode-resource\.vscode-cdn\.net$/, request.url());
    const response = await request.response();
    assert.ok(response?.fromServiceWorker(), `${request.url()} was not answered on this machine`);
  }
  const lines = (await readFile(outgoing, 'utf8')).split('\n').filter(Boolean);
  const watched = lines.filter((line) => line.startsWith('watching '));
  assert.ok(
    watched.some((line) => line.includes('extensionHost')),
    watched.join('\n'),
  );
  assert.deepEqual(
    lines.filter((line) => !watched.includes(line)),
    [],
  );
});

test('nothing was refused, thrown or changed', async () => {
  const lines = workbench.log().split('\n');
  assert.deepEqual(
    lines.filter((line) => /Content Security Policy|^\[uncaught\]|headlight/i.test(line)),
    [],
  );
  assert.equal(await hasNews(workbench), false);
  assert.equal(await workbench.page.locator('.tab.dirty').count(), 0);
  assert.equal(await sample('sentences.txt'), await readFile('test/samples/sentences.txt', 'utf8'));
});
