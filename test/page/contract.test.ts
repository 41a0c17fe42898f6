/** The panel's contract: what tests and screen readers may rely on. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PanelPage } from './browser';

const code =
  'def mean(values):\n    total = 0\n\tfor value in values:\r\n        total += value\n    return total\n';

declare global {
  interface Window {
    busy: [busy: string, text: string][];
  }
}

let panel: PanelPage;
before(async () => void (panel = await PanelPage.open()));
after(() => panel.close());

const switchNamed = (name: string) => panel.page.getByRole('switch', { name });
const cell = (layer: number, head: number) =>
  panel.page.getByRole('gridcell', { name: `Layer ${layer} head ${head}`, exact: true });

test('a grid of one cell a head, busy until its picture stands', async () => {
  const grid = panel.page.getByRole('grid', { name: 'Heads by layers' });
  await panel.show('something else');
  // Every value that the attribute takes, with the text that the panel shows at that moment.
  await grid.evaluate((element) => {
    window.busy = [];
    new MutationObserver(() => {
      const shown = [...document.querySelectorAll('[role=option][data-text]')].map((one) =>
        one.getAttribute('data-text'),
      );
      window.busy.push([element.ariaBusy!, shown.slice(1).join('')]);
    }).observe(element, { attributeFilter: ['aria-busy'] });
  });
  await panel.show(code);
  const seen = await panel.page.evaluate(() => window.busy);
  assert.deepEqual(seen, [
    ['true', 'something else'],
    ['false', code],
  ]);
  const names = await grid.getByRole('gridcell').evaluateAll((cells) => cells.map((one) => one.ariaLabel));
  assert.equal(names.length, 5 * 8);
  assert.equal(new Set(names).size, names.length);
  for (let layer = 0; layer < 5; layer++)
    for (let head = 0; head < 8; head++) assert.ok(names.includes(`Layer ${layer} head ${head}`));
});

test('an option for every position, in order, with its place in the document', async () => {
  await panel.show(code, { offset: 1000 });
  const tokens = await panel.tokens();
  assert.deepEqual(
    tokens.map(({ index }) => index),
    tokens.map((_, i) => i),
  );
  const [first, ...rest] = tokens;
  assert.equal(first.text, '<s>');
  assert.equal(first.start, first.end);
  let at = 1000;
  for (const { start, end, text } of rest) {
    assert.equal(start, at);
    assert.equal(text, code.slice(start - 1000, end - 1000));
    at = end;
  }
  assert.equal(at, 1000 + code.length);
});

test('white space is spelled out, and every option has a box', async () => {
  await panel.show(code);
  const tokens = await panel.tokens();
  for (const { width, height, text } of tokens) assert.ok(width >= 4 && height >= 8, JSON.stringify(text));
  for (const { name, text } of tokens) {
    assert.ok(name.trim());
    if (text.includes('\n')) assert.match(name, /newline/);
    if (text.includes('\t')) assert.match(name, /tab/);
  }
});

test('weights while a token is pointed at or pinned, and none otherwise', async () => {
  await panel.show(code);
  const options = panel.page.getByRole('option');
  await panel.page.mouse.move(2, 2);
  assert.equal(await options.nth(3).getAttribute('data-weight'), null);

  await options.nth(6).hover();
  const row = await panel.weights();
  assert.ok(Math.abs(row.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-5);
  assert.ok(
    row.slice(7).every((weight) => weight === 0),
    'what the causal mask hides weighs exactly 0',
  );

  await options.nth(6).click();
  await panel.page.mouse.move(2, 2);
  assert.deepEqual(await panel.weights(), row);
  assert.equal(await options.nth(6).getAttribute('aria-selected'), 'true');

  await panel.page.keyboard.press('Escape');
  await panel.page.waitForSelector('[role=option][data-weight]', { state: 'detached' });
});

test('reversed, each option tells what it gives to the pinned one', async () => {
  await panel.show(code);
  const options = panel.page.getByRole('option');
  const count = await options.count();
  const rows: number[][] = [];
  for (let query = 0; query < count; query++) {
    await options.nth(query).hover();
    await panel.page.waitForSelector(`#token-${query}.told`);
    rows.push(await panel.weights());
  }
  await options.nth(2).click();
  await switchNamed('Who attends to me').click();
  await panel.page.waitForTimeout(100);
  assert.deepEqual(
    await panel.weights(),
    rows.map((row) => row[2]),
  );
  await switchNamed('Who attends to me').click();
  await panel.page.keyboard.press('Escape');
});

test('a scale changes colours, never a number', async () => {
  await panel.show(code);
  await panel.page.getByRole('option').nth(5).click();
  const before = await panel.weights();
  await panel.page.getByRole('combobox', { name: 'Scale' }).click();
  await panel.page.getByRole('option', { name: 'log' }).click();
  assert.deepEqual(await panel.weights(), before);
  await panel.page.keyboard.press('Escape');
});

test('the mask switch runs the other mask, says so, and going back is the same picture', async () => {
  await panel.show(code);
  const mask = switchNamed('Causal mask');
  assert.equal(await mask.getAttribute('aria-checked'), 'true');
  await panel.page.getByRole('option').nth(4).click();
  const causal = await panel.weights();
  await mask.click();
  await panel.settled();
  await panel.page.waitForFunction(
    () => Number(document.querySelector('#token-9')?.getAttribute('data-weight')) > 0,
  );
  assert.equal(await mask.getAttribute('aria-checked'), 'false');
  assert.match((await panel.page.getByRole('status').textContent())!, /bidirectional/);
  const both = await panel.weights();
  assert.ok(Math.abs(both.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-5);
  assert.ok(both.every((weight) => weight > 0));
  await mask.click();
  await panel.settled();
  await panel.page.waitForFunction(
    () => document.querySelector('#token-9')?.getAttribute('data-weight') === '0',
  );
  assert.deepEqual(await panel.weights(), causal);
  await panel.page.keyboard.press('Escape');
});

test('pointing at a cell previews its head, clicking focuses it', async () => {
  await panel.show(code);
  const title = panel.page.locator('.head h2 strong');
  const shows = (name: string) =>
    title.filter({ hasText: new RegExp(`^${name}$`) }).waitFor({ timeout: 10_000 });
  await cell(4, 7).click();
  await shows('4.7');
  await cell(0, 1).hover();
  await shows('0.1');
  await panel.page.mouse.move(2, 2);
  await shows('4.7');
  assert.equal(await cell(4, 7).getAttribute('aria-selected'), 'true');
});

test('keys: arrows move within the widget, Shift moves tokens from the grid, m toggles the mask', async () => {
  await panel.show(code);
  const { keyboard } = panel.page;
  const title = () => panel.page.locator('.head h2 strong').textContent();
  const told = () => panel.page.locator('.token.told').getAttribute('data-index');
  await cell(2, 3).click();
  await panel.page.mouse.move(2, 2);
  await keyboard.press('ArrowRight');
  await keyboard.press('ArrowDown');
  await panel.page.waitForFunction(() => document.querySelector('.head h2 strong')?.textContent === '3.4');
  await keyboard.press('Shift+ArrowRight');
  await keyboard.press('Shift+ArrowRight');
  await panel.page.waitForSelector('.token.told');
  assert.equal(await told(), '1');
  assert.equal(await title(), '3.4');

  await panel.page.getByRole('listbox', { name: 'Tokens' }).focus();
  await keyboard.press('ArrowRight');
  await panel.page.waitForSelector('#token-2.told');
  await keyboard.press('Enter');
  await panel.page.waitForSelector('#token-2[aria-selected=true]');
  await keyboard.press('End');
  const last = (await panel.tokens()).length - 1;
  await panel.page.waitForSelector(`#token-${last}.told`);
  assert.equal(await panel.page.locator('#token-2').getAttribute('aria-selected'), 'false');

  await keyboard.press('m');
  await panel.page.waitForFunction(() =>
    /bidirectional/.test(document.querySelector('[role=status]')!.textContent!),
  );
  await keyboard.press('m');
  await panel.page.waitForFunction(
    () => !/bidirectional/.test(document.querySelector('[role=status]')!.textContent!),
  );
  await keyboard.press('Escape');
});

test('a combobox with the model, and one status line: model, tokens, mask, device, time', async () => {
  await panel.show(code);
  assert.match((await panel.page.getByRole('combobox', { name: 'Model' }).textContent())!, /headlight-small/);
  const status = panel.page.getByRole('status');
  assert.equal(await status.count(), 1);
  assert.match(
    (await status.textContent())!,
    /^headlight-small · 5 layers × 8 heads +\d+ tokens +causal +WASM, \d+ ms( for the last \d+)?$/,
  );
});

test('the caret points, and what is told is told to the host in document offsets', async () => {
  const id = await panel.show(code, { offset: 500 });
  await panel.page.mouse.move(2, 2);
  await panel.post({ type: 'point', id, offset: 500 + code.indexOf('values') + 2 });
  const told = panel.page.locator('.token.told');
  assert.match((await told.getAttribute('data-text'))!, /val/);
  const weights = await panel.weights();
  const tokens = await panel.tokens();
  const reveals = (await panel.sent()).flatMap((message) => (message.type === 'reveal' ? [message] : []));
  const { reveal } = reveals.at(-1)!;
  assert.ok(reveal);
  assert.deepEqual(reveal.token, [
    Number(await told.getAttribute('data-start')),
    Number(await told.getAttribute('data-end')),
  ]);
  reveal.spans.forEach(([start, end], i) => {
    const token = tokens.findIndex((one) => one.start === start && one.end === end);
    assert.equal(reveal.weights[i], weights[token]);
    assert.ok(i === 0 || reveal.weights[i - 1] >= reveal.weights[i], 'strongest first');
  });

  await panel.post({ type: 'point', id, offset: null });
  assert.equal(await told.count(), 0);
  const last = (await panel.sent()).filter((message) => message.type === 'reveal').at(-1)!;
  assert.equal(last.reveal, null);
});

test('an edited document frees the paint and is said; a message about another text is ignored', async () => {
  const id = await panel.show(code);
  await panel.page.getByRole('option').nth(3).click();
  await panel.post({ type: 'stale', id: id - 1, why: 'edited' });
  assert.equal(await panel.page.locator('.token.told').count(), 1);
  await panel.post({ type: 'stale', id, why: 'edited' });
  assert.match((await panel.page.getByRole('alert').textContent())!, /changed/);
  const reveal = (await panel.sent()).filter((message) => message.type === 'reveal').at(-1)!;
  assert.equal(reveal.reveal, null);
  await panel.page.getByRole('button', { name: 'Show again' }).click();
  assert.equal((await panel.sent()).at(-1)!.type, 'again');
});

test('of many requests in a row the newest is shown', async () => {
  for (let i = 0; i < 20; i++) await panel.show(`request ${i} of twenty`, { wait: false });
  await panel.settled();
  const text = (await panel.tokens()).map((token) => token.text).join('');
  assert.equal(text, '<s>request 19 of twenty');
});

test('an edit while the text is still being read is said when its picture comes', async () => {
  const id = await panel.show('x = 1\n'.repeat(200), { wait: false });
  await panel.post({ type: 'stale', id, why: 'edited' });
  await panel.settled();
  assert.match((await panel.page.locator('[role=alert]').textContent())!, /changed/);
  await panel.show(code);
  assert.equal(await panel.page.locator('[role=alert]').textContent(), '');
});

test('a caret that moved while the text was being read points when its picture comes', async () => {
  await panel.page.mouse.move(2, 2);
  const id = await panel.show(code, { wait: false, offset: 40 });
  await panel.post({ type: 'point', id, offset: 40 + code.indexOf('total') });
  await panel.settled();
  await panel.page.waitForSelector('.token.told');
  assert.match((await panel.page.locator('.token.told').getAttribute('data-text'))!, /tot/);
});

test('Escape in the editor frees what is pinned here', async () => {
  await panel.show(code);
  await panel.page.getByRole('option').nth(3).click();
  await panel.page.mouse.move(2, 2);
  await panel.post({ type: 'free' });
  await panel.page.waitForSelector('.token.told', { state: 'detached' });
});

test('a hidden panel runs nothing until it is seen again', async () => {
  await panel.show(code);
  await panel.post({ type: 'visible', visible: false });
  await panel.show('hidden while this came', { wait: false });
  await panel.page.waitForTimeout(700);
  assert.equal(await panel.page.getByRole('grid').getAttribute('aria-busy'), 'true');
  await panel.post({ type: 'visible', visible: true });
  await panel.settled();
  assert.equal((await panel.tokens()).map((token) => token.text).join(''), '<s>hidden while this came');
});

test('what is asked for while hidden is not answered by what was asked before', async () => {
  await panel.show('x = 1\n'.repeat(150), { wait: false });
  await panel.post({ type: 'visible', visible: false });
  await panel.show('asked for while hidden', { wait: false });
  // Longer than the first one takes.
  await panel.page.waitForTimeout(3000);
  assert.equal(await panel.page.getByRole('grid').getAttribute('aria-busy'), 'true');
  await panel.post({ type: 'visible', visible: true });
  await panel.settled();
  assert.equal((await panel.tokens()).map((token) => token.text).join(''), '<s>asked for while hidden');
});

test('an edit while the next text of the document is read; with that given up, what stands is told to be stale', async () => {
  const id = await panel.show(code);
  const next = await panel.show('y = 2\n'.repeat(300), { wait: false });
  for (const one of [id, next]) await panel.post({ type: 'stale', id: one, why: 'edited' });
  await panel.page.getByRole('button', { name: 'Cancel' }).focus();
  await panel.page.keyboard.press('Enter');
  await panel.page.getByRole('alert').filter({ hasText: 'has changed' }).waitFor();
  assert.equal(await panel.page.locator(':focus').getAttribute('role'), 'gridcell', 'the focus goes on');
  await panel.show(code);
});

test('in the matrix a pointer tells the row under it, or, reversed, the column', async () => {
  await panel.show(code);
  const hover = async () => {
    // The page may have scrolled since the last time.
    const box = (await panel.page.locator('.stack canvas').first().boundingBox())!;
    await panel.page.mouse.move(box.x + box.width * 0.35, box.y + box.height * 0.8 - 2);
    await panel.page.mouse.move(box.x + box.width * 0.35, box.y + box.height * 0.8);
  };
  const told = async () => Number(await panel.page.locator('.token.told').getAttribute('data-index'));
  await hover();
  await panel.page.waitForSelector('.token.told');
  const row = await told();
  assert.match((await panel.page.locator('.readout').textContent())!, /→/);
  await switchNamed('Who attends to me').click();
  await hover();
  await panel.page.waitForFunction(
    (row) => document.querySelector('.token.told')?.id !== `token-${row}`,
    row,
  );
  assert.ok((await told()) < row);
  await switchNamed('Who attends to me').click();
});

test('the host hears whose picture stands', async () => {
  const id = await panel.show(code);
  const standing = (await panel.sent()).filter((message) => message.type === 'standing').at(-1)!;
  assert.equal(standing.id, id);
});

test('what is kept for a reload follows the text through edits', async () => {
  const id = await panel.show(code);
  const origin = { uri: 'untitled:test', start: 7, end: 7 + code.length };
  await panel.post({ type: 'moved', id, origin });
  await cell(1, 1).click();
  const kept = await panel.page.evaluate(() => JSON.parse(sessionStorage.state));
  assert.deepEqual(kept.origin, origin);
  assert.deepEqual(kept.view.focus, { layer: 1, head: 1 });
});
