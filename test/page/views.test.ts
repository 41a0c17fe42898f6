/** Every look at the same picture: its numbers are those of PyTorch's values, and what is only drawn changes none. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Mask } from '../../webview/core/attention';
import { PanelPage } from './browser';
import { golden } from './golden';

const python = golden('python');
const { layers, heads } = python;
const token = 9;

let panel: PanelPage;
before(async () => {
  panel = await PanelPage.open();
  await panel.page.setViewportSize({ width: 700, height: 1000 });
});
after(() => panel.close());

/** A fresh page with the token pinned, and the second row of the toolbar open. */
beforeEach(async () => {
  await panel.page.evaluate(() => sessionStorage.clear());
  await panel.reload();
  await panel.show(python.text);
  await panel.page.getByRole('button', { name: 'View' }).click();
  await panel.page.locator(`#token-${token}`).click();
  await panel.page.mouse.move(1, 1);
});

const switchNamed = (name: string) => panel.page.getByRole('switch', { name });
const cell = (layer: number, head: number) =>
  panel.page.getByRole('gridcell', { name: `Layer ${layer} head ${head}`, exact: true });

async function look(name: string): Promise<void> {
  await panel.page.getByRole('combobox', { name: 'Look at' }).click();
  await panel.page.getByRole('option', { name }).click();
}

const titled = (title: string) =>
  panel.page.locator('.head h2 strong').filter({ hasText: title }).waitFor({ timeout: 60_000 });

/** Weights that the told token gives, brought together over heads of PyTorch's values. */
function expected(
  mask: Mask,
  of: [layer: number, head: number][],
  bring: (all: number[]) => number,
): number[] {
  const rows = of.map(([layer, head]) => python.row(mask, layer, head, token));
  return Array.from(rows[0], (_, key) => bring(rows.map((row) => row[key])));
}
const headsOf = (layer: number) =>
  Array.from({ length: heads }, (_, head): [number, number] => [layer, head]);
const everyHead = Array.from({ length: layers }, (_, layer) => headsOf(layer)).flat();
const mean = (all: number[]) => all.reduce((sum, one) => sum + one, 0) / all.length;
const most = (all: number[]) => Math.max(...all);

async function tells(values: readonly number[]): Promise<void> {
  const told = await panel.weights();
  assert.equal(told.length, values.length);
  told.forEach((weight, i) =>
    assert.ok(Math.abs(weight - values[i]) < 1e-4, `${i}: ${weight}, not ${values[i]}`),
  );
}

test('average and maximum, of a layer and of all heads', async () => {
  await cell(2, 5).click();
  await panel.page.mouse.move(1, 1);
  await look('average of its layer');
  await titled('average of layer 2');
  await tells(expected('causal', headsOf(2), mean));
  await look('maximum of its layer');
  await titled('maximum of layer 2');
  await tells(expected('causal', headsOf(2), most));
  await look('average of all heads');
  await titled('average of all heads');
  await tells(expected('causal', everyHead, mean));
  await look('maximum of all heads');
  await titled('maximum of all heads');
  await tells(expected('causal', everyHead, most));
  await cell(1, 1).click();
  await titled('1.1');
  await tells(expected('causal', [[1, 1]], mean));
});

test('causal minus bidirectional runs the other mask, and tells negative values as negative', async () => {
  await cell(3, 2).click();
  await panel.page.mouse.move(1, 1);
  await switchNamed('Causal − bidirectional').click();
  await titled('3.2, causal − bidirectional');
  const causal = expected('causal', [[3, 2]], mean);
  const both = expected('bidirectional', [[3, 2]], mean);
  const difference = causal.map((weight, i) => weight - both[i]);
  await tells(difference);
  assert.ok(difference.some((value) => value < 0));
  const signs = await panel.page
    .locator('.token[data-mark]')
    .evaluateAll((options) =>
      options.map((one) => [one.getAttribute('data-mark'), Number(one.getAttribute('data-weight')) < 0]),
    );
  assert.ok(signs.length > 3);
  for (const [mark, negative] of signs) assert.equal(mark, negative ? '−' : '+');
  assert.match((await panel.page.locator('.links').textContent())!, /−0\.\d/);
  // Under the other mask the difference is the same one.
  await switchNamed('Causal mask').click();
  await panel.page.waitForFunction(() =>
    /bidirectional/.test(document.querySelector('[role=status]')!.textContent!),
  );
  await tells(difference);
});

