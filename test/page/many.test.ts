/**
 * The page at 2,048 tokens and 12 x 12 heads, its worker the bench's, which has such attention without a model: what is
 * drawn anew by a move, a switch and a zoom, in squares rather than in time; and what stays in memory.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { heap } from '../bench/memory';
import { bundled } from '../bench/part';
import { PanelPage } from './browser';

declare global {
  interface Window {
    /** Squares of the grid drawn in each frame so far, and drawings elsewhere. */
    squares: number[];
    others: number;
    slow: number[];
  }
}

const HEADS = 144;
const words = (n: number, first = 0) => Array.from({ length: n }, (_, i) => `tok${first + i} `).join('');

const COUNTING = `
  window.squares = [0];
  window.others = 0;
  window.slow = [];
  const { putImageData } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.putImageData = function (...args) {
    if (this.canvas.closest('.grid')) window.squares[window.squares.length - 1]++;
    else window.others++;
    return putImageData.apply(this, args);
  };
  const frame = () => {
    window.squares.push(0);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => window.slow.push(...list.getEntries().map(({ duration }) => Math.round(duration))))
    .observe({ entryTypes: ['longtask'] });
`;

let panel: PanelPage;
before(async () => {
  const worker = await bundled('test/bench/engine.ts');
  panel = await PanelPage.open({
    ...{ width: 1400, height: 900, script: COUNTING },
    answer: (path) => (path === '/dist/worker-wasm.js' ? worker : null),
  });
  await panel.show(words(2048), { wait: false });
  // The bench's worker makes 600 million weights for it.
  await panel.page.waitForSelector('[role=grid][aria-busy=false] [role=gridcell]', { timeout: 300_000 });
  await panel.settled();
});
after(() => panel.close());

const grid = () =>
  panel.page
    .locator('.grid canvas')
    .first()
    .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());

/** Waits until nothing is drawn any more: none for half a second of frames. */
const still = () =>
  panel.page.evaluate(async () => {
    const drawn = () => window.others + window.squares.reduce((sum, one) => sum + one, 0);
    for (let [frames, before] = [0, drawn()]; frames < 30; frames++) {
      await new Promise(requestAnimationFrame);
      if (drawn() !== before) [frames, before] = [0, drawn()];
    }
  });

/** What is drawn by some work and all that follows of it. */
async function drawnBy(work: () => Promise<void>) {
  await still();
  await panel.page.evaluate(() => ([window.squares, window.others, window.slow] = [[0], 0, []]));
  await work();
  await still();
  const { squares, others, slow } = await panel.page.evaluate(() => ({
    squares: window.squares,
    others: window.others,
    slow: window.slow,
  }));
  return { all: squares.reduce((sum, one) => sum + one, 0), most: Math.max(...squares), others, slow };
}

test('a move of the pointer draws no square and no matrix', async () => {
  const { page } = panel;
  const { all, others, slow } = await drawnBy(async () => {
    for (let index = 40; index < 60; index++) {
      await page.evaluate(
        (index) =>
          document
            .querySelector(`#token-${index}`)!
            .dispatchEvent(new PointerEvent('pointerover', { bubbles: true })),
        index,
      );
      await page.waitForSelector(`#token-${index}.told[data-weight]`);
    }
  });
  assert.deepEqual([all, others], [0, 0]);
  console.log(`20 moves: long tasks (ms): ${slow.join(', ') || 'none'}`);
});

test('a switch to another head draws its matrix, and no square', async () => {
  const { page } = panel;
  await page.locator('[role=gridcell][tabindex="0"]').focus();
  const { all, others, slow } = await drawnBy(async () => {
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp']) {
      const before = await page.locator('.head h2 strong').textContent();
      await page.keyboard.press(key);
      await page.waitForFunction((before) => {
        const name = document.querySelector('.head h2 strong')!.textContent;
        const label = document.querySelector('.stack canvas')!.getAttribute('aria-label')!;
        return name !== before && label.includes(`head ${name},`);
      }, before);
    }
  });
  assert.equal(all, 0);
  // Its legend is of another matrix, too.
  assert.ok(others <= 3 * 2, `${others} drawings`);
  console.log(`3 switches: long tasks (ms): ${slow.join(', ') || 'none'}`);
});

test('while one zooms and pans the squares follow a few at a time, and all of them in the end', async () => {
  const { page } = panel;
  const { x, y, width, height } = (await page.locator('.stack').boundingBox())!;
  await page.mouse.move(x + 0.6 * width, y + 0.7 * height);
  // A notch: most of what there is stays in sight, and is more than one frame has time for.
  const notch = await drawnBy(async () => {
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -100);
    await page.keyboard.up('Control');
    await page.locator('.heads h2 .hint').filter({ hasText: 'tokens' }).waitFor();
  });
  assert.ok(notch.most <= HEADS / 2, `${notch.most} squares in one frame`);
  assert.equal(notch.all, HEADS);
  await assertWhole();
  const deep = await drawnBy(async () => {
    await page.keyboard.down('Control');
    for (let i = 0; i < 8; i++) await page.mouse.wheel(0, -100);
    await page.keyboard.up('Control');
    for (let i = 0; i < 6; i++) await page.mouse.wheel(0, 40);
  });
  console.log(`a notch, then more: long tasks (ms): ${[...notch.slow, ...deep.slow].join(', ') || 'none'}`);
  await assertWhole();
});

/** What stands is what would be drawn from nothing: no square was left behind. */
async function assertWhole(): Promise<void> {
  await still();
  const before = await grid();
  const { most } = await drawnBy(() =>
    panel.page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('.grid canvas')!;
      canvas.getContext('2d')!.clearRect(0, 0, canvas.width, canvas.height);
      canvas.dispatchEvent(new Event('contextrestored'));
    }),
  );
  assert.equal(most, HEADS, 'all squares at once');
  assert.ok((await grid()) === before, 'and they are the same');
}

test('a storm of sizes, zooms and moves leaves the picture that there was', async () => {
  const { page } = panel;
  await page.keyboard.press('0');
  await still();
  const before = await grid();
  for (let i = 0; i < 40; i++) {
    await page.setViewportSize({ width: 320 + ((i * 397) % 1300), height: 200 + ((i * 211) % 900) });
    await page.keyboard.press(['+', '+', 'Shift+ArrowDown', '-', 'n', '0', 'ArrowRight'][i % 7]!);
  }
  await page.setViewportSize({ width: 1400, height: 900 });
  await page.keyboard.press('0');
  await page.locator('.map').waitFor({ state: 'hidden' });
  await assertWhole();
  assert.ok((await grid()) === before);
  const canvases = await page
    .locator('canvas')
    .evaluateAll((all) =>
      all.map((one) => (one as HTMLCanvasElement).width * (one as HTMLCanvasElement).height),
    );
  for (const pixels of canvases) assert.ok(pixels < 4e6, `${pixels} pixels`);
});

test('fifty texts one after the other leave in memory what the first few did', async () => {
  const { page } = panel;
  // Each has an overview of 9.4 MB and a matrix of 0.3 MB in the page.
  const show = (i: number) => panel.show(words(256, 1000 * i));
  for (let i = 1; i <= 5; i++) await show(i);
  await still();
  const before = await heap(page);
  for (let i = 6; i <= 55; i++) await show(i);
  await still();
  const grown = ((await heap(page)) - before) / 1e6;
  console.log(`grown by ${grown.toFixed(2)} MB over 50 texts of ${(before / 1e6).toFixed(1)} MB`);
  assert.ok(grown < 9, `${grown.toFixed(1)} MB`);
});
