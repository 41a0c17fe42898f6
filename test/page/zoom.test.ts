/** Zoom and pan of the head in focus: by wheel, drag, keys, buttons and the map; what is told is what is drawn there. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, beforeEach, test } from 'node:test';
import { untouched } from '../../webview/choices';
import { rampWords } from '../../webview/core/colour';
import { violations } from './axe';
import { PanelPage } from './browser';

const text = readFileSync('webview/core/pool.ts', 'utf8').slice(0, 1500);

let panel: PanelPage;
before(async () => {
  panel = await PanelPage.open({ width: 1200, height: 900 });
  await panel.show(text);
});
after(() => panel.close());

beforeEach(async () => {
  await panel.page.keyboard.press('Escape');
  await panel.page.mouse.move(2, 2);
  await panel.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await panel.page.keyboard.press('0');
  await map().waitFor({ state: 'hidden' });
});

const map = () => panel.page.locator('.map');
const button = (name: string) => panel.page.getByRole('button', { name });
const readout = async () => (await panel.page.locator('.readout').textContent())!;

/** The cells of the matrix: its labels take the same room at the left and on top. */
async function frame() {
  const box = (await panel.page.locator('.stack').boundingBox())!;
  const corner = await panel.page.locator('.stack').evaluate((stack) => {
    const map = stack.querySelector<HTMLElement>('.map')!;
    return map.hidden ? null : map.getBoundingClientRect().width + 6;
  });
  return { ...box, corner };
}

/** Points at a share of the matrix, labels included. */
async function pointAt(x: number, y: number): Promise<string> {
  const { x: left, y: top, width, height } = await frame();
  await panel.page.mouse.move(left + x * width, top + y * height);
  await panel.page.waitForFunction(() => document.querySelector('.readout')!.textContent !== '');
  return readout();
}

/** Turns the wheel once, and waits for the picture that follows. */
async function wheel(y: number, { control = false, x = 0 } = {}): Promise<void> {
  const before = await picture();
  if (control) await panel.page.keyboard.down('Control');
  await panel.page.mouse.wheel(x, y);
  if (control) await panel.page.keyboard.up('Control');
  await changed(before);
}

const picture = () =>
  panel.page
    .locator('.stack canvas')
    .first()
    .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
const changed = (before: string) =>
  panel.page.waitForFunction(
    (before) => document.querySelector<HTMLCanvasElement>('.stack canvas')!.toDataURL() !== before,
    before,
  );
/** What is told by a label of a row, without its weight. */
const pairOf = (told: string) => told.replace(/: (\S+)$/, '');
const toldIndex = () =>
  panel.page.locator('.token.told').evaluate((token) => Number(token.getAttribute('data-index')));

test('the wheel with Ctrl zooms at the pointer, down to single tokens', async () => {
  const told = await pointAt(0.5, 0.8);
  const row = await toldIndex();
  for (let i = 0; i < 3; i++) await wheel(-100, { control: true });
  await panel.page.mouse.move(2, 2);
  // A pixel holds a token or two at first: the row is that one or its neighbour.
  await pointAt(0.5, 0.8);
  assert.ok(Math.abs((await toldIndex()) - row) <= 2, `row ${await toldIndex()}, first ${row}: ${told}`);
  while ((await button('Zoom in').getAttribute('aria-disabled')) === null)
    await wheel(-100, { control: true });
  const { width, corner } = await frame();
  // Neighbouring cells are so large that half of one further is the next.
  const first = await pointAt(0.5, 0.8);
  const { x, y, height } = await frame();
  const next = (await toldIndex()) + 1;
  await panel.page.mouse.move(x + 0.5 * width, y + 0.8 * height + 56);
  await panel.page.locator(`#token-${next}.told`).waitFor();
  assert.ok(corner! > 30, 'the map has its corner');
  assert.notEqual(await readout(), first);
});

test('the wheel pans while a part is seen, and leaves the page alone; at the edge the page scrolls', async () => {
  await pointAt(0.5, 0.7);
  for (let i = 0; i < 5; i++) await wheel(-100, { control: true });
  const row = (await pointAt(0.5, 0.7), await toldIndex());
  await wheel(100);
  await panel.page.mouse.move(2, 2);
  await pointAt(0.5, 0.7);
  assert.ok((await toldIndex()) > row, 'further down');
  assert.equal(await panel.page.evaluate(() => scrollY), 0);
});

