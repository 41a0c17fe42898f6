/** The section "Inside": a head opened, its numbers the picture's own. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PanelPage } from './browser';
import { inPanel } from './browser';
import { violations } from './axe';
import { choose, compared, open, priced, settled, TOKEN } from './inside';

const cells = (panel: PanelPage, row: number) =>
  panel.page.locator('.inside .row tbody tr').nth(row).locator('td').allTextContents();

describe('Inside', () => {
  test(
    'one row: the weights of its last step are the weights of the picture',
    inPanel({}, async (panel) => {
      await open(panel, 'One row');
      const told = await panel.weights();
      await panel.page.getByRole('button', { name: /Show the other/ }).click();
      const rows = await panel.page.locator('.inside .row tbody tr').count();
      assert.equal(rows, told.length);
      for (let row = 0; row < rows; row++) {
        const [, product, score, masked, weight] = await cells(panel, row);
        assert.ok(Math.abs(Number(weight) - told[row]) <= 6e-4, `${weight} and ${told[row]}`);
        // Under the causal mask what comes later is closed.
        assert.equal(masked === '−∞', row > TOKEN);
        assert.ok(Math.abs(Number(product) / Math.sqrt(32) - Number(score)) < 0.011);
      }
    }),
  );

  test(
    'keys that are not shown are told together, so that the weights add up to 1',
    inPanel({}, async (panel) => {
      await open(panel, 'One row');
      const told = async () => {
        const lines = panel.page.locator('.inside .row tbody tr');
        const weights = await lines.locator('.weight .digits, .digits:nth-child(2)').allTextContents();
        return { lines: await lines.count(), sum: weights.reduce((sum, weight) => sum + Number(weight), 0) };
      };
      const { lines, sum } = await told();
      assert.equal(lines, 9, 'eight, and the other three in one');
      assert.ok(Math.abs(sum - 1) < 0.005, `${sum}`);
      assert.match(
        (await panel.page.locator('.rest').textContent())!,
        /^the other 3 tokens together0\.0\d\d$/,
      );
    }),
  );

  test(
    'by keys: the key that is chosen, or the word that is compared, keeps the focus when all is drawn anew',
    inPanel({}, async (panel) => {
      await open(panel, 'One row');
      const { page } = panel;
      const key = page.locator('.inside .row tbody button').nth(2);
      const named = await key.textContent();
      await key.focus();
      await page.keyboard.press('Enter');
      await page.locator('.inside .row tbody tr.chosen').filter({ hasText: named! }).waitFor();
      assert.equal(await page.locator(':focus').textContent(), named);
      await choose(panel, 'Two contexts');
      await compared(panel);
      const word = page.getByRole('group', { name: 'Word in the second text' }).getByRole('button').nth(2);
      const chosen = await word.textContent();
      await word.focus();
      await page.keyboard.press('Enter');
      await page.locator('.words [aria-pressed=true]:focus').filter({ hasText: chosen! }).waitFor();
    }),
  );

  test(
    'without 1/√d the row is sharper; through the whole model the status line says what was changed',
    inPanel({}, async (panel) => {
      await open(panel, 'One row');
      const { page } = panel;
      const entropy = async () =>
        Number(/entropy is ([\d.]+)/.exec((await page.locator('.entropy').textContent())!)![1]);
      const usual = await entropy();
      await page.getByLabel('÷ √d').uncheck();
      assert.ok((await entropy()) < usual);
      await page.getByRole('button', { name: 'Through the whole model' }).click();
      await panel.settled();
      await page.waitForFunction(() =>
        document.querySelector('[role=status]')!.textContent!.includes('scores × 5.66'),
      );
      await page.getByLabel('÷ √d').check();
      await page.getByRole('button', { name: 'Back to the model as it is' }).click();
      await page.waitForFunction(
        () => !document.querySelector('[role=status]')!.textContent!.includes('changed'),
      );
    }),
  );

  test(
    'a chosen key names the dimensions that decide, and the terms of its product',
    inPanel({}, async (panel) => {
      await open(panel, 'One row');
      await panel.page.locator('.inside .row tbody button').first().click();
      const detail = (await panel.page.locator('.detail').textContent())!;
      for (const [, a, b, term] of detail.matchAll(
        /dimension \d+: (-?\d+\.\d+) × (-?\d+\.\d+) = (-?\d+\.\d+)/g,
      )) {
        // Each factor is rounded to two places.
        const rounded = 0.005 * (Math.abs(Number(a)) + Math.abs(Number(b)) + 1.1);
        assert.ok(Math.abs(Number(a) * Number(b) - Number(term)) <= rounded, `${a} × ${b} = ${term}`);
      }
      assert.match(detail, /of 32 terms/);
    }),
  );

  test(
    'the whole layer: every head, and a click goes to it',
    inPanel({}, async (panel) => {
      await open(panel, 'The whole layer');
      const rows = panel.page.locator('.inside .layer tbody tr');
      assert.equal(await rows.count(), 8);
      await rows.nth(3).getByRole('button').click();
      await panel.page.waitForFunction(() =>
        /Inside head \d\.3/.test(document.querySelector('.inside h2')!.textContent!),
      );
    }),
  );

  test(
    'order: shuffled and without positions, each with what is kept',
    inPanel({}, async (panel) => {
      await open(panel, 'Order');
      await panel.page.waitForSelector('.patterns figure:nth-child(3) canvas');
      const kept = await panel.page.locator('.patterns').textContent();
      assert.equal([...kept!.matchAll(/(\d+) % of the attention stays/g)].length, 2);
    }),
  );

  test(
    'two contexts: the word both hold, its cosines, and heads that bring the difference',
    inPanel({}, async (panel) => {
      await open(panel, 'Two contexts');
      await compared(panel);
      assert.equal(await panel.page.locator('.brought button').count(), 40);
      assert.match((await panel.page.locator('#panel-contexts').textContent())!, /cosine 1\.00/);
    }),
  );

  test(
    'the price: growing prefixes, a fitted curve, and a window that hides what lies further away',
    inPanel({}, async (panel) => {
      await open(panel, 'The price');
      const { page } = panel;
      // Stopped while it opens, or between two lengths: it can be begun again at once.
      await page.getByRole('button', { name: /Measure/ }).click();
      await page.getByRole('button', { name: 'Stop measuring' }).click();
      await priced(panel);
      const [time, memory] = await page.locator('.cost figcaption').allTextContents();
      assert.match(time, /\d+ ms at 512 tokens, of which \d+ % grow with the square/);
      const [, added, maps] = /([\d.]+) MB more at 512 tokens.* are ([\d.]+) MB/.exec(memory)!.map(Number);
      // 5 layers of 8 heads; a little of it goes where opening the model left room.
      assert.equal(maps, Number(((40 * 512 * 512 * 4) / 1e6).toFixed(1)));
      // One of five layers at a time, scores and probabilities, and what the tokens take.
      assert.ok(added > maps / 5 && added < 2 * maps, `${added} MB, of maps ${maps} MB`);
      await page.getByRole('slider', { name: /Window/ }).fill('3');
      await page.getByRole('button', { name: 'Show under this window' }).click();
      await page.waitForFunction(() =>
        document.querySelector('[role=status]')!.textContent!.includes('window of 3'),
      );
      await panel.settled();
      const weights = await panel.weights();
      weights.forEach((weight, key) => assert.ok((key > TOKEN - 3 && key <= TOKEN) || weight === 0));
    }),
  );

  test(
    'axe finds nothing in any tab; arrows move from tab to tab; Escape and i in a field are text',
    inPanel({}, async (panel) => {
      const { page } = panel;
      await open(panel, 'One row');
      for (const tab of ['The whole layer', 'Order', 'Two contexts', 'The price']) {
        await page.keyboard.press('ArrowRight');
        await page.getByRole('tab', { name: tab, selected: true }).waitFor();
        await settled(panel);
        assert.deepEqual(await violations(page), []);
        assert.equal(await page.getByRole('status').count(), 1, 'one status line');
      }
      await page.getByRole('tab', { name: 'Two contexts' }).click();
      await page.getByLabel('First text').fill('');
      await page.getByLabel('First text').pressSequentially('I miss it');
      assert.equal(await page.getByLabel('First text').inputValue(), 'I miss it');
      assert.ok(await page.locator('.inside').isVisible());
    }),
  );
});
