/** Follow selection: what it goes along with, what it keeps, and when it leaves the picture alone. */
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { closeTab, folderWith, hasNews, type Look, PanelView, takeNews, until } from './panel';
import { openWorkbench, type Workbench } from './workbench';

const sentence = 'The cat sat on the mat because it was tired';
const lines = Array.from({ length: 60 }, (_, i) => `value_${i} = compute(${i}, previous)`);
const largest = `def largest(shapes):
    best = None
    for shape in shapes:
        if best is None or shape.area() > best.area():
            best = shape
    return best`;
const paragraph = 'Twenty megabytes of text, of which the model reads no more than it can hold.\n';
const twenty = paragraph.repeat(Math.ceil(20e6 / paragraph.length));

let folder: string;
let workbench: Workbench;
let panel: PanelView;

before(async () => {
  folder = await folderWith({
    'empty.txt': '',
    'binary.dat': Uint8Array.from({ length: 4096 }, (_, i) => (i * 31) % 256),
    'twenty.txt': twenty,
    'huge.txt': paragraph.repeat(Math.ceil(55e6 / paragraph.length)),
    'long.txt': `${lines.join('\n')}\n`,
    'blank.txt': 'words\n\n     \n\n',
  });
  const settings = { 'workbench.editorLargeFileConfirmation': 1000 };
  workbench = await openWorkbench({ folder, width: 1700, settings });
  panel = new PanelView(workbench);
});
after(async () => {
  await workbench?.close();
  await rm(folder, { recursive: true, force: true });
});

const followSwitch = () => panel.frame.getByRole('switch', { name: 'Follow selection' });

const settings = async () =>
  JSON.parse(
    await readFile(join(workbench.editor.dataDir, 'data', 'User', 'settings.json'), 'utf8'),
  ) as Record<string, unknown>;

/** Waits until the setting is this, and the panel says so. */
async function follows(on: boolean): Promise<void> {
  await until(
    `the switch is ${on}`,
    async () => (await followSwitch().getAttribute('aria-checked')) === String(on),
  );
  await until('it is kept', async () => (await settings())['headlight.follow'] === on);
}

/** Counts the requests that the panel accepts from here on. */
async function countRuns(): Promise<() => Promise<number>> {
  await panel.frame.getByRole('grid', { name: 'Heads by layers' }).evaluate((grid) => {
    grid.setAttribute('data-runs', '0');
    new MutationObserver(() => {
      if (grid.ariaBusy === 'true')
        grid.setAttribute('data-runs', String(Number(grid.getAttribute('data-runs')) + 1));
    }).observe(grid, { attributeFilter: ['aria-busy'] });
  });
  return async () => Number(await panel.frame.locator('[role=grid]').getAttribute('data-runs'));
}

/** Puts the caret at the start of a line, from 0, by keys alone: what finds a text selects it on the way. */
async function caretAt(line: number): Promise<void> {
  const { keyboard } = workbench.page;
  await keyboard.press('Control+Home');
  for (let i = 0; i < line; i++) await keyboard.press('ArrowDown');
}

const settle = () => workbench.page.waitForTimeout(1200);

const pinOf = ({ tokens }: Look) => tokens.find(({ pinned }) => pinned);

test('off, as it is at first: what is shown stays while one reads elsewhere', async () => {
  await workbench.openFile('sentences.txt');
  await workbench.select(sentence);
  await panel.show(sentence);
  assert.equal(await followSwitch().getAttribute('aria-checked'), 'false');
  const runs = await countRuns();
  await workbench.select('sat on the mat');
  await settle();
  assert.equal(await runs(), 0);
  assert.equal((await panel.look())!.text, sentence);
});

test('the switch turns it on, for good; what is selected then is shown, with the same head and pin', async () => {
  const pin = (await panel.look())!.tokens.find(({ text }) => text.includes('mat'))!;
  await panel.option(pin.index).click();
  await panel.moveAway();
  const { head } = (await panel.look())!;
  await followSwitch().click();
  await follows(true);
  const look = await panel.shows('sat on the mat');
  assert.equal(look.head, head);
  assert.equal(pinOf(look)?.start, pin.start);
  await workbench.page.locator('[id="headlight.headlight.headlight.menu"]').getByText('following').waitFor();

  await workbench.select('the mat because it');
  const next = await panel.shows('the mat because it');
  assert.equal(next.head, head);
  assert.equal(pinOf(next)?.start, pin.start);
  assert.match(pinOf(next)!.text, /mat/);
  // Where its token is gone the pin goes too.
  await workbench.select('because it was');
  assert.equal(pinOf(await panel.shows('because it was')), undefined);
});

