/** A closer look in the real editor: zoom, lines of the text and a search, and what the document shows of them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { painted } from './paint';
import { PanelView, until } from './panel';
import { openWorkbench, type Workbench } from './workbench';

const file = readFileSync('test/samples/shapes.py', 'utf8');
const from = file.indexOf('def largest');
const text = file.slice(from, file.indexOf('\n\n', from) < 0 ? undefined : file.indexOf('\n\n', from));
const firstLine = file.slice(0, from).split('\n').length;

let workbench: Workbench;
let panel: PanelView;

before(async () => {
  workbench = await openWorkbench({ width: 1400, height: 900 });
  panel = new PanelView(workbench);
  await workbench.openFile('shapes.py');
  await workbench.select(text);
  await panel.show(text);
});
after(() => workbench?.close());

const map = () => panel.frame.locator('.map');

test('Ctrl and the wheel zoom the head and not the window; 0 shows the whole again', async () => {
  const { page } = workbench;
  const stack = panel.frame.locator('.stack');
  await stack.scrollIntoViewIfNeeded();
  const box = (await stack.boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.7);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -100);
  await page.mouse.wheel(0, -100);
  await page.keyboard.up('Control');
  await map().waitFor();
  assert.deepEqual(await stack.boundingBox(), box, 'nothing else has moved');
  await workbench.screenshot('host-zoomed');
  await panel.frame.locator('.place').focus();
  await page.keyboard.press('0');
  await map().waitFor({ state: 'hidden' });
  await panel.moveAway();
});

test('a search goes to its matches, and the document is painted for each', async () => {
  const { page } = workbench;
  await panel.frame.locator('.place').focus();
  await page.keyboard.press('/');
  await page.keyboard.type('shapes');
  const count = text.split('shapes').length - 1;
  await panel.frame
    .locator('.search .hint')
    .filter({ hasText: `${count} found` })
    .waitFor();
  await page.keyboard.press('Enter');
  await panel.frame
    .locator('.search .hint')
    .filter({ hasText: `1 of ${count}` })
    .waitFor();
  await until('the document is painted', async () => (await painted(workbench)).length > 1);
  await page.keyboard.press('Escape');
});

test('text lines: the document is painted line by line, and lines have its numbers', async () => {
  const { page } = workbench;
  await panel.frame.getByRole('button', { name: 'View' }).click();
  await panel.frame.getByRole('radio', { name: 'Text lines' }).check();
  await panel.frame.locator('.stack canvas[aria-label$="lines"]').waitFor({ state: 'attached' });
  const { tokens } = (await panel.look())!;
  await panel.option(tokens.length - 2).hover();
  await panel.told(tokens.length - 2);
  const pieces = await until('lines are painted', async () => {
    const paint = await painted(workbench);
    const whole = paint.filter(({ text: under }) => /\S \S/.test(under));
    return whole.length > 1 && paint;
  });
  // All of a line is as strong: no piece is a part of one.
  for (const { text: under } of pieces.filter(({ text: under }) => under.trim() !== ''))
    assert.ok(
      file
        .split('\n')
        .some((line) => line.includes(under.trim()) && line.trim().length - under.trim().length <= 8),
      `"${under}" is most of a line`,
    );
  const names = await panel.frame.locator('.links li .hint').allTextContents();
  const lines = names.flatMap((name) => /^line (\d+)$/.exec(name)?.[1] ?? []).map(Number);
  assert.ok(lines.length > 1, names.join(', '));
  const last = firstLine + text.split('\n').length - 1;
  for (const line of lines)
    assert.ok(line >= firstLine && line <= last, `line ${line} of ${firstLine} to ${last}`);
  await workbench.screenshot('host-lines');
  await page.mouse.move(2, 2);
});

test('nothing was refused or thrown', () => {
  const lines = workbench.log().split('\n');
  assert.deepEqual(
    lines.filter((line) => /Content Security Policy|^\[uncaught\]/.test(line)),
    [],
  );
});
