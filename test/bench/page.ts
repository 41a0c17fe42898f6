/** The page that ships, alone: its worker has a model of 12 x 12 heads that computes nothing (engine.ts). */
import { readFile } from 'node:fs/promises';
import type { CDPSession, Page } from 'playwright-core';
import { PanelPage } from '../page/browser';
import { heap } from './memory';
import type { Part } from './part';
import { bundled, picture, probe, size } from './part';
import type { Row } from './rows';
import { against, median, quantile, row } from './rows';

const HEADS = 144;

const words = (n: number) => Array.from({ length: n }, (_, i) => `tok${i} `).join('');

export const pageAlone: Part = async ({ sizes, repeats, hovers }) => {
  const answers: Record<string, Uint8Array> = {
    '/dist/worker-wasm.js': await bundled('test/bench/engine.ts'),
    '/floor.html': await readFile('test/bench/floor.html'),
  };
  const rows: Row[] = [];
  for (const n of sizes) {
    // A browser for each length: what one leaves behind is not the next one's.
    const panel = await PanelPage.open({
      ...size,
      script: probe(),
      answer: (path) => answers[path] ?? null,
    });
    try {
      const floor = await openFloor(panel, n, repeats, hovers);
      const { page } = panel;
      await page.bringToFront();
      const drawn: number[] = [];
      for (let i = 0; i < repeats; i++) {
        await picture(panel, words(n));
        drawn.push(await page.evaluate(() => window.bench.drawn - window.bench.drawing));
      }
      rows.push(row('grid 12x12 drawn from a buffer', n, median(drawn), 'ms', against(floor.drawn, 1.2)));
      const bytes = await page.evaluate(() => window.bench.bytes);
      rows.push(row('bytes leaving the worker for the grid', n, bytes, 'bytes', { target: HEADS * n * n }));

      const hovered = await hover(page, '.tokens', '.tokens [role=option]', hovers);
      const cpu = { floor: floor.cpu, target: 4 };
      rows.push(
        row(
          'hover, event to end of frame, p95',
          n,
          quantile(hovered.times, 0.95),
          'ms',
          against(floor.hover, 1.2),
        ),
      );
      rows.push(row('hover, CPU of the main thread', n, hovered.cpu, 'ms', cpu));

      rows.push(...(await switchHead(panel, n, repeats)));
      const used = (await heap(page)) / 1e6;
      rows.push(row('page without the worker', n, used, 'MB', against(floor.heap / 1e6, 1.1)));
    } finally {
      await panel.close();
    }
  }
  return rows;
};

async function openFloor(panel: PanelPage, n: number, repeats: number, hovers: number) {
  const context = await panel.page.context().browser()!.newContext();
  const page = await context.newPage();
  await page.setViewportSize(size);
  await page.addInitScript(probe());
  const drawn: number[] = [];
  for (let i = 0; i < repeats; i++) {
    await page.goto(new URL(`/floor.html?n=${n}`, panel.page.url()).href);
    await page.waitForFunction(() => performance.getEntriesByName('floor-done').length > 0);
    drawn.push(
      await page.evaluate(() => {
        const at = (name: string) => performance.getEntriesByName(name)[0]!.startTime;
        return at('floor-done') - at('floor-start');
      }),
    );
  }
  // Its picture lies over its tokens, where no pointer reaches them.
  await page.addStyleTag({ content: 'canvas { pointer-events: none }' });
  const { times, cpu } = await hover(page, '#toks', '#toks span', hovers);
  const used = await heap(page);
  await context.close();
  return { drawn: median(drawn), hover: quantile(times, 0.95), cpu, heap: used };
}

/** Passes over tokens that are seen. @returns ms each, and ms of the main thread a token */
async function hover(page: Page, list: string, tokens: string, count: number) {
  const places = await page.evaluate(
    ([list, tokens, count]) => {
      const outer = document.querySelector(list)!.getBoundingClientRect();
      const seen = [...document.querySelectorAll(tokens)]
        .map((token) => token.getBoundingClientRect())
        .filter(
          ({ top, bottom, width }) =>
            width > 2 && top >= outer.top && bottom <= Math.min(outer.bottom, innerHeight),
        );
      const every = Math.max(1, Math.floor(seen.length / count));
      return seen
        .filter((_, i) => i % every === 0)
        .slice(0, count)
        .map(({ left, top, width, height }) => [left + width / 2, top + height / 2] as const);
    },
    [list, tokens, count] as const,
  );
  await page.mouse.move(1, 1);
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  await page.waitForFunction(() => !window.bench.waiting);
  await page.evaluate(() => (window.bench.hovers = []));
  const before = await busy(session);
  for (const [i, [x, y]] of places.entries()) {
    await page.mouse.move(x, y);
    await page.waitForFunction((wanted) => window.bench.hovers.length > wanted, i, { polling: 4 });
  }
  const cpu = ((await busy(session)) - before) / places.length;
  return { times: await page.evaluate(() => window.bench.hovers), cpu };
}

/** Milliseconds that the main thread has worked so far. */
async function busy(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * metrics.find(({ name }) => name === 'TaskDuration')!.value;
}

/** The key that leads to a head where none was before: to and fro along the rows, downwards. */
async function onwards(page: Page): Promise<string> {
  const labels = await page
    .locator('[role=gridcell]')
    .evaluateAll((cells) => cells.map((cell) => cell.ariaLabel!));
  const focused = await page.locator('[role=gridcell]:focus').getAttribute('aria-label');
  const [layer, head] = focused!.match(/\d+/g)!.map(Number) as [number, number];
  const heads = labels.filter((label) => label.startsWith(`Layer ${layer} `)).length;
  const isLast = head === (layer % 2 === 0 ? heads - 1 : 0);
  if (isLast) return layer < labels.length / heads - 1 ? 'ArrowDown' : 'ArrowUp';
  return layer % 2 === 0 ? 'ArrowRight' : 'ArrowLeft';
}

/** By the keyboard, so that no pointer has asked for the head before. */
export async function switchHead(
  { page }: PanelPage,
  n: number,
  repeats: number,
  of = '12 x 12',
): Promise<Row[]> {
  const focused = page.locator('[role=gridcell][tabindex="0"]');
  await focused.focus();
  const runs = await page.evaluate(() => window.bench.calls['run']);
  const times: number[] = [];
  for (let i = 0; i < repeats; i++) {
    await page.evaluate(() => (window.bench.drawn = 0));
    await page.keyboard.press(await onwards(page));
    await page.waitForFunction(() => window.bench.drawn > 0);
    times.push(await page.evaluate(() => window.bench.drawn - window.bench.pressed));
  }
  const again = (await page.evaluate(() => window.bench.calls['run']!)) - runs!;
  return [
    row(`switch to another head, ${of}`, n, median(times), 'ms', { target: 500 }),
    row(`runs of the model for that, ${of}`, n, again, 'runs', { target: 0 }),
  ];
}
