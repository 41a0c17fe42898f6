/** How the section "Inside" looks in every theme, wide and narrow: nothing hidden, nothing faint. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { violations } from './axe';
import { inPanel } from './browser';
import type { PanelPage, Theme } from './browser';
import { choose, compared, open, priced } from './inside';

const TABS = ['One row', 'The whole layer', 'Order', 'Two contexts', 'The price'];

/** Pixels that the page, or a table, would have to be scrolled by to the right. */
async function beyond({ page }: PanelPage): Promise<number[]> {
  return page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll('.inside .scroll')].map(
      (box) => box.scrollWidth - box.clientWidth,
    ),
  );
}

describe('Inside looks', () => {
  for (const theme of ['dark', 'light', 'high-contrast', 'high-contrast-light'] as const satisfies Theme[])
    test(
      `${theme}: nothing lies beyond the edge, and curves stand out from the ground`,
      inPanel({ theme, width: 1200, height: 1400 }, async (panel) => {
        const { page } = panel;
        await open(panel, 'One row');
        await choose(panel, 'Two contexts');
        await compared(panel);
        await assertSeen(panel, '#panel-contexts .chart', 'cosine');
        await choose(panel, 'The price');
        await priced(panel);
        await assertSeen(panel, '#panel-price figure:nth-of-type(1) .chart', 'ms');
        for (const width of [1200, 1040, 1000, 700, 420]) {
          await page.setViewportSize({ width, height: 1400 });
          for (const [i, tab] of TABS.entries()) {
            await choose(panel, tab);
            const pixels = await beyond(panel);
            assert.ok(
              pixels.every((each) => each <= 0),
              `${tab} at ${width} pixels: ${pixels} beyond the edge`,
            );
            if (width === 420) assert.deepEqual(await violations(page), []);
            const folder = process.env.HEADLIGHT_SHOTS;
            if (!folder) continue;
            mkdirSync(folder, { recursive: true });
            await page.locator('.inside').screenshot({ path: `${folder}/${theme}-${width}-${i}.png` });
          }
        }
      }),
    );
});

/** Curves and points of 3 to 1 at least against the ground (WCAG 2.2, 1.4.11), and the name of the axis above them. */
async function assertSeen({ page }: PanelPage, selector: string, axis: string): Promise<void> {
  const given = { selector, axis };
  const { colours, over } = await page.evaluate(({ selector, axis }) => {
    const chart = document.querySelector(selector)!;
    const marks = [...chart.querySelectorAll('.curve, .point')];
    const drawn = marks.map((mark) => {
      const { stroke, fill } = getComputedStyle(mark);
      return mark.classList.contains('curve') ? stroke : fill;
    });
    const name = [...chart.querySelectorAll('text')].find((text) => text.textContent === axis)!;
    const top = Math.min(...marks.map((mark) => mark.getBoundingClientRect().top));
    return {
      colours: [getComputedStyle(document.body).backgroundColor, ...drawn],
      over: top - name.getBoundingClientRect().bottom,
    };
  }, given);
  assert.ok(over >= 0, `the name of the axis lies ${-over} pixels over the curve`);
  const [ground, ...marks] = colours.map(channels);
  assert.ok(marks.length >= 4);
  for (const [i, [r, g, b, alpha]] of marks.entries()) {
    const seen = [r, g, b].map((value, channel) => alpha * value + (1 - alpha) * ground[channel]);
    const [dark, bright] = [luminance(seen), luminance(ground)].sort((a, b) => a - b);
    const ratio = (bright + 0.05) / (dark + 0.05);
    assert.ok(ratio >= 3, `${colours[i + 1]} on ${colours[0]}: ${ratio.toFixed(2)}`);
  }
}

/** Red, green and blue of 0 to 255, and how much of the ground is covered. */
function channels(colour: string): number[] {
  const numbers = colour.match(/[\d.]+/g)!.map(Number);
  assert.match(colour, /^rgba?\(/);
  return numbers.length === 3 ? [...numbers, 1] : numbers;
}

/** Relative luminance (WCAG 2.2). */
function luminance(colour: readonly number[]): number {
  const [r, g, b] = colour.slice(0, 3).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
