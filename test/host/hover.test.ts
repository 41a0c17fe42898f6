/** The hover card in the editor: what it says, when it comes, where it leads, and that text in it is only text. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, beforeEach, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { visible } from '../../webview/core/names';
import { painted } from './paint';
import { changeSettings, closeTab, folderWith, hasNews, type Look, PanelView, until } from './panel';
import { openWorkbench, type Workbench } from './workbench';

const sentence = 'The cat sat on the mat because it was tired';
/** What would do harm in Markdown that is trusted. */
const hostile =
  '`a` [run](command:workbench.action.files.newUntitledFile) <b>bold</b> <img src="x"> ```` | \\` $(bug) ![i](u.png)';

let folder: string;
let workbench: Workbench;
let panel: PanelView;

before(async () => {
  folder = await folderWith({ 'hostile.txt': `${hostile}\n`, 'other.txt': 'Some other text\n' });
  workbench = await openWorkbench({ folder, width: 1700 });
  panel = new PanelView(workbench);
  await showSentence();
});
after(async () => {
  await workbench?.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await panel.moveAway();
  await workbench.page.keyboard.press('Escape');
});

async function showSentence(): Promise<void> {
  await workbench.openFile('sentences.txt');
  await workbench.select(sentence);
  await panel.show(sentence);
}

const cards = (): Locator =>
  workbench.page.locator('.monaco-hover:visible .rendered-markdown').filter({ hasText: 'Headlight ·' });

/** Points with the mouse at the first character of a word in the first editor. */
async function pointIn(word: string): Promise<void> {
  const place = await workbench.page
    .locator('.editor-instance .monaco-editor')
    .first()
    .evaluate((editor, wanted) => {
      for (const line of editor.querySelectorAll('.view-lines .view-line')) {
        const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          const at = node.textContent!.replaceAll('\u00a0', ' ').indexOf(wanted);
          if (at < 0) continue;
          const range = document.createRange();
          range.setStart(node, at);
          range.setEnd(node, at + 1);
          const { left, top, width, height } = range.getBoundingClientRect();
          return { x: left + width / 2, y: top + height / 2 };
        }
      }
      throw new Error(`${wanted} is not seen`);
    }, word);
  // VS Code wants to see the pointer move.
  await workbench.page.mouse.move(place.x - 1, place.y);
  await workbench.page.mouse.move(place.x, place.y);
}

/** Points until the card is there: a pointer that arrives while the editor still lays itself out is not heard. */
async function pointForCard(word: string): Promise<void> {
  await until(`the card of ${word}`, async () => {
    await pointIn(word);
    const shown = cards().first().waitFor({ timeout: 3000 });
    return shown.then(
      () => true,
      () => panel.moveAway().then(() => false),
    );
  });
}

/** The card by keyboard, at the caret; what is on its way counts from here. */
async function askAtCaret(): Promise<void> {
  await workbench.page.keyboard.press('Control+k');
  await workbench.page.keyboard.press('Control+i');
}

/** The token at a place in the sentence. */
function tokenAt({ tokens }: Look, word: string) {
  const offset = sentence.indexOf(word);
  return tokens.find(({ start, end }) => start <= offset && offset < end)!;
}

/** The card says what the panel tells of its token. */
async function cardTells(index: number): Promise<void> {
  await panel.told(index);
  await cards().first().waitFor();
  const { tokens, head } = (await panel.look())!;
  const strongest = [...tokens]
    .sort((a, b) => Number(b.weight) - Number(a.weight) || a.index - b.index)
    .filter(({ weight }) => Number(weight) > 0)
    .slice(0, 5);
  const said = await cards().first().locator('li').allInnerTexts();
  assert.deepEqual(
    said.map((line) => line.replaceAll('\u00a0', ' ').replace(/\s+/g, ' ').trim()),
    strongest.map(({ weight, text, start, end }) => {
      const where = start < end ? 'line 1' : 'stands for no text';
      return `${Number(weight).toFixed(3)} ${visible(text)} ${where}`;
    }),
  );
  const codes = await cards().first().locator('p code').allInnerTexts();
  assert.deepEqual(codes, [`head ${head}`, 'causal', visible(tokens[index]!.text)]);
}

/** The overview ruler of the first editor, as a picture. */
const ruler = (): Promise<string> =>
  workbench.page
    .locator('.editor-instance .monaco-editor canvas.decorationsOverviewRuler')
    .first()
    .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());

const noCard = async (): Promise<void> => {
  await workbench.page.waitForTimeout(1500);
  assert.equal(await cards().count(), 0);
};

test('pointing in the editor: the card, the panel and the paint tell of that token', async () => {
  const token = tokenAt((await panel.look())!, 'tired');
  await pointForCard('tired');
  await cardTells(token.index);
  await workbench.screenshot('host-hover');
  const paint = await painted(workbench);
  assert.ok(
    paint.some(({ border, text }) => border && text === token.text),
    JSON.stringify(paint),
  );

  // The pointer leaves, and the card with it; the paint stays, until the caret moves.
  await panel.moveAway();
  await cards().first().waitFor({ state: 'detached' });
  assert.deepEqual(await painted(workbench), paint);
  await workbench.page.keyboard.press('ArrowRight');
  await until('the caret points elsewhere', async () => {
    const { tokens } = (await panel.look())!;
    return !tokens[token.index]!.told;
  });
});

