/** The section "Inside" as a person opens it and waits for it. */
import type { PanelPage } from './browser';

const SENTENCE = 'The cat sat on the mat because it was tired';
/** " because", in the middle: some of the text comes before it, some after. */
export const TOKEN = 7;

export async function open(panel: PanelPage, tab: string): Promise<void> {
  await panel.show(SENTENCE);
  await panel.page.getByRole('listbox', { name: 'Tokens' }).getByRole('option').nth(TOKEN).click();
  await panel.page.getByRole('button', { name: 'Inside' }).click();
  await choose(panel, tab);
}

/** Opens a tab, and waits until it is the one that stands, filled. */
export async function choose(panel: PanelPage, tab: string): Promise<void> {
  const { page } = panel;
  await page.getByRole('tab', { name: tab }).click();
  await page.getByRole('tab', { name: tab, selected: true }).waitFor();
  await settled(panel);
}

export async function settled({ page }: PanelPage): Promise<void> {
  await page.waitForSelector('.inside[aria-busy=false]', { timeout: 60_000 });
}

/** Measures, and waits until time and memory of all eight lengths are there. */
export async function priced({ page }: PanelPage): Promise<void> {
  await page.getByRole('button', { name: /Measure/ }).click();
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll('.cost')].every((cost) => cost.querySelectorAll('.point').length === 8),
    null,
    { timeout: 120_000 },
  );
}

/** Compares the two texts that stand there. */
export async function compared({ page }: PanelPage): Promise<void> {
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.waitForSelector('.brought');
}