test('several heads overlaid: pinned by Ctrl+click or o, each told by a letter', async () => {
  await cell(4, 0).click();
  await cell(1, 6).click({ modifiers: ['Control'] });
  await panel.page.mouse.move(1, 1);
  await titled('4.0 + 1.6');
  await tells(
    expected(
      'causal',
      [
        [4, 0],
        [1, 6],
      ],
      most,
    ),
  );
  assert.match(
    (await cell(1, 6).getAttribute('aria-description'))!,
    /^pinned as B, blue.*; looks [\d.]+ tokens away on average; \d+ % on the strongest link/,
  );
  assert.match((await panel.page.locator('.legend').textContent())!, /A4\.0B1\.6/);

  await cell(1, 6).focus();
  await panel.page.keyboard.press('ArrowRight');
  await titled('1.7');
  await panel.page.keyboard.press('o');
  await titled('4.0 + 1.6 + 1.7');
  const [a, b, c] = [
    [4, 0],
    [1, 6],
    [1, 7],
  ].map(([layer, head]) => python.row('causal', layer, head, token));
  const marks = await panel.page
    .locator('.token[data-mark]')
    .evaluateAll((options) =>
      options.map((one) => [Number(one.getAttribute('data-index')), one.getAttribute('data-mark')] as const),
    );
  assert.ok(marks.length > 2);
  for (const [i, mark] of marks) {
    const strongest = Math.max(a[i], b[i], c[i]);
    const own = { A: a[i], B: b[i], C: c[i] }[mark as 'A'];
    assert.ok(strongest - own < 1e-4, `${i} is painted as ${mark}`);
  }
  await panel.page.keyboard.press('o');
  await titled('4.0 + 1.6');
});

test('threshold and hidden first token change what is drawn and painted, never a number', async () => {
  await cell(2, 5).click();
  await panel.page.mouse.move(1, 1);
  await titled('2.5');
  const numbers = await panel.weights();
  const lastReveal = async () =>
    (await panel.sent()).filter((message) => message.type === 'reveal').at(-1)!.reveal!;
  const all = await lastReveal();

  await panel.page.getByRole('slider', { name: 'Hide weights under' }).fill('5');
  await panel.page.waitForTimeout(150);
  assert.equal(await panel.page.getByRole('slider').getAttribute('aria-valuetext'), '0.02');
  assert.deepEqual(await panel.weights(), numbers);
  const over = await lastReveal();
  assert.ok(over.weights.length < all.weights.length);
  assert.ok(over.weights.every((weight) => weight >= 0.02));

  await panel.page.getByRole('slider').fill('0');
  await switchNamed('Hide first token').click();
  await panel.page.waitForTimeout(150);
  assert.deepEqual(await panel.weights(), numbers);
  const without = await lastReveal();
  assert.deepEqual(without.weights, all.weights, 'what is told is what the model gave');
  without.strengths.forEach((strength, i) => {
    const rescaled = Math.sqrt(all.weights[i] / (1 - numbers[0]));
    assert.ok(Math.abs(strength - rescaled) < 1e-4, 'what is painted is rescaled');
  });
  assert.match(
    (await panel.page.locator('.sink').textContent())!,
    /left out, and the rest of each row rescaled/,
  );
  const blank = await panel.page.locator('#token-0').evaluate((option) => option.style.backgroundColor);
  assert.equal(blank, '', 'the first token is not painted');
});

