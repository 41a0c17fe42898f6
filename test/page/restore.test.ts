/** A canvas can lose what is drawn on it, with the graphics process or for want of memory: the pictures heal. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PanelPage } from './browser';
import { golden } from './golden';

let panel: PanelPage;
before(async () => {
  panel = await PanelPage.open();
  await panel.show(golden('python').text);
  await panel.page.locator('#token-9').click();
  await panel.page.mouse.move(1, 1);
  await panel.page.waitForTimeout(200);
});
after(() => panel.close());

const canvases = () =>
  panel.page
    .locator('canvas')
    .evaluateAll((all) => all.map((canvas) => (canvas as HTMLCanvasElement).toDataURL()));

test('contexts lost and restored: every picture is as it was', async () => {
  const before = await canvases();
  // What a browser does, in its order: the content is gone, the page hears of both.
  const blank = await panel.page.locator('canvas').evaluateAll((all) =>
    (all as HTMLCanvasElement[]).map((canvas) => {
      canvas.dispatchEvent(new Event('contextlost'));
      canvas.width = Number(canvas.width);
      const empty = canvas.toDataURL();
      canvas.dispatchEvent(new Event('contextrestored'));
      return empty;
    }),
  );
  assert.notDeepEqual(blank, before);
  await panel.page.waitForTimeout(200);
  assert.deepEqual(await canvases(), before);
});

test('the graphics process ends: the pictures stand', async () => {
  const before = await canvases();
  const browser = panel.page.context().browser()!;
  const session = await browser.newBrowserCDPSession();
  await session.send('Browser.crashGpuProcess' as 'Browser.close').catch(() => {});
  await panel.page.waitForTimeout(1500);
  assert.deepEqual(await canvases(), before);
  await panel.page.locator('#token-5').hover();
  await panel.page.locator('#token-5').click();
  await panel.page.waitForSelector('#token-5[aria-selected=true]');
});
