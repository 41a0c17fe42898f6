/** An extension host that crashed and was started anew: nothing is offered that has nothing to work on any more. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { companion } from './companion';
import { closeTab, PanelView, until } from './panel';
import { rows } from './tiny';
import { openWorkbench, type Workbench } from './workbench';

const sentence = 'The cat sat on the mat because it was tired';

let workbench: Workbench;

before(async () => {
  workbench = await openWorkbench({ extensions: [await companion()] });
});
after(() => workbench?.close());

/** What the palette offers of Headlight. */
async function offered(): Promise<string> {
  const { page } = workbench;
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input[type=text]').fill('>Headlight: ');
  await rows(workbench).filter({ hasText: 'Headlight: Show Log' }).waitFor({ timeout: 5_000 });
  const names = await rows(workbench).allInnerTexts();
  await page.keyboard.press('Escape');
  return names.join('\n');
}

test('commands that need a panel and its picture', async () => {
  await workbench.openFile('sentences.txt');
  await workbench.select(sentence);
  await new PanelView(workbench).show(sentence);
  assert.match(await offered(), /Focus Panel/);
  await workbench.command('Companion: Crash the Extension Host');
  await closeTab(workbench, 'Headlight');
  // Headlight starts with the first of its commands.
  await workbench.command('Headlight: Show Log');
  await until(
    'they are no longer offered',
    async () => !/Export|Focus Panel|Causal Mask/.test(await offered()),
  );
});
