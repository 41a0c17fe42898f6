/** The pictures of the README, each a screenshot of the product at work. Run by scripts/pictures.mjs. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/npm.mjs';
import { openWorkbench } from './workbench';

const folder = join(root, 'media', 'pictures');
const code = `def largest(shapes):
    best = None
    for shape in shapes:
        if best is None or shape.area() > best.area():
            best = shape
    return best`;

mkdirSync(folder, { recursive: true });
for (const theme of ['dark', 'light'] as const) {
  const workbench = await openWorkbench({ theme, width: 1360, height: 820 });
  const { page } = workbench;
  const panel = workbench.webview();
  const settled = async () => {
    await panel.locator('[role=grid][aria-busy=false] [role=gridcell]').first().waitFor({ timeout: 120_000 });
    await page.waitForTimeout(500);
  };
  const picture = (name: string) => page.screenshot({ path: join(folder, `${name}-${theme}.png`) });
  try {
    await workbench.openFile('shapes.py');
    await workbench.command('View: Close Primary Side Bar').catch(() => {});
    await workbench.select(code);
    await workbench.command('Headlight: Show Attention');
    await settled();
    // The last `best`: what does the word that is returned look back at?
    await panel.locator('[role=option][data-text*=best]').last().click();
    // The click may have scrolled to it.
    await panel.locator('body').evaluate(() => scrollTo(0, 0));
    await page.mouse.move(300, 700);
    await page.waitForTimeout(500);
    await picture('pointing');
    await panel.getByRole('switch', { name: 'Causal mask' }).click();
    await settled();
    await picture('bidirectional');
  } finally {
    await workbench.close();
  }
}
