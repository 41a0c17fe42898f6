/**
 * Every kind of editor that VS Code has: its text is shown, painted where it stands, and pointed at both ways. All in a
 * workspace of two folders; what this build of VS Code lacks comes from test/host/companion/.
 */
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { companion } from './companion';
import { editors, painted } from './paint';
import { assertTiles, closeTab, folderWith, hasNews, PanelView, showAttention, until } from './panel';
import { openWorkbench, type Workbench } from './workbench';

const sentence = 'The cat sat on the mat because it was tired';
const cells = ['def area(width, height):\n    return width * height', 'total = area(3, 4)\nprint(total)'];

let folder: string;
let workbench: Workbench;
let panel: PanelView;

before(async () => {
  folder = await folderWith({});
  await mkdir(join(folder, 'one'));
  await mkdir(join(folder, 'two'));
  await writeFile(join(folder, 'one', 'same.txt'), `${sentence}\n`);
  await writeFile(join(folder, 'two', 'cells.book'), JSON.stringify(cells.map((text) => ['python', text])));
  const workspace = join(folder, 'both.code-workspace');
  await writeFile(workspace, JSON.stringify({ folders: [{ path: 'one' }, { path: 'two' }] }));
  workbench = await openWorkbench({
    folder: workspace,
    width: 1700,
    extensions: [await companion()],
    // Beside the panel there is not much room, and both sides of a difference are wanted.
    settings: { 'diffEditor.useInlineViewWhenSpaceIsLimited': false },
  });
  panel = new PanelView(workbench);
});
after(async () => {
  await workbench?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Clicks into an editor. */
async function enter(editor: Locator): Promise<void> {
  await editor
    .locator('.view-line')
    .first()
    .click({ position: { x: 3, y: 5 } });
  await until('the editor has the focus', () =>
    editor.evaluate((element) => element.contains(document.activeElement)),
  );
}

/** The last word that is painted with a frame in this editor. */
async function framed(editor: Locator): Promise<string | undefined> {
  return (await painted(workbench, editor)).find(({ border }) => border)?.text;
}

/** Its text is what the panel shows, and pointing runs both ways, with a card. */
async function lives(editor: Locator, text: string): Promise<void> {
  const look = await panel.shows(text);
  assertTiles(look, text, look.tokens.find(({ start, end }) => start < end)!.start);
  // From the panel to the document.
  const word = look.tokens.filter(({ text: own }) => /\w/.test(own)).at(-1)!;
  await panel.pointAt(word.index);
  await until(`${word.text} is framed`, async () => (await framed(editor)) === word.text.trimEnd());
  await panel.moveAway();
  await until('nothing is painted', async () => (await painted(workbench, editor)).length === 0);
  // From the document to the panel.
  await enter(editor);
  await workbench.page.keyboard.press('Control+End');
  await workbench.page.keyboard.press('Control+Home');
  await panel.told(1);
  await workbench.page.keyboard.press('Control+k');
  await workbench.page.keyboard.press('Control+i');
  const card = workbench.page.locator('.monaco-hover:visible').filter({ hasText: 'Headlight ·' });
  await card.first().waitFor();
  await workbench.page.keyboard.press('Escape');
  await workbench.page.keyboard.press('Escape');
  await panel.toldNothing();
}

/** The status bar tells of a selection only in the editor area: it is seen here. */
async function selectAllOf(editor: Locator): Promise<void> {
  await workbench.page.keyboard.press('Control+a');
  await editor.locator('.selected-text').first().waitFor({ state: 'attached' });
}

/** Selects all of an editor, and shows it. */
async function showAll(editor: Locator, text: string): Promise<void> {
  await enter(editor);
  await selectAllOf(editor);
  await workbench.command(showAttention);
  await lives(editor, text);
}

const first = (): Locator => editors(workbench).first();

test('a file of one of two folders, in two groups: both are painted, also the one opened later', async () => {
  const { page } = workbench;
  await workbench.openFile('same.txt');
  await showAll(first(), `${sentence}\n`);
  const { tokens } = (await panel.look())!;
  await panel.option(tokens.length - 2).click();
  await panel.moveAway();
  const word = tokens.at(-2)!.text;
  await until('it is painted', async () => (await framed(first())) === word);

  await workbench.toDocuments();
  await page.locator('.editor-instance .monaco-editor.focused').waitFor();
  await workbench.command('View: Split Editor Down');
  const both = editors(workbench);
  await until('there are two editors', async () => (await both.count()) === 2);
  for (const i of [0, 1])
    await until(`editor ${i} is painted`, async () => (await framed(both.nth(i))) === word);

  // An editor closed while it is painted; the other one keeps its paint.
  await workbench.command('View: Close Editor');
  await until('there is one editor', async () => (await both.count()) === 1);
  assert.equal(await framed(first()), word);
  await panel.option(tokens.length - 2).click();
  await workbench.command('Headlight: Return to Editor');
  await first().and(page.locator('.focused')).waitFor();
});

test('both sides of a difference', async () => {
  await workbench.command('Companion: Show Difference');
  const side = (name: string) => workbench.page.locator(`.monaco-diff-editor .editor.${name} .monaco-editor`);
  await side('original').waitFor();
  await showAll(side('original'), 'The dog slept under the table because it was tired\n');
  assert.deepEqual(await painted(workbench, side('modified')), []);
  await showAll(side('modified'), 'The dog slept on the table because it was warm\n');
  assert.deepEqual(await painted(workbench, side('original')), []);
  // The focus goes back to the difference, and opens nothing beside it.
  const tabs = await workbench.page.locator('.tab').count();
  await workbench.command('Headlight: Focus Panel');
  await until('the focus is on a head', () =>
    panel.frame.locator('[role=gridcell]:focus').evaluateAll((all) => all.length === 1),
  );
  await workbench.page.locator('.editor-group-container.active .tab[aria-label^="Headlight"]').waitFor();
  await workbench.command('Headlight: Return to Editor');
  await workbench.page.locator('.tab.active[aria-label^="Difference"]').first().waitFor();
  assert.equal(await workbench.page.locator('.tab').count(), tabs);
  await closeTab(workbench, 'Difference');
});

test('text that is read-only, and a file of a virtual file system', async () => {
  await workbench.command('Companion: Open Read-only Text');
  await workbench.page.locator('.tab.active[data-resource-name="before.txt"]').waitFor();
  await showAll(first(), 'The dog slept under the table because it was tired\n');
  await workbench.command('Companion: Open Virtual File');
  await workbench.page.locator('.tab.active[data-resource-name="notes.txt"]').waitFor();
  await showAll(first(), 'She walked to the bank of the river and sat down\n');
});

test('an untitled document', async () => {
  await workbench.toDocuments();
  await workbench.command('File: New Untitled Text File');
  await workbench.page.locator('.tab.active[data-resource-name^="Untitled"]').waitFor();
  await enter(first());
  await workbench.page.keyboard.type(sentence);
  await showAll(first(), sentence);
});

test('a cell of a notebook: its selection, and all of it where the cell is selected but not edited', async () => {
  const { page } = workbench;
  await workbench.toDocuments();
  await workbench.openTab('cells.book');
  const cell = (i: number) => page.locator('.notebook-editor .cell-editor-container .monaco-editor').nth(i);
  await cell(1).locator('.view-lines').waitFor();
  await enter(cell(1));
  await selectAllOf(cell(1));
  await workbench.command(showAttention);
  await lives(cell(1), cells[1]!);
  await workbench.screenshot('host-notebook');

  await enter(cell(0));
  await page.keyboard.press('Escape');
  await page.locator('.monaco-list-row.focused.code-cell-row').waitFor();
  await workbench.command(showAttention);
  await lives(cell(0), cells[0]!);
  await closeTab(workbench, 'cells.book');
});

test('an output channel, which grows: what was read stays true', async () => {
  await workbench.toDocuments();
  await workbench.command('Companion: Write to Output');
  const output = workbench.page.locator('.part.panel .monaco-editor');
  await output.locator('.view-line').filter({ hasText: 'river' }).first().waitFor();
  await enter(output);
  await selectAllOf(output);
  await workbench.command(showAttention);
  // VS Code puts the time before what is written.
  const { text } = await panel.comes(
    'the line',
    (look) => !look.busy && look.text.includes('past the river'),
  );
  await lives(output, text);
  await workbench.command('Companion: Write to Output');
  await until(
    'it has grown',
    async () => (await output.locator('.view-line:has-text("river")').count()) === 2,
  );
  const { alert, tokens } = (await panel.look())!;
  assert.equal(alert, '');
  await panel.pointAt(tokens.findIndex(({ text: own }) => own.includes('river')));
  await until('it is painted', async () => (await framed(output)) !== undefined);
  await panel.moveAway();
});

test("Headlight's own log, which the request itself makes grow", async () => {
  await workbench.command('Headlight: Show Log');
  const log = workbench.page.locator('.part.panel .monaco-editor');
  await log.locator('.view-line').filter({ hasText: 'show 1' }).first().waitFor();
  await enter(log);
  await selectAllOf(log);
  await workbench.command(showAttention);
  await panel.comes('the log', ({ busy, text }) => !busy && text.includes('show 1'));
  await workbench.page.waitForTimeout(1000);
  assert.equal((await panel.look())!.alert, '');
});

test('nothing was said, and nothing is wrong', async () => {
  assert.equal(await hasNews(workbench), false);
  assert.doesNotMatch(workbench.log(), /headlight|\[uncaught\]/i);
});
