/** A head opened in a real VS Code: by key and by button, its last step the weights that the panel tells. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PanelView, until } from './panel';
import { openWorkbench, type Workbench } from './workbench';

const text = 'def largest(shapes):\n    best = None\n    for shape in shapes:\n        if best is None';

let workbench: Workbench;
let panel: PanelView;

before(async () => {
  workbench = await openWorkbench({ width: 1400, height: 1000 });
  panel = new PanelView(workbench);
  await workbench.openFile('shapes.py');
  await workbench.select(text);
  await panel.show(text);
});
after(() => workbench?.close());

const inside = () => panel.frame.locator('.inside');
const tab = (name: string) => inside().getByRole('tab', { name });

/** Waits until the open tab has what it asked for. */
const answered = () =>
  until('the tab has its answer', async () => (await inside().getAttribute('aria-busy')) === 'false');

test('opened by its key, for the pinned token: the last step is what the panel tells', async () => {
  const tokens = panel.frame.getByRole('listbox', { name: 'Tokens' }).getByRole('option');
  const token = (await tokens.count()) - 1;
  await tokens.nth(token).click();
  await panel.frame.getByRole('listbox', { name: 'Tokens' }).press('i');
  await answered();
  const rows = inside().locator('.row tbody tr');
  await until('a row of numbers', async () => (await rows.count()) > 0);
  await inside()
    .getByRole('button', { name: /Show the other/ })
    .click();
  const told = await tokens.evaluateAll((options) =>
    options.map((option) => Number(option.getAttribute('data-weight'))),
  );
  const weights = await rows.locator('.weight .digits').allTextContents();
  assert.equal(weights.length, told.length);
  weights.forEach((weight, key) => assert.ok(Math.abs(Number(weight) - told[key]!) < 6e-4, `${key}`));
});

test('through the whole model and back', async () => {
  await inside().getByLabel('÷ √d').uncheck();
  await inside().getByRole('button', { name: 'Through the whole model' }).click();
  await until('the status line says what was changed', async () =>
    (await panel.frame.getByRole('status').first().textContent())?.includes('scores × 5.66'),
  );
  await inside().getByLabel('÷ √d').check();
  await inside().getByRole('button', { name: 'Back to the model as it is' }).click();
  await until(
    'the model is as it was',
    async () => !(await panel.frame.getByRole('status').first().textContent())?.includes('scores'),
  );
});

test('the other tabs answer', async () => {
  await tab('The whole layer').click();
  await until('eight heads', async () => (await inside().locator('.layer tbody tr').count()) === 8);
  await tab('Order').click();
  await until('three patterns', async () => (await inside().locator('.patterns canvas').count()) === 3);
  await tab('Two contexts').click();
  await inside().getByRole('button', { name: 'Compare' }).click();
  await until(
    'heads that bring the context in',
    async () => (await inside().locator('.brought').count()) > 0,
  );
  await tab('The price').click();
  await inside()
    .getByRole('button', { name: /Measure/ })
    .click();
  await until(
    'eight prefixes, their times and their memory',
    async () => (await inside().locator('.price .point').count()) === 16,
    120,
  );
});

test('closed by its button, and opened by the one beside the head', async () => {
  await inside().getByRole('button', { name: 'Close' }).click();
  await until('it is closed', async () => !(await inside().isVisible()));
  await panel.frame.getByRole('button', { name: 'Inside' }).click();
  await until('it is open', () => inside().isVisible());
});