test('a caret inside only points; one that leaves brings the block around it', async () => {
  await workbench.openFile('shapes.py');
  const code = (await readFile(join(folder, 'shapes.py'), 'utf8')).split('\n');
  const first = code.indexOf('def largest(shapes):');
  await caretAt(first + 1);
  await panel.shows(largest);
  await panel.comes('the caret points', ({ tokens }) => tokens.some(({ told }) => told));
  const runs = await countRuns();
  await workbench.page.keyboard.press('ArrowDown');
  await workbench.page.keyboard.press('End');
  await settle();
  assert.equal(await runs(), 0);
  assert.equal((await panel.look())!.text, largest);
  await caretAt(code.findIndex((line) => line.includes('math.pi')));
  await panel.comes(
    'the other block',
    ({ busy, text }) => !busy && /math\.pi/.test(text) && !/largest/.test(text),
  );
  await caretAt(first);
  await panel.shows(largest);
});

test('a selection that grows by key after key is read when it holds still, and not at every key', async () => {
  await settle();
  const runs = await countRuns();
  for (let i = 0; i < 40; i++) await workbench.page.keyboard.press('Shift+ArrowRight');
  await panel.shows(largest.slice(0, 40));
  await settle();
  // On a busy machine keys come so late now and then that the selection did hold still in between.
  const counted = await runs();
  assert.ok(counted >= 1 && counted <= 10, `${counted} runs for 40 keys`);
});

test('the list of tokens keeps its scroll position', async () => {
  const { page } = workbench;
  await workbench.openFile('long.txt');
  await page.keyboard.press('Control+Home');
  for (let i = 0; i < 40; i++) await page.keyboard.press('Shift+ArrowDown');
  await panel.shows(`${lines.slice(0, 40).join('\n')}\n`);
  const list = panel.frame.getByRole('listbox', { name: 'Tokens' });
  await list.evaluate((element) => (element.scrollTop = 150));
  await page.keyboard.press('Shift+ArrowUp');
  await panel.shows(`${lines.slice(0, 39).join('\n')}\n`);
  assert.equal(await list.evaluate((element) => element.scrollTop), 150);
});

test('only white space: the picture stays, and nothing is said', async () => {
  await workbench.openFile('blank.txt');
  await panel.shows('words');
  await workbench.select('     ');
  await settle();
  assert.equal((await panel.look())!.text, 'words');
  assert.equal(await hasNews(workbench), false);
});

test('nothing to read: an empty file, a binary file, one too large; then 20 MB, of which the start is read', async () => {
  const { page } = workbench;
  const { text } = (await panel.look())!;
  for (const name of ['empty.txt', 'binary.dat', 'huge.txt']) {
    await workbench.openTab(name);
    await settle();
    assert.equal((await panel.look())!.text, text, name);
  }
  await closeTab(workbench, 'huge.txt');
  await workbench.openTab('twenty.txt');
  await page.locator('.editor-instance .monaco-editor.focused').waitFor();
  await page.keyboard.press('Control+a');
  const { status } = await panel.comes('its start', (look) => !look.busy && look.text.startsWith(paragraph));
  assert.match(status, new RegExp(`\\(the first \\d+ of ${twenty.length} characters\\)`));
  await closeTab(workbench, 'twenty.txt');
  // VS Code itself says that it does not colour so large a file.
  const said = (await hasNews(workbench)) ? await takeNews(workbench) : [];
  assert.deepEqual(
    said.filter((line) => !/^\w+\.txt: tokenization/.test(line)),
    [],
  );
});

test('an edit: the text is read again once the caret rests', async () => {
  await workbench.openFile('sentences.txt');
  await workbench.select(sentence);
  await panel.shows(sentence);
  await workbench.select('cat');
  await panel.shows('cat');
  await workbench.select(sentence);
  await panel.shows(sentence);
  await workbench.page.keyboard.press('End');
  await workbench.page.keyboard.press('ArrowLeft');
  await workbench.page.keyboard.type('ha');
  const { alert } = await panel.shows('The cat sat on the mat because it was tirehad');
  assert.equal(alert, '');
  for (let i = 0; i < 2; i++) await workbench.page.keyboard.press('Backspace');
  await panel.shows(sentence);
});

test('a hidden panel follows nothing, and catches up when it is seen', async () => {
  await panel.option(1).click();
  await panel.option(1).click();
  // The click makes its group the active one: then a document comes over the panel.
  await workbench.page.locator('.editor-group-container.active .tab[aria-label^="Headlight"]').waitFor();
  await workbench.openFile('queue.ts');
  await workbench.page.locator('iframe.webview.ready').waitFor({ state: 'hidden' });
  await workbench.toDocuments();
  await workbench.openFile('sentences.txt');
  await workbench.select('because it was');
  await settle();
  await workbench.page.locator('.tab[aria-label^="Headlight"]').click();
  await panel.shows('because it was');
});

test('the panel closed: nothing is followed, and none is opened', async () => {
  await closeTab(workbench, 'Headlight');
  await workbench.toDocuments();
  await workbench.select('The cat sat');
  await settle();
  assert.equal(await workbench.page.locator('.tab[aria-label^="Headlight"]').count(), 0);
  await panel.show('The cat sat');
  await follows(true);
  await workbench.command('Headlight: Toggle Follow Selection');
  await follows(false);
  await workbench.select('on the mat');
  await settle();
  assert.equal((await panel.look())!.text, 'The cat sat');
  assert.equal(await hasNews(workbench), false);
});
