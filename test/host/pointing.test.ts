/** Pointing runs both ways between the panel and the document, and what no longer holds goes away. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { scaled } from '../../webview/core/colour';
import { painted, type Paint } from './paint';
import { type Look, PanelView, until } from './panel';
import { openWorkbench, type Workbench } from './workbench';

/** The first line of sentences.txt. */
const sentence = 'The cat sat on the mat because it was tired';
/** Under this strength the document is not painted (src/strength.ts). */
const faintest = 1 / 16;

let workbench: Workbench;
let panel: PanelView;

before(async () => {
  // Wide enough for the sentence to stand in one line, in sight.
  workbench = await openWorkbench({ width: 1700 });
  panel = new PanelView(workbench);
  await workbench.openFile('sentences.txt');
  await workbench.select(sentence);
  await panel.show(sentence);
});
after(() => workbench?.close());

beforeEach(() => panel.moveAway());

const isClear = () => until('nothing is painted', async () => (await painted(workbench)).length === 0);

/** Which characters of the sentence are painted, as a string of marks below it. */
function marks(paint: readonly Paint[]): string {
  const under = new Set(paint.flatMap(({ from, text }) => [...text].map((_, i) => from + i)));
  return [...sentence].map((_, i) => (under.has(i) ? '^' : ' ')).join('');
}

/** What has to be painted, by what the panel tells. */
function wanted({ tokens }: Look): string {
  const strong = tokens.filter(({ start, end, weight }) => {
    return end > start && scaled(Number(weight), 'square root') >= faintest;
  });
  return [...sentence]
    .map((_, i) => (strong.some(({ start, end }) => start <= i && i < end) ? '^' : ' '))
    .join('');
}

/** Waits until the document shows the row of this token: its frame, and a mark on all that it attends to. */
async function paintedFor(index: number): Promise<Paint[]> {
  await panel.told(index);
  const look = (await panel.look())!;
  const { text } = look.tokens[index]!;
  let paint: Paint[] = [];
  const isPainted = async () => {
    paint = await painted(workbench);
    const framed = paint.filter(({ border }) => border !== null);
    const filled = paint.filter(({ strength }) => strength > 0);
    const isSo = framed.length === 1 && framed[0]!.text === text && marks(filled) === wanted(look);
    return isSo && paint;
  };
  return until(`the row of ${JSON.stringify(text)} is painted`, isPainted).catch(async (error: Error) => {
    await workbench.screenshot('host-failure');
    error.message += `\nWanted:  ${wanted(look)}\nPainted: ${JSON.stringify(paint)}`;
    throw error;
  });
}

/** The token that holds the first character of a word. */
async function indexOf(word: string): Promise<number> {
  const offset = sentence.indexOf(word);
  const found = (await panel.look())!.tokens.find(({ start, end }) => start <= offset && offset < end);
  assert.ok(found, `a token holds the start of ${word}`);
  return found.index;
}

test('pointing at a token paints what it attends to, strongest most; moving away clears it', async () => {
  const index = await indexOf('tired');
  await panel.pointAt(index);
  const paint = await paintedFor(index);
  await workbench.screenshot('host-pointing');
  const { tokens } = (await panel.look())!;
  const [strongest] = tokens
    .filter(({ start, end }) => end > start)
    .sort((a, b) => Number(b.weight) - Number(a.weight));
  const most = Math.max(...paint.map(({ strength }) => strength));
  const darkest = paint.filter(({ strength }) => strength === most).map(({ text }) => text);
  assert.ok(
    darkest.some((text) => text.includes(strongest!.text)),
    `${JSON.stringify(strongest)} among ${JSON.stringify(darkest)}`,
  );
  assert.ok(new Set(paint.map(({ strength }) => strength)).size > 1, 'strengths differ');

  const other = await indexOf('mat');
  await panel.pointAt(other);
  await paintedFor(other);
  await panel.moveAway();
  await isClear();
  await panel.toldNothing();
});

test('a click pins, also while the pointer is elsewhere; Escape in the panel frees', async () => {
  const index = await indexOf('because');
  await panel.option(index).click();
  await panel.moveAway();
  const paint = await paintedFor(index);
  await panel.option(await indexOf('cat')).hover();
  assert.deepEqual(await paintedFor(index), paint);
  assert.equal((await panel.look())!.tokens[index]!.pinned, true);
  await panel.moveAway();
  await workbench.page.keyboard.press('Escape');
  await isClear();
  await panel.toldNothing();
});

test('another head paints another row', async () => {
  const index = await indexOf('tired');
  await panel.cell(0, 0).click();
  await panel.option(index).click();
  await panel.moveAway();
  const before = await paintedFor(index);
  await panel.cell(4, 7).click();
  await panel.moveAway();
  await panel.comes('head 4.7', ({ head }) => head === '4.7');
  const after = await paintedFor(index);
  assert.notDeepEqual(after, before);
  await workbench.page.keyboard.press('Escape');
  await isClear();
});

test('the caret points at its token; Escape in the editor clears', async () => {
  const { page } = workbench;
  await workbench.caret('mat because');
  await paintedFor(await indexOf('mat because'));

  const before = Date.now();
  await page.keyboard.press('End');
  await page.keyboard.press('Control+ArrowLeft');
  const last = await indexOf('tired');
  await panel.told(last);
  assert.ok(Date.now() - before < 3000, `the panel took ${Date.now() - before} ms to follow the caret`);
  await paintedFor(last);

  // At the very end of the text it points at the last token; outside of it, or selecting, at nothing.
  await page.keyboard.press('End');
  await paintedFor((await panel.look())!.tokens.length - 1);
  await page.keyboard.press('ArrowDown');
  await isClear();
  await panel.toldNothing();
  await page.keyboard.press('Control+Home');
  await paintedFor(1);
  await page.keyboard.press('Shift+ArrowRight');
  await isClear();

  await page.keyboard.press('ArrowLeft');
  await paintedFor(1);
  await page.keyboard.press('Escape');
  await isClear();
  await panel.toldNothing();
});

test('the panel hidden, nothing is painted; what was comes back with it', async () => {
  const index = await indexOf('sat');
  await panel.option(index).click();
  await panel.moveAway();
  await paintedFor(index);
  // The click made the panel's group the active one: another document comes over the panel.
  await workbench.page.locator('.editor-group-container.active .tab[aria-label^="Headlight"]').waitFor();
  await workbench.openFile('queue.ts');
  await isClear();
  await workbench.page.locator('.tab[aria-label^="Headlight"]').click();
  await paintedFor(index);
  await workbench.page.keyboard.press('Escape');
});

test('an edit clears the paint, and is said; "Show again" shows the text that is there now', async () => {
  const { page } = workbench;
  const index = await indexOf('cat');
  await panel.option(index).click();
  await panel.moveAway();
  await paintedFor(index);
  await workbench.select('cat');
  await page.keyboard.type('dog');
  await isClear();
  const stale = await panel.comes('the edit is said', ({ alert }) => alert !== '');
  assert.equal(stale.alert, 'The text has changed since this picture was made.');
  assert.equal(stale.text, sentence, 'the picture stays');
  await panel.toldNothing();

  const changed = sentence.replace('cat', 'dog');
  await panel.frame.getByRole('button', { name: 'Show again' }).click();
  const again = await panel.shows(changed);
  assert.equal(again.alert, '');
  await panel.pointAt(index);
  await until('the new text is painted', async () =>
    (await painted(workbench)).some(({ border, text }) => border && text.length > 0 && ' dog'.includes(text)),
  );
});
