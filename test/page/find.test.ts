/** Finding one's way in a text: search, a token's strongest links, words and lines. Numbers are those of PyTorch's values. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Reveal } from '../../src/protocol';
import { PanelPage } from './browser';
import { golden } from './golden';

const python = golden('python');
const { text, n } = python;
const token = 19;

let panel: PanelPage;
before(async () => {
  panel = await PanelPage.open({ width: 1200, height: 900 });
  await panel.show(text);
  await panel.page.getByRole('gridcell', { name: 'Layer 3 head 2', exact: true }).click();
  await panel.page.locator('.head h2 strong').filter({ hasText: '3.2' }).waitFor();
  await panel.page.getByRole('button', { name: 'View' }).click();
});
after(() => panel.close());

beforeEach(async () => {
  const { page } = panel;
  await page.mouse.move(2, 2);
  await page.getByRole('radio', { name: 'Tokens' }).check();
  await field().fill('');
  await page.keyboard.press('Escape');
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.waitForFunction(() => !document.querySelector('.token.told'));
});

const field = () => panel.page.getByRole('searchbox', { name: 'Find in tokens' });
const counted = (says: string) => panel.page.locator('.search .hint').filter({ hasText: says }).waitFor();
const heard = (pattern: RegExp) =>
  panel.page.waitForFunction(
    ([source]) => new RegExp(source!).test(document.querySelector('#told')!.textContent!),
    [pattern.source],
  );
const row = (query: number) => [...python.row('causal', 3, 2, query)];
const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 2e-4, `${a}, not ${b}`);
const reveal = async () =>
  (await panel.sent()).filter((message) => message.type === 'reveal').at(-1)!.reveal as Reveal;

test('/ searches; Enter and Shift+Enter go from match to match and around; the count is told', async () => {
  const { page } = panel;
  const wanted = 'count';
  const expected = [...text.matchAll(/count/gi)].length;
  assert.ok(expected > 2, 'the text has some');
  await page.keyboard.press('/');
  await page.keyboard.type(wanted);
  await counted(`${expected} found`);
  const matched = await page
    .locator('.token.match')
    .evaluateAll((all) => all.map((one) => one.getAttribute('data-text')!));
  assert.ok(matched.length >= expected);
  assert.match(matched.join('').toLowerCase().replaceAll(' ', ''), new RegExp(`(${wanted}){${expected}}`));
  const told: string[] = [];
  for (let i = 1; i <= expected + 1; i++) {
    await page.keyboard.press('Enter');
    await counted(`${((i - 1) % expected) + 1} of ${expected}`);
    told.push((await page.locator('.token.told').getAttribute('data-index'))!);
  }
  assert.equal(told[0], told[expected], 'past the last it is the first again');
  assert.equal(new Set(told).size, expected);
  await page.keyboard.press('Shift+Enter');
  await counted(`${expected} of ${expected}`);
  await field().fill('no such thing');
  await counted('none');
  assert.equal(await field().getAttribute('aria-invalid'), 'true');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.querySelector<HTMLInputElement>('[type=search]')!.value === '');
  assert.equal(await page.locator('.token.match').count(), 0);
});

test('what is typed into the field is text, and no key of the panel', async () => {
  const { page } = panel;
  const mask = page.getByRole('switch', { name: 'Causal mask' });
  await field().pressSequentially('min0+-/');
  assert.equal(await field().inputValue(), 'min0+-/');
  assert.equal(await mask.getAttribute('aria-checked'), 'true');
  assert.ok(await page.locator('.map').isHidden());
});

test('n goes along the strongest links of a token, pinned, in the list and for the ear', async () => {
  const { page } = panel;
  await page.evaluate(() => (document.querySelector('#told')!.textContent = ''));
  await page.locator(`#token-${token}`).click();
  const order = row(token)
    .map((weight, key) => ({ weight, key }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  // A row that is still to be told would be told in place of the link.
  await heard(/ looks at /);
  for (const rank of [0, 1, 2]) {
    await page.keyboard.press('n');
    await page.locator(`#token-${order[rank]!.key}.linked`).waitFor();
  }
  await heard(/^Link 3 of \d+: .* 0\.\d\d, token \d+\.$/);
  assert.match((await page.locator('#told').textContent())!, new RegExp(`token ${order[2]!.key}\\.$`));
  await page.keyboard.press('Shift+N');
  await page.locator(`#token-${order[1]!.key}.linked`).waitFor();
  await page.getByRole('button', { name: 'Next strongest link' }).click();
  await page.locator(`#token-${order[2]!.key}.linked`).waitFor();
  assert.ok(
    await page.locator('[data-held="1"]').evaluate((one) => one === document.activeElement),
    'the focus stays',
  );
  assert.equal(await page.locator('.links [aria-current]').count(), 1);
  assert.equal(await page.locator(`#token-${token}`).getAttribute('aria-selected'), 'true');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('.token.linked'));
});

test('words and lines: what is told and painted is the mean over a line of the sum over another; tokens keep theirs', async () => {
  const { page } = panel;
  const tokens = await panel.tokens();
  const lineOf = tokens.map(({ start }) => text.slice(0, start).split('\n').length);
  for (const [name, unit] of [
    ['Text lines', 'lines'],
    ['Words', 'words'],
  ] as const) {
    await page.locator(`#token-${token}`).click();
    await page.getByRole('radio', { name }).check();
    await page.locator(`.stack canvas[aria-label$="${unit}"]`).waitFor({ state: 'attached' });
    const told = await panel.weights();
    row(token).forEach((weight, key) => near(told[key]!, weight));
    if (unit === 'lines') {
      const own = tokens.filter(({ index, start, end }) => end > start && lineOf[index] === lineOf[token]);
      const others = new Map<number, number>();
      for (const { index } of own)
        row(index).forEach((weight, key) => {
          // `<s>` is no line.
          if (key > 0) others.set(lineOf[key]!, (others.get(lineOf[key]!) ?? 0) + weight / own.length);
        });
      const { spans, weights, token: span } = await reveal();
      const line = text.slice(own[0]!.start, own.at(-1)!.end).trimEnd();
      assert.deepEqual(span, [own[0]!.start, own[0]!.start + line.length], 'the whole line is told');
      assert.ok(spans.length > 1);
      spans.forEach(([start], i) => near(weights[i]!, others.get(text.slice(0, start).split('\n').length)!));
      const widest = spans.map(([start, end]) => text.slice(start, end));
      for (const one of widest) assert.ok(one.split('\n').length === 1, one);
      // Neighbours in a line are painted alike.
      const styles = await page
        .locator('.token')
        .evaluateAll((all) => all.map((one) => (one as HTMLElement).style.cssText));
      for (const { index } of own) assert.equal(styles[index], styles[own[0]!.index]);
      await heard(/line \d+, .* looks at .*line \d+/);
    }
    assert.match(
      (await page.locator('.links li .hint').first().textContent())!,
      unit === 'lines' ? /^(line \d+|special token)$/ : /^word \d+$/,
    );
    await page.keyboard.press('Escape');
  }
  assert.equal(tokens.length, n);
});

test('a row of lines is pointed at as one, and arrows go from line to line', async () => {
  const { page } = panel;
  await page.getByRole('radio', { name: 'Text lines' }).check();
  await page.locator('.stack canvas[aria-label$="lines"]').waitFor({ state: 'attached' });
  const starts = (await panel.tokens()).filter(
    ({ start, end }, i, all) =>
      end === start ||
      i === 0 ||
      all[i - 1]!.start === all[i - 1]!.end ||
      text.slice(0, start).split('\n').length !== text.slice(0, all[i - 1]!.start).split('\n').length,
  );
  await page.locator('.place').focus();
  for (const { index } of starts.slice(0, 4)) {
    await page.keyboard.press('ArrowDown');
    await page.locator(`#token-${index}.told`).waitFor();
  }
  const box = (await page.locator('.stack').boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height - 4);
  await page.locator(`#token-${starts.at(-1)!.index}.told`).waitFor();
  assert.match((await page.locator('.readout').textContent())!, /→/);
});

test('the choice survives a reload', async () => {
  const { page } = panel;
  await page.getByRole('radio', { name: 'Words' }).check();
  await panel.reload();
  assert.ok(
    await page.getByRole('switch', { name: 'Causal mask' }).isHidden(),
    'an empty panel has no switches of a picture',
  );
  await panel.show(text);
  await page.getByRole('button', { name: 'View' }).click();
  assert.ok(await page.getByRole('radio', { name: 'Words' }).isChecked());
  await page.locator('.stack canvas[aria-label$="words"]').waitFor({ state: 'attached' });
});
