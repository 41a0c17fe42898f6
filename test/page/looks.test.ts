/**
 * What a person sees, in four themes and three widths. The picture of each head is compared, pixel by pixel, with one
 * made here of PyTorch's values.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PNG } from 'pngjs';
import type { ThemeKind } from '../../webview/core/colour';
import { rampWords } from '../../webview/core/colour';
import { pool } from '../../webview/core/pool';
import { violations } from './axe';
import type { Theme } from './browser';
import { PanelPage } from './browser';
import { golden } from './golden';

const themes: Theme[] = ['dark', 'light', 'high-contrast', 'high-contrast-light'];
const kinds: Record<Theme, ThemeKind> = {
  dark: 'dark',
  light: 'light',
  'high-contrast': 'hc-dark',
  'high-contrast-light': 'hc-light',
};
const widths = [320, 660, 1200];

/** A weight on the border of two bytes may fall to either side: so many levels of 255, on so small a share of pixels. */
const LEVELS = 8;
const SHARE = 1 / 200;

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
        const blank = await page.locator('.grid canvas, .head canvas:not([hidden])').evaluateAll(
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
        assert.deepEqual(await violations(page), []);
        await page.keyboard.press('Escape');
      });

    test('axe finds nothing in any look, and none is wider than a narrow panel at 200 % zoom', async () => {
      const { page } = panel;
      // A panel of 640 pixels, magnified twice, has 320 of the page's own.
      await page.setViewportSize({ width: 320, height: 450 });
      await page.getByRole('button', { name: 'View' }).click();
      await page.locator('#token-9').click();
      for (const [name, enter, leave] of looks) {
        await enter(page);
        await page.waitForTimeout(300);
        assert.deepEqual(await violations(page), [], name);
        const { scrollWidth, clientWidth } = await page.evaluate(() => {
          const { scrollWidth, clientWidth } = document.documentElement;
          return { scrollWidth, clientWidth };
        });
        assert.ok(scrollWidth <= clientWidth, `${name} is ${scrollWidth} wide`);
        await leave(page);
      }
      await page.getByRole('button', { name: 'View' }).click();
      await page.keyboard.press('Escape');
    });

    test('the picture of every head is that of its golden values', async () => {
      const { page } = panel;
      await page.setViewportSize({ width: 660, height: 800 });
      await page.mouse.move(1, 1);
      await page.waitForTimeout(200);
      const { url, cells } = await page.locator('.grid').evaluate((grid) => {
        const origin = grid.getBoundingClientRect();
        const boxes = [...grid.querySelectorAll('[role=gridcell]')].map((cell) =>
          cell.getBoundingClientRect(),
        );
        return {
          url: grid.querySelector('canvas')!.toDataURL(),
          cells: boxes.map(({ x, y, width }) => ({ x: x - origin.x, y: y - origin.y, size: width })),
        };
      });
      const shown = PNG.sync.read(Buffer.from(url.split(',')[1], 'base64'));
      const { heads, n, row } = golden('python');
      const words = rampWords(kinds[theme], { scale: 'square root', threshold: 0 });
      const wrong = cells.map(({ x, y, size }, i) => {
        const bytes = Uint8Array.from({ length: n * n }, (_, pair) => {
          const weights = row('causal', Math.floor(i / heads), i % heads, Math.floor(pair / n));
          return weights[pair % n] * 255 + 0.5;
        });
        const pooled = pool(bytes, 0, { queries: { n, size }, keys: { n, size } }, 'causal');
        let different = 0;
        for (let down = 0; down < size; down++)
          for (let across = 0; across < pooled.maskedFrom[down]; across++) {
            const at = 4 * ((y + down) * shown.width + x + across);
            const word = words[pooled.bytes[down * size + across]];
            const off = (channel: number) =>
              Math.abs(shown.data[at + channel] - ((word >> (8 * channel)) & 255));
            if (off(0) > LEVELS || off(1) > LEVELS || off(2) > LEVELS) different++;
          }
        return different / (size * size);
      });
      assert.ok(
        Math.max(...wrong) <= SHARE,
        `${(100 * Math.max(...wrong)).toFixed(2)} % of a head's pixels differ`,
      );
    });
  });

type Step = (page: PanelPage['page']) => Promise<void>;

const lookAt =
  (name: string): Step =>
  async (page) => {
    await page.getByRole('combobox', { name: 'Look at' }).click();
    await page.getByRole('option', { name }).click();
  };
const turn =
  (name: string): Step =>
  (page) =>
    page.getByRole('switch', { name }).click();
const slide =
  (step: string): Step =>
  (page) =>
    page.getByRole('slider').fill(step);
const overlay: Step = async (page) => {
  for (const head of [1, 2, 3, 4])
    await page
      .getByRole('gridcell', { name: `Layer 2 head ${head}`, exact: true })
      .click({ modifiers: ['Control'] });
};

/** How each look is entered and left. */
const looks: [name: string, enter: Step, leave: Step][] = [
  ['average', lookAt('average of all heads'), lookAt('one head')],
  ['maximum', lookAt('maximum of its layer'), lookAt('one head')],
  ['difference', turn('Causal − bidirectional'), turn('Causal − bidirectional')],
  ['without the first token', turn('Hide first token'), turn('Hide first token')],
  ['threshold', slide('6'), slide('0')],
  ['lines', turn('Lines'), turn('Lines')],
  ['overlay', overlay, lookAt('pinned heads, overlaid')],
  ['overlay as lines', turn('Lines'), turn('Lines')],
];
