/** Two thousand tokens: what a move of the pointer costs, in what is touched rather than in time. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { FAINTEST_MARKED } from '../../webview/core/sheets';
import { PanelPage } from './browser';

declare global {
  interface Window {
    work: { images: number; frames: number; long: number[] };
    touched: Map<Element, Set<string>>;
  }
}

let panel: PanelPage;
let count = 0;
before(async () => {
  panel = await PanelPage.open({ width: 1200 });
  await panel.show(readFileSync('test/samples/queue.ts', 'utf8').repeat(8).slice(0, 7000));
  count = (await panel.tokens()).length;
  await panel.page.evaluate(() => {
    window.work = { images: 0, frames: 0, long: [] };
    const { putImageData } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.putImageData = function (
      this: CanvasRenderingContext2D,
      ...args: unknown[]
    ) {
      window.work.images++;
      return (putImageData as (...args: unknown[]) => void).apply(this, args);
    } as typeof putImageData;
    const frame = () => {
      window.work.frames++;
      requestAnimationFrame(frame);
    };
    frame();
    new PerformanceObserver((list) =>
      window.work.long.push(...list.getEntries().map(({ duration }) => Math.round(duration))),
    ).observe({ entryTypes: ['longtask'] });
    window.touched = new Map();
    new MutationObserver((records) => {
      for (const { target, attributeName } of records) {
        const names = window.touched.get(target as Element) ?? new Set();
        window.touched.set(target as Element, names.add(attributeName!));
      }
    }).observe(document.querySelector('.tokens')!, { attributes: true, subtree: true });
  });
});
after(() => panel.close());

const told = (index: number) => panel.page.waitForSelector(`#token-${index}.told`);

/** Waits until a pattern that is drawn in parts is drawn: none comes for half a second. */
const drawn = () =>
  panel.page.evaluate(async () => {
    for (let [still, images] = [0, window.work.images]; still < 30; still++) {
      await new Promise(requestAnimationFrame);
      if (window.work.images !== images) [still, images] = [0, window.work.images];
    }
  });

/** Points at tokens as a pointer that passes over them within one frame. */
const pass = (indices: number[]) =>
  panel.page.evaluate((indices) => {
    for (const index of indices)
      document
        .querySelector(`#token-${index}`)!
        .dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
  }, indices);

/** Which attributes of how many options have changed since the last time. */
const touched = () =>
  panel.page.evaluate(() => {
    const counts: Record<string, number> = {};
    for (const names of window.touched.values())
      for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
    window.touched.clear();
    return counts;
  });

test('all of it is read', () => assert.ok(count > 1500, `${count} tokens`));

test('a move of the pointer draws no pattern anew, and touches only what changes', async () => {
  await pass([40]);
  await told(40);
  await drawn();
  await touched();
  const before = await panel.page.evaluate(() => window.work.images);
  await pass([41]);
  await told(41);
  const counts = await touched();
  assert.equal(await panel.page.evaluate(() => window.work.images), before, 'no pattern is drawn');
  // Under the causal mask only the tokens up to the one told weigh anything, and only they change.
  assert.ok(counts['data-weight'] <= 42, `${counts['data-weight']} weights`);
  assert.ok((counts.style ?? 0) <= 42, `${counts.style} styles`);
  assert.equal(counts.class, 2, 'the token that was told and the one that is');
});

test('many moves within a frame are one drawing, of the last', async () => {
  await pass([100]);
  await told(100);
  await touched();
  await panel.page.evaluate(() => (window.work.frames = 0));
  await pass(Array.from({ length: 300 }, (_, i) => 101 + i));
  await told(400);
  const counts = await touched();
  assert.equal(counts.class, 2, 'the tokens in between were never drawn');
});

/** No more weights of a row than this reach the strength from which a token has a letter, since a row sums to 1. */
const MOST_MARKED = 1 / FAINTEST_MARKED ** 2;

test('moving over a hundred tokens, one a frame, in every look', async () => {
  const { page } = panel;
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  /** What the page's thread has done so far, for whoever reads what is printed; durations are in seconds. */
  const spent = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
  await page.getByRole('button', { name: 'View' }).click();
  const looks: [name: string, heads: number, enter: () => Promise<void>][] = [
    ['one head', 0, async () => {}],
    [
      'average of all heads',
      0,
      async () => {
        await page.getByRole('combobox', { name: 'Look at' }).click();
        await page.getByRole('option', { name: 'average of all heads' }).click();
        await page.locator('.head h2 strong').filter({ hasText: 'average of all heads' }).waitFor();
      },
    ],
    [
      'overlay of three',
      3,
      async () => {
        for (const head of [1, 2, 3])
          await page
            .getByRole('gridcell', { name: `Layer 3 head ${head}`, exact: true })
            .click({ modifiers: ['Control'] });
        await page.mouse.move(1, 1);
      },
    ],
  ];
  for (const [name, heads, enter] of looks) {
    await enter();
    await pass([600]);
    await page.waitForSelector('#token-600.told[data-weight]');
    await drawn();
    await page.evaluate(() => (window.work = { images: 0, frames: 0, long: [] }));
    await touched();
    const before = await spent();
    let styles = 0;
    let [marks, most] = [0, 0];
    for (let index = 601; index <= 700; index++) {
      await pass([index]);
      await told(index);
      const counts = await touched();
      styles += counts.style ?? 0;
      marks += counts['data-mark'] ?? 0;
      most = Math.max(most, counts['data-mark'] ?? 0);
      assert.equal(counts.class, 2, `${name}: the token that was told and the one that is`);
    }
    const after = await spent();
    const { images, frames, long } = await page.evaluate(() => window.work);
    assert.equal(images, 0, `${name}: no pattern is drawn`);
    // A letter is an element of its own, and the line around it is laid out again.
    assert.ok(most <= 2 * MOST_MARKED * heads, `${name}: ${most} letters in one move`);
    const parts = ['LayoutCount', 'LayoutDuration', 'RecalcStyleDuration', 'ScriptDuration'].map(
      (part) => `${part} ${(after[part] - before[part]).toFixed(2)}`,
    );
    console.log(
      `${name}: 100 moves in ${frames} frames; ${styles} styles, ${marks} letters, ${most} at once; ` +
        `${parts.join(', ')}; long tasks (ms): ${long.join(', ') || 'none'}`,
    );
  }
});

test('inside a head: the strongest keys, at most so many lines, and the rest in one', async () => {
  const { page } = panel;
  await page.getByRole('button', { name: 'Inside' }).click();
  const lines = page.locator('.inside .row tbody tr');
  await lines.first().waitFor({ timeout: 120_000 });
  for (const [shown, next] of [
    [8, /Show the strongest 128/],
    [128, /Show the strongest 8 only/],
  ] as const) {
    assert.equal(await lines.count(), shown + 1);
    const rest = (await lines.last().textContent())!;
    assert.ok(rest.startsWith(`the other ${(count - shown).toLocaleString('en')} tokens together`), rest);
    const weights = await lines.locator('.weight .digits, .digits:nth-child(2)').allTextContents();
    const sum = weights.reduce((sum, weight) => sum + Number(weight), 0);
    // Each is rounded to three places.
    assert.ok(Math.abs(sum - 1) <= 0.0005 * (shown + 1), `${sum}`);
    await page.getByRole('button', { name: next }).click();
  }
});