test('a drag pans and pins nothing; a click still pins', async () => {
  const { page } = panel;
  await pointAt(0.5, 0.7);
  for (let i = 0; i < 5; i++) await wheel(-100, { control: true });
  const told = pairOf(await pointAt(0.6, 0.6));
  const { x, y, width, height } = await frame();
  await page.mouse.down();
  const before = await picture();
  await page.mouse.move(x + 0.4 * width, y + 0.5 * height, { steps: 4 });
  await changed(before);
  await page.mouse.up();
  assert.equal(await page.locator('.token[aria-selected=true]').count(), 0);
  await page.mouse.move(2, 2);
  assert.equal(pairOf(await pointAt(0.4, 0.5)), told, 'what was taken hold of came along');
  await page.mouse.click(x + 0.4 * width, y + 0.5 * height);
  await page.locator('.token[aria-selected=true]').waitFor();
});

test('a double click zooms in where labels are read, and out again, and leaves the pin', async () => {
  const { page } = panel;
  const { x, y, width, height } = await frame();
  await page.mouse.dblclick(x + 0.5 * width, y + 0.7 * height);
  await map().waitFor();
  await page.locator('.token[aria-selected=true]').waitFor();
  await page.mouse.dblclick(x + 0.5 * width, y + 0.7 * height);
  await map().waitFor({ state: 'hidden' });
});

test('buttons and keys: in, out, the whole; what ends is off', async () => {
  const { page } = panel;
  for (const name of ['Zoom out', 'Whole matrix'])
    assert.equal(await button(name).getAttribute('aria-disabled'), 'true');
  let before = await picture();
  await button('Zoom in').click();
  await changed(before);
  await map().waitFor();
  before = await picture();
  await page.keyboard.press('+');
  await changed(before);
  before = await picture();
  await page.keyboard.press('-');
  await changed(before);
  await button('Whole matrix').click();
  await map().waitFor({ state: 'hidden' });
});

test('the frame goes along with the token that keys tell, and a screen reader hears what is seen', async () => {
  const { page } = panel;
  await page.evaluate(() => (document.querySelector('#told')!.textContent = ''));
  await page.locator('.place').focus();
  await page.keyboard.press('ArrowDown');
  await page.locator('#token-0.told').waitFor();
  // A row that is still to be told would be told in place of what is seen.
  await page.waitForFunction(() => / looks at /.test(document.querySelector('#told')!.textContent!));
  for (let i = 0; i < 12; i++) await page.keyboard.press('+');
  await page.waitForFunction(() =>
    /^Seen: token 0 to token \d,/.test(document.querySelector('#told')!.textContent!),
  );
  for (let i = 1; i <= 40; i++) await page.keyboard.press('ArrowDown');
  await page.locator('#token-40.told').waitFor();
  // Its row is in the frame: a pointer finds it there.
  const { x, y, width, height } = await frame();
  const found = new Set<number>();
  for (let at = 0.2; at < 1; at += 0.05) {
    await page.mouse.move(x + 0.5 * width, y + at * height);
    await panel.page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    found.add(await toldIndex());
  }
  assert.ok(found.has(40), `rows ${[...found]}`);
});

/** A square of the grid, as the pointer finds it. */
const square = (head: string) => panel.page.getByRole('gridcell', { name: head, exact: true });
const hint = () => panel.page.locator('.heads h2 .hint');