test('without the first token, also after a look at the other mask', async () => {
  const squares = () =>
    panel.page
      .locator('.grid canvas')
      .first()
      .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
  const becomes = async (wanted: boolean, than: string) => {
    for (let i = 0; i < 100 && ((await squares()) === than) !== wanted; i++)
      await panel.page.waitForTimeout(100);
    assert.equal((await squares()) === than, wanted);
  };
  const without = await squares();
  await switchNamed('Hide first token').click();
  await becomes(false, without);
  const hidden = await squares();
  await switchNamed('Hide first token').click();
  await becomes(true, without);
  for (const mask of ['bidirectional', 'causal']) {
    await switchNamed('Causal mask').click();
    await panel.page.locator('.status', { hasText: ` ${mask} ` }).waitFor();
  }
  await switchNamed('Hide first token').click();
  await becomes(true, hidden);
  await switchNamed('Hide first token').click();
  await becomes(true, without);
});

test('where the first token takes most of the weight, the view names it and can hide it', async () => {
  await cell(2, 5).click();
  await panel.page.mouse.move(1, 1);
  await panel.page
    .locator('.sink')
    .filter({ hasText: /\d+ % rests on the first token, <s>/ })
    .waitFor();
  await panel.page.getByRole('button', { name: 'Hide it' }).click();
  await panel.page.getByRole('button', { name: 'Show it' }).click();
  await panel.page.getByRole('button', { name: 'Hide it' }).waitFor();
});

test('lines: hovering at the left tells a query, at the right the other token', async () => {
  await panel.page.keyboard.press('Escape');
  await switchNamed('Lines').click();
  const lines = panel.page.getByRole('img', { name: /lines between them/ });
  const box = (await lines.boundingBox())!;
  const row = box.height / python.n;
  const told = (index: number) => panel.page.waitForSelector(`#token-${index}.told`);
  for (const index of [4, 11]) {
    await panel.page.mouse.move(box.x + 20, box.y + (index + 0.5) * row);
    await told(index);
    await panel.page.mouse.move(box.x + box.width - 20, box.y + (index + 1.5) * row);
    await told(index + 1);
  }
  await panel.page.mouse.move(1, 1);
});

test('a longer text stays a matrix, and says why', async () => {
  await panel.show('x = 1\n'.repeat(40));
  await switchNamed('Lines').click();
  await panel.page.locator('.head h2', { hasText: 'lines are for up to 64 tokens' }).waitFor();
  assert.ok(await panel.page.getByRole('img', { name: /Attention of head .* by / }).isVisible());
});

test('all that was chosen survives a reload', async () => {
  await cell(0, 2).click();
  await cell(3, 3).click({ modifiers: ['Control'] });
  await switchNamed('Lines').click();
  await switchNamed('Hide first token').click();
  await panel.page.getByRole('slider').fill('3');
  await panel.page.waitForTimeout(150);
  await panel.reload();
  await panel.show(python.text);
  await titled('0.2 + 3.3');
  await panel.page.getByRole('button', { name: 'View' }).click();
  assert.equal(await switchNamed('Lines').getAttribute('aria-checked'), 'true');
  assert.equal(await switchNamed('Hide first token').getAttribute('aria-checked'), 'true');
  assert.equal(await panel.page.getByRole('slider').getAttribute('aria-valuetext'), '0.005');
  await panel.page.getByRole('img', { name: /lines between them/ }).waitFor();
});

test('a screen reader hears head, token and three strongest links, once the pointer rests', async () => {
  await cell(2, 5).click();
  await panel.page.mouse.move(1, 1);
  const told = panel.page.locator('#told[aria-live=polite]');
  const words = /^Head 2\.5\. .+ looks at (.+ [01]\.\d\d)(, .+ [01]\.\d\d){2}\.$/;
  await told.filter({ hasText: words }).waitFor({ state: 'attached' });
  await look('average of all heads');
  await told.filter({ hasText: /^Average of all heads\. / }).waitFor({ state: 'attached' });
  await panel.page.keyboard.press('Escape');
  await told.filter({ hasText: /^Average of all heads\.$/ }).waitFor({ state: 'attached' });
});
