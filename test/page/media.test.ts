/** What a system asks of every page: less motion, colours of its own. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { PanelPage } from './browser';
import { golden } from './golden';

let panel: PanelPage;
before(async () => {
  panel = await PanelPage.open({ theme: 'high-contrast' });
  await panel.show(golden('python').text);
});
after(() => panel.close());
beforeEach(() => panel.page.emulateMedia({ reducedMotion: null, forcedColors: null }));

/** What moves while a text is read, and whether the bar that says so by moving is seen. */
async function whileBusy(): Promise<{ moving: number; bar: boolean; stage: string }> {
  const { page } = panel;
  await panel.show('x = 1\n'.repeat(120), { wait: false });
  // Looked at in the frame that is found busy: a moment later the text may have been read.
  const busy = await page.waitForFunction(() => {
    if (!document.querySelector('.notice.busy')) return null;
    const bar = document.querySelector('vscode-progress-bar')!;
    return {
      // The bar moves in a tree of its own.
      moving: [document, bar.shadowRoot!]
        .flatMap((tree) => tree.getAnimations())
        .filter(({ playState }) => playState === 'running').length,
      bar: bar.getBoundingClientRect().height > 0,
      stage: document.querySelector('.stage')!.textContent!,
    };
  });
  const seen = (await busy.jsonValue())!;
  await panel.settled();
  return seen;
}

test('nothing moves where less motion is asked for, of the system or of VS Code; the work is told in words', async () => {
  const { page } = panel;
  const usually = await whileBusy();
  assert.ok(usually.moving > 0 && usually.bar, JSON.stringify(usually));

  await page.emulateMedia({ reducedMotion: 'reduce' });
  const bySystem = await whileBusy();
  assert.deepEqual([bySystem.moving, bySystem.bar], [0, false]);
  assert.notEqual(bySystem.stage, '');

  await page.emulateMedia({ reducedMotion: null });
  await page.evaluate(() => document.body.classList.add('vscode-reduce-motion'));
  const byEditor = await whileBusy();
  assert.deepEqual([byEditor.moving, byEditor.bar], [0, false]);
  await page.evaluate(() => document.body.classList.remove('vscode-reduce-motion'));
});

test('under forced colours weights keep theirs, and what is on, told or pinned is still seen to be', async () => {
  const { page } = panel;
  await panel.show(golden('python').text);
  const pixels = () =>
    page
      .locator('.grid canvas, .head canvas')
      .evaluateAll((all) => all.map((canvas) => (canvas as HTMLCanvasElement).toDataURL()));
  const paint = () =>
    page.locator('.token').evaluateAll((tokens) =>
      tokens
        .filter((one) => (one as HTMLElement).style.cssText !== '')
        .map((one) => {
          const { backgroundColor, color } = getComputedStyle(one);
          return `${backgroundColor} ${color}`;
        }),
    );
  const track = (name: string) =>
    page
      .getByRole('switch', { name })
      .locator('.track')
      .evaluate((track) => getComputedStyle(track).backgroundColor);

  await page.getByRole('option').nth(9).click();
  await page.mouse.move(1, 1);
  await page.waitForTimeout(200);
  const [before, painted] = [await pixels(), await paint()];
  assert.ok(painted.length > 3);

  await page.emulateMedia({ forcedColors: 'active' });
  await page.waitForTimeout(200);
  assert.ok(await page.evaluate(() => matchMedia('(forced-colors: active)').matches));
  assert.deepEqual(await paint(), painted, 'a token keeps the colour of its weight');
  assert.deepEqual(await pixels(), before, 'so do the pictures');
  assert.notEqual(await track('Causal mask'), await track('Follow selection'), 'on is not off');
  const { outlineStyle, outlineWidth } = await page
    .locator('.token.told')
    .evaluate((told) => getComputedStyle(told));
  assert.deepEqual([outlineStyle, outlineWidth], ['solid', '2px']);

  // The letters of an overlay stand on the colours that they stand for.
  await page.getByRole('gridcell', { name: 'Layer 1 head 6', exact: true }).click({ modifiers: ['Control'] });
  const swatches = page.locator('.legend .swatch');
  await swatches.nth(1).waitFor();
  const grounds = await swatches.evaluateAll((all) =>
    all.map((one) => getComputedStyle(one).backgroundColor),
  );
  const given = await swatches.evaluateAll((all) =>
    all.map((one) => (one as HTMLElement).style.backgroundColor),
  );
  assert.deepEqual(grounds, given);
  assert.equal(new Set(grounds).size, 2);
});