test('over a square of the grid the wheel with Ctrl zooms all of them, and the head; a drag moves them', async () => {
  const { page } = panel;
  assert.match((await hint().textContent())!, /every token/);
  const box = (await square('Layer 2 head 3').boundingBox())!;
  const pointer = [box.x + 0.5 * box.width, box.y + 0.8 * box.height] as const;
  await page.mouse.move(...pointer);
  await page.locator('.head h2 strong').filter({ hasText: '2.3' }).waitFor();
  for (let i = 0; i < 6; i++) await wheel(-100, { control: true });
  await hint()
    .filter({ hasText: /tokens \d+–\d+ .down. attending to \d+–\d+ .across/ })
    .waitFor();
  // What was under the pointer still is, and the head shows the same part: the same place of it tells the same.
  const { length } = await panel.tokens();
  await pointAt(0.5, 0.8);
  assert.ok(Math.abs((await toldIndex()) / length - 0.8) < 0.06, `${await toldIndex()} of ${length}`);
  const before = await hint().textContent();
  await page.mouse.move(...pointer);
  await page.mouse.down();
  await page.mouse.move(pointer[0] + 20, pointer[1] - 20, { steps: 3 });
  await page.mouse.up();
  await page.waitForFunction(
    (before) => document.querySelector('.heads h2 .hint')!.textContent !== before,
    before,
  );
  assert.notEqual(await square('Layer 2 head 3').getAttribute('aria-selected'), 'true', 'a drag is no click');
  await page.mouse.click(...pointer);
  await page.waitForSelector('[aria-label="Layer 2 head 3"][aria-selected=true]');
});

test('lines that are seen are the tokens that the squares show; the whole is told as the whole', async () => {
  const { page } = panel;
  await page.getByRole('button', { name: 'View' }).click();
  await page.getByRole('radio', { name: 'Text lines' }).check();
  for (let i = 0; i < 3; i++) await page.keyboard.press('+');
  await hint()
    .filter({ hasText: /lines \d+–\d+ .down. attending to \d+–\d+ .across/ })
    .waitFor();
  await page.keyboard.press('0');
  await hint().filter({ hasText: 'every token' }).waitFor();
  await page.getByRole('radio', { name: 'Tokens' }).check();
  await page.getByRole('button', { name: 'View' }).click();
});

/** Colours of the pairs of a row with the first keys, in a square that shows the matrix from its first pair on. */
const inSquare = (head: string, query: number, keys: number) =>
  panel.page.evaluate(
    ([head, query, keys]) => {
      const canvas = document.querySelector<HTMLCanvasElement>('.grid canvas')!;
      const cell = document.querySelector(`[aria-label="${head}"]`)!.getBoundingClientRect();
      const box = canvas.getBoundingClientRect();
      // As many pairs as the matrix shows at the largest zoom: each is 56 pixels there.
      const margin = document.querySelector('.map')!.getBoundingClientRect().width + 6;
      const seen = (document.querySelector('.stack')!.getBoundingClientRect().width - margin) / 56;
      const place = (token: number) => ((token + 0.5) * cell.width) / seen;
      return Array.from({ length: keys }, (_, key) => {
        const [x, y] = [cell.left - box.left + place(key), cell.top - box.top + place(query)];
        const [r, g, b] = canvas.getContext('2d')!.getImageData(Math.floor(x), Math.floor(y), 1, 1).data;
        return [r, g, b].join();
      });
    },
    [head, query, keys] as const,
  );

test('of a long text each square shows single tokens in the end: the colours of the weights that are told', async () => {
  const long = await PanelPage.open({ width: 1200, height: 900 });
  const short = panel;
  panel = long;
  try {
    const { page } = long;
    await long.show(readFileSync('test/samples/queue.ts', 'utf8').repeat(4).slice(0, 3200));
    assert.ok((await long.tokens()).length > 600, 'several tokens share a cell of the overview');
    const words = rampWords('dark', untouched);
    const latest = Date.now() + 120_000;
    for (let i = 0; i < 20; i++) await page.keyboard.press('+');
    await map().waitFor();
    const corner = (await map().boundingBox())!;
    await page.mouse.move(corner.x + 5, corner.y + 5);
    await page.mouse.down();
    await page.mouse.move(corner.x - 5, corner.y - 5);
    await page.mouse.up();
    await hint()
      .filter({ hasText: /tokens 0–\d+ .down. attending to 0–\d+/ })
      .waitFor();
    for (const head of ['Layer 0 head 1', 'Layer 4 head 6']) {
      await square(head).click();
      await page.waitForSelector(`[aria-label="${head}"][aria-selected=true]`);
      for (const query of [2, 5]) {
        await page.locator(`#token-${query}`).hover();
        await page.locator(`#token-${query}.told[data-weight]`).waitFor();
        const expected = (await long.weights()).slice(0, query + 1).map((weight) => {
          const colour = words[Math.floor(weight * 255 + 0.5)]!;
          return [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255].join();
        });
        // Finer cells are computed head by head, and come when they have come.
        const found = () => inSquare(head, query, query + 1);
        while ((await found()).join(' ') !== expected.join(' ') && Date.now() < latest)
          await page.evaluate(() => new Promise(requestAnimationFrame));
        assert.deepEqual(await found(), expected, `${head}, row ${query}`);
      }
    }
  } finally {
    panel = short;
    await long.close();
  }
});

