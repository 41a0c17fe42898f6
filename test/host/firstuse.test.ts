/** What someone meets first: the status bar and its menu, the settings, the walkthrough, an empty panel, the log, the report. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { sentences } from '../../src/sentences';
import { closeTab, PanelView, takeNews, until } from './panel';
import { openWorkbench, type Workbench } from './workbench';

const secret = 'The cat sat on the mat because it was tired';

let workbench: Workbench;
let panel: PanelView;

before(async () => {
  workbench = await openWorkbench({ width: 1700 });
  panel = new PanelView(workbench);
});
after(() => workbench?.close());

const menuItem = (text: string): Locator =>
  workbench.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text });

async function openMenu(): Promise<string[]> {
  await workbench.page.locator('[id="headlight.headlight.headlight.menu"] a').click();
  await menuItem('Show Attention').waitFor();
  const rows = workbench.page.locator('.quick-input-list .monaco-list-row .label-name');
  return (await rows.allInnerTexts()).map((label) => label.trim());
}

/** Copies the report, and reads it off the clipboard. */
async function report(): Promise<string> {
  await workbench.command('Headlight: Report');
  let said: string[] = [];
  await until('it is said', async () => (said = await takeNews(workbench)).length > 0);
  assert.deepEqual([...new Set(said)], [sentences.reported]);
  return workbench.page.evaluate(() => navigator.clipboard.readText());
}

test('the walkthrough has a button that shows attention', async () => {
  await workbench.command('Welcome: Open Walkthrough...');
  await workbench.page
    .locator('.quick-input-list .monaco-list-row')
    .filter({ hasText: 'Headlight' })
    .first()
    .click();
  const steps = workbench.page.locator('.getting-started-step');
  await steps.filter({ hasText: 'Select, Show Attention, point' }).waitFor();
  await workbench.screenshot('host-walkthrough');
  await workbench.page
    .locator('.gettingStartedContainer .button-container a', { hasText: 'Show Attention' })
    .click();
  // No editor is open: samples are offered.
  await workbench.page.locator(`.quick-input-widget input[placeholder="${sentences.samples}"]`).waitFor();
  await workbench.page.keyboard.press('Escape');
});

test('a report before there is a panel: versions, and what is set', async () => {
  const text = await report();
  assert.match(text, /^Headlight: \d+\.\d+\.\d+\nVS Code: 1\.139\.\d/);
  assert.match(text, /\nSettings: device auto, follow false, hover true\n$/);
});

test('the menu in the status bar, without a panel and with one', async () => {
  const before = await openMenu();
  assert.ok(!before.some((label) => /Focus Panel|Causal Mask/.test(label)), before.join('\n'));
  await workbench.page.keyboard.press('Escape');

  await workbench.openFile('sentences.txt');
  await workbench.select(secret);
  await openMenu();
  await menuItem('Show Attention').click();
  await panel.shows(secret);

  const labels = await openMenu();
  for (const wanted of [
    /Focus Panel/,
    /Causal Mask/,
    /Follow Selection: off/,
    /Hover Card: on/,
    /Settings/,
    /Show Log/,
    /Report/,
  ])
    assert.ok(
      labels.some((label) => wanted.test(label)),
      `${wanted} in\n${labels.join('\n')}`,
    );
  await workbench.screenshot('host-menu');
  await menuItem('Causal Mask').click();
  await panel.comes('the other mask', ({ busy, causal }) => !busy && !causal);
  await openMenu();
  await menuItem('Follow Selection: off').click();
  const follows = panel.frame.getByRole('switch', { name: 'Follow selection' });
  await until('it follows', async () => (await follows.getAttribute('aria-checked')) === 'true');
  await openMenu();
  await menuItem('Follow Selection: on').click();
  await until('it follows no more', async () => (await follows.getAttribute('aria-checked')) === 'false');
});

test('a report says model, sizes and device, and nothing of the text', async () => {
  const text = await report();
  const { tokens } = (await panel.look())!;
  assert.match(text, /\nModel: headlight-small, 5 layers × 8 heads, trained /);
  assert.match(
    text,
    new RegExp(`\nText: ${tokens.length} tokens, ${secret.length} of ${secret.length} units\n`),
  );
  assert.match(text, /\nRun: bidirectional, wasm, \d+ ms\n/);
  assert.match(text, /\nWebGPU: /);
  for (const word of secret.split(' ').filter(({ length }) => length > 2 && length !== 3))
    assert.ok(!text.includes(word), `${word} in\n${text}`);
  assert.ok(!text.includes(workbench.folder));
});

test('the log is shown, and holds nothing of the text', async () => {
  await workbench.command('Headlight: Show Log');
  const log = workbench.page.locator('.part.panel .monaco-editor');
  await log.locator('.view-line').filter({ hasText: 'show 1: 43 units' }).first().waitFor();
  assert.doesNotMatch(await log.locator('.view-lines').innerText(), /because|tired/);
  await workbench.command('View: Hide Panel');
});

test('every setting is found, titled and described', async () => {
  await openMenu();
  await menuItem('Settings').click();
  const items = workbench.page.locator('.settings-editor .setting-item-contents');
  await until('three settings', async () => (await items.count()) >= 3);
  const texts = await items.allInnerTexts();
  for (const name of ['Follow', 'Hover', 'Device'])
    assert.ok(
      texts.some((text) => text.includes(name) && text.length > 60),
      `${name} in\n${texts.join('\n---\n')}`,
    );
  await workbench.screenshot('host-settings');
  await closeTab(workbench, 'Settings');
});

test('a panel without a picture says what to do, and its button does it', async () => {
  // What was shown is gone when the panel is restored.
  await workbench.toDocuments();
  await workbench.openFile('queue.ts');
  await workbench.select('private async work');
  await panel.show('private async work');
  await closeTab(workbench, 'queue.ts');
  await rm(join(workbench.folder, 'queue.ts'));
  await workbench.reload();
  const begin = panel.frame.getByRole('button', { name: 'Show Attention' });
  await begin.waitFor();
  await workbench.screenshot('host-welcome');
  await workbench.openFile('sentences.txt');
  await workbench.select(secret);
  await begin.click();
  await panel.shows(secret);
  assert.equal(await begin.isVisible(), false);
  assert.deepEqual([...new Set(await takeNews(workbench))], [sentences.gone]);
});
