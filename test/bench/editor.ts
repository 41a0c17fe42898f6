/** From the command to the picture in a real VS Code, as a person has it. */
import { rm } from 'node:fs/promises';
import { folderWith, PanelView, selectAll } from '../host/panel';
import { openWorkbench } from '../host/workbench';
import type { Part } from './part';
import { prose } from './part';
import { median, row } from './rows';

export const inEditor: Part = async ({ editor, repeats }, skip) => {
  if (!editor) {
    skip('it was not asked for');
    return [];
  }
  const text = prose.slice(0, 900);
  const folder = await folderWith({ 'bench.py': text });
  const workbench = await openWorkbench({ folder, file: 'bench.py', timed: true });
  try {
    const panel = new PanelView(workbench);
    const { page } = workbench;
    // The longest wait between two frames of the workbench: what a person who types would feel.
    await page.evaluate(() => {
      const watch = { last: performance.now(), longest: 0 };
      Object.assign(window, { watch });
      const frame = (now: number) => {
        watch.longest = Math.max(watch.longest, now - watch.last);
        watch.last = now;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
    const watched = (reset: boolean) =>
      page.evaluate((reset) => {
        const { watch } = window as unknown as { watch: { longest: number } };
        const { longest } = watch;
        if (reset) watch.longest = 0;
        return longest;
      }, reset);
    await page.locator('.editor-instance .view-lines').first().click();
    await selectAll(workbench);
    await watched(true);
    const show = async (expected: string) => {
      const started = performance.now();
      await page.keyboard.press('Control+k');
      await page.keyboard.press('h');
      await panel.shows(expected);
      return performance.now() - started;
    };
    const cold = await show(text);
    const blocked = await watched(false);
    const warm: number[] = [];
    for (let i = 0; i < repeats; i++) {
      await page.keyboard.press('End');
      await page.keyboard.type('1');
      await selectAll(workbench);
      warm.push(await show(text + '1'.repeat(i + 1)));
    }
    const { tokens } = (await panel.look())!;
    return [
      row('command to picture in VS Code, cold', tokens.length, cold, 'ms', { target: 6000 }),
      row('command to picture in VS Code, warm', tokens.length, median(warm), 'ms', { target: 500 }),
      row('longest frame of the editor during the cold start', tokens.length, blocked, 'ms', { target: 100 }),
    ];
  } finally {
    await workbench.close();
    await rm(folder, { recursive: true, force: true });
  }
};
