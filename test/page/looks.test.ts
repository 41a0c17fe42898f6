/**
 * What a person sees, in four themes and three widths. Pictures of the grid are compared with those beside this file:
 * at most 1 pixel in 200 may differ by more than 8 levels of 255. UPDATE_PICTURES=1 writes them anew; look at them then.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { createRequire } from 'node:module';
import { PNG } from 'pngjs';
import type { Theme } from './browser';
import { PanelPage } from './browser';
import { golden } from './golden';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const themes: Theme[] = ['dark', 'light', 'high-contrast', 'high-contrast-light'];
const widths = [320, 660, 1200];

for (const theme of themes)
  describe(theme, () => {
    let panel: PanelPage;
    before(async () => {
      panel = await PanelPage.open({ theme });
      await panel.show(golden('python').text);
    });
    after(() => panel.close());

    for (const width of widths)
      test(`${width} wide: nothing is cut off, and axe finds nothing`, async () => {
        const { page } = panel;
        await page.setViewportSize({ width, height: 800 });
        await page.getByRole('option').nth(9).click();
        await page.waitForTimeout(100);
        const { scroll, client } = await page.evaluate(() => ({
          scroll: document.documentElement.scrollWidth,
          client: document.documentElement.clientWidth,
        }));
        assert.ok(scroll <= client, `the page is ${scroll} wide in a window of ${client}`);
        const blank = await page.locator('.grid canvas, .head canvas').evaluateAll(
          (canvases) =>
            canvases.filter((canvas) => {
              const { width, height } = canvas as HTMLCanvasElement;
              const { data } = (canvas as HTMLCanvasElement)
                .getContext('2d')!
                .getImageData(0, 0, width, height);
              return new Set(new Uint32Array(data.buffer)).size < 2;
            }).length,
        );
        assert.equal(blank, 0, 'every canvas shows something');
        const found = await page.evaluate(
          async (source) => {
            // axe is given to the page as the browser's debugger would, past the page's own policy.
            const { axe } = window as unknown as { axe: typeof import('axe-core') };
            if (!axe) throw new Error(source);
            return (await axe.run()).violations.map(
              ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`,
            );
          },
          await inject(page),
        );
        assert.deepEqual(found, []);
        await page.keyboard.press('Escape');
      });

    test('the grid looks as it did', async () => {
      const { page } = panel;
      await page.setViewportSize({ width: 660, height: 800 });
      await page.mouse.move(1, 1);
      await page.waitForTimeout(200);
      const url = await page
        .locator('.grid canvas')
        .first()
        .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
      const shown = PNG.sync.read(Buffer.from(url.split(',')[1], 'base64'));
      const file = `test/page/pictures/grid-${theme}.png`;
      if (process.env.UPDATE_PICTURES || !existsSync(file)) {
        mkdirSync('test/page/pictures', { recursive: true });
        writeFileSync(file, PNG.sync.write(shown));
        if (!process.env.UPDATE_PICTURES) assert.fail(`${file} was missing and has been written; look at it`);
      }
      const kept = PNG.sync.read(readFileSync(file));
      assert.deepEqual([shown.width, shown.height], [kept.width, kept.height]);
      let different = 0;
      for (let i = 0; i < kept.data.length; i += 4)
        if ([0, 1, 2].some((channel) => Math.abs(kept.data[i + channel] - shown.data[i + channel]) > 8))
          different++;
      const share = different / (kept.data.length / 4);
      if (share > 1 / 200) writeFileSync(`.cache/grid-${theme}.actual.png`, PNG.sync.write(shown));
      assert.ok(
        share <= 1 / 200,
        `${(100 * share).toFixed(2)} % of the pixels differ; see .cache/grid-${theme}.actual.png`,
      );
    });
  });

/** Evaluates axe in the page through the debugger, which no content policy holds up. */
async function inject(page: PanelPage['page']): Promise<string> {
  await page.evaluate(`${axe};0`);
  return 'axe did not load';
}
