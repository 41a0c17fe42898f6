/** Accessibility, by axe-core. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { PanelPage } from './browser';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds. It is given to the page as the browser's debugger would, which no content policy holds up. */
export async function violations(page: PanelPage['page']): Promise<string[]> {
  await page.evaluate(`${axe};0`);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    return (await axe.run()).violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`,
    );
  });
}