test('what is painted is marked in the overview ruler', async () => {
  await workbench.caret('tired');
  await panel.told(tokenAt((await panel.look())!, 'tired').index);
  await until('it is painted', async () => (await painted(workbench)).length > 0);
  const marked = await ruler();
  await workbench.page.keyboard.press('Escape');
  await panel.toldNothing();
  await until('the marks are gone', async () => (await ruler()) !== marked);
});

test('a caret that leaves the text frees what a card pointed at; so does Escape', async () => {
  await workbench.caret('mat because');
  await pointForCard('cat');
  await cardTells(tokenAt((await panel.look())!, 'cat').index);
  await panel.moveAway();
  await workbench.page.keyboard.press('Control+End');
  await panel.toldNothing();
  await workbench.caret('mat because');
  await pointForCard('cat');
  await cards().first().waitFor();
  await panel.moveAway();
  await cards().first().waitFor({ state: 'detached' });
  await workbench.page.keyboard.press('Escape');
  await panel.toldNothing();
});

test('by keyboard, and its link leads to the token', async () => {
  await workbench.caret('tired');
  await askAtCaret();
  const look = (await panel.look())!;
  await cardTells(tokenAt(look, 'tired').index);
  const told = (await panel.look())!;
  const [target] = [...told.tokens]
    .filter(({ start, end }) => start < end)
    .sort((a, b) => Number(b.weight) - Number(a.weight));
  await cards().first().locator('li a').first().click();
  await panel.told(target!.index);
  await workbench.page.getByText(`Ln 1, Col ${target!.start + 1}`, { exact: true }).waitFor();
  await workbench.page.locator('.editor-instance .monaco-editor.focused').waitFor();
  await workbench.page.keyboard.press('Escape');

  await workbench.caret('tired');
  await askAtCaret();
  await cards().first().getByText('Show in the panel').click();
  await until('the focus is on a head', () =>
    panel.frame.locator('[role=gridcell]:focus').evaluateAll((cells) => cells.length === 1),
  );
  await workbench.command('Headlight: Return to Editor');
});

test('a pin stays, and the card tells of its own token', async () => {
  const look = (await panel.look())!;
  const pinned = tokenAt(look, 'because');
  await panel.option(pinned.index).click();
  await panel.moveAway();
  await pointForCard('mat');
  await cards().first().waitFor();
  assert.match(await cards().first().innerText(), /mat\s+attends to/);
  assert.ok((await panel.look())!.tokens[pinned.index]!.told);
  await panel.moveAway();
  await panel.option(pinned.index).click();
  await workbench.toDocuments();
  await workbench.page.locator('.editor-instance .monaco-editor.focused').waitFor();
});

test('not outside the text, not in another document, not while it is turned off', async () => {
  await pointIn('bank');
  await noCard();
  await workbench.openFile('other.txt');
  await pointIn('other');
  await noCard();
  await workbench.openFile('sentences.txt');
  await changeSettings(workbench, { 'headlight.hover': false });
  await workbench.openFile('sentences.txt');
  await workbench.caret('tired');
  await askAtCaret();
  await noCard();
  await workbench.command('Headlight: Toggle Hover Card');
  await until('the card comes again', async () => {
    await askAtCaret();
    await workbench.page.waitForTimeout(500);
    return (await cards().count()) > 0;
  });
});

test('an edit while a card is asked: no card, and the edit is said', async () => {
  await workbench.caret('tired');
  await askAtCaret();
  await workbench.page.keyboard.type('x');
  await panel.comes('the edit is said', ({ alert }) => /has changed/.test(alert));
  await noCard();
  await panel.toldNothing();
  await askAtCaret();
  await noCard();
  await workbench.page.keyboard.press('Control+z');
  await workbench.command('File: Save');
});

test('the panel hidden or closed while a card is asked: none comes, and nothing is said', async () => {
  await showSentence();
  await workbench.caret('tired');
  await askAtCaret();
  await closeTab(workbench, 'Headlight');
  await workbench.caret('cat');
  await askAtCaret();
  await noCard();
  assert.equal(await hasNews(workbench), false);
});

test('hostile text is shown as it is: no link, no image, no markup of its own', async () => {
  await workbench.openFile('hostile.txt');
  await workbench.select(hostile);
  const { tokens } = await panel.show(hostile);
  const { page } = workbench;
  const tabs = await page.locator('.tab').count();
  await page.keyboard.press('Home');
  let [asked, at] = [0, 0];
  for (const { index, start, end } of tokens) {
    if (start === end) continue;
    for (; at < start; at++) await page.keyboard.press('ArrowRight');
    await panel.told(index);
    await askAtCaret();
    const card = cards().first();
    await card.waitFor();
    const links = await card.locator('a').evaluateAll((all) => all.map((link) => link.textContent));
    assert.deepEqual(
      [...new Set(links)].sort(),
      ['Show in the panel', 'line 1'].slice(0, new Set(links).size),
    );
    assert.equal(await card.locator('img, b, strong, .codicon, h1, pre').count(), 0);
    const own = await card.locator('p code').last().innerText();
    assert.equal(own, visible(tokens[index]!.text));
    asked++;
    await page.keyboard.press('Escape');
    await card.waitFor({ state: 'detached' });
  }
  assert.ok(asked > 20, `${asked} tokens were asked for`);
  assert.equal(await page.locator('.tab').count(), tabs);
  assert.doesNotMatch(workbench.log(), /headlight|Content Security Policy/i);
});