test('the map moves the frame where it is dragged', async () => {
  const { page } = panel;
  for (let i = 0; i < 5; i++) await page.keyboard.press('+');
  await map().waitFor();
  const box = (await map().boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  const before = await picture();
  await page.mouse.move(box.x + box.width - 2, box.y + box.height - 2, { steps: 3 });
  await changed(before);
  await page.mouse.up();
  const { length } = await panel.tokens();
  const { x, y, width, height } = await frame();
  await page.mouse.move(x + width - 3, y + height - 3);
  await page.locator(`#token-${length - 1}.told`).waitFor();
  assert.equal(await page.locator('.token[aria-selected=true]').count(), 0, 'the map pins nothing');
});

test('a storm of sizes, zooms and moves leaves a whole page', async () => {
  const { page } = panel;
  await page.locator('#token-30').click();
  for (let i = 0; i < 40; i++) {
    await page.setViewportSize({ width: 320 + ((i * 397) % 900), height: 200 + ((i * 211) % 800) });
    await page.keyboard.press(['+', '+', '-', 'n', 'ArrowDown', 'Shift+ArrowRight', '0'][i % 7]!);
  }
  await page.setViewportSize({ width: 1200, height: 900 });
  await page.keyboard.press('0');
  await map().waitFor({ state: 'hidden' });
  const canvases = await page
    .locator('.stack canvas, .grid canvas')
    .evaluateAll((all) => all.map((one) => (one as HTMLCanvasElement).width));
  for (const width of canvases) assert.ok(width > 0 && width < 4000, `${width} pixels`);
  assert.match(await pointAt(0.5, 0.8), /→/);
});

test('a part that is seen is drawn again when its canvas is lost', async () => {
  const { page } = panel;
  for (let i = 0; i < 5; i++) await page.keyboard.press('+');
  await map().waitFor();
  const before = await picture();
  await page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.stack canvas')!;
    canvas.getContext('2d')!.clearRect(0, 0, canvas.width, canvas.height);
    canvas.dispatchEvent(new Event('contextrestored'));
  });
  await page.waitForFunction(
    (before) => document.querySelector<HTMLCanvasElement>('.stack canvas')!.toDataURL() === before,
    before,
  );
});

for (const theme of ['dark', 'light', 'high-contrast', 'high-contrast-light'] as const)
  test(`${theme}: a part of lines in sight, narrow and wide: axe finds nothing, nothing is cut off`, async () => {
    const other = await PanelPage.open({ theme, width: 320, height: 800 });
    try {
      const { page } = other;
      await other.show(text.slice(0, 700));
      await page.getByRole('button', { name: 'View' }).click();
      await page.getByRole('radio', { name: 'Text lines' }).check();
      await page.locator('#token-20').click();
      for (const key of ['+', '+', 'n']) await page.keyboard.press(key);
      await page.locator('.map:not([hidden])').waitFor();
      for (const width of [320, 1200]) {
        await page.setViewportSize({ width, height: 800 });
        await other.post({ type: 'visible', visible: true });
        assert.deepEqual(await violations(page), []);
        const [scroll, client] = await page.evaluate(() => [
          document.documentElement.scrollWidth,
          document.documentElement.clientWidth,
        ]);
        assert.ok(scroll <= client, `the page is ${scroll} wide in a window of ${client}`);
      }
    } finally {
      await other.close();
    }
  });
