/** The tiny model of the fixtures: what PyTorch says of it, and how a person opens models. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { root } from '../../scripts/npm.mjs';
import { sentences } from '../../src/sentences';
import { type PanelView, until } from './panel';
import type { Workbench } from './workbench';

const tolerance = 1e-4;

/** The model's folder. */
export const fixture = join(root, 'test/fixtures/models/tiny-gpt2');

interface Golden {
  readonly text: string;
  readonly ids: readonly number[];
  readonly layers: number;
  readonly heads: number;
}
export const golden = JSON.parse(readFileSync(`${fixture}.json`, 'utf8')) as Golden;

/** Rows that the panel tells, against PyTorch's. The golden text must be shown. */
export async function equalsGolden(panel: PanelView, mask: 'causal' | 'bidirectional'): Promise<void> {
  const bytes = readFileSync(`${fixture}.${mask}.f32`);
  const all = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const n = golden.ids.length;
  for (const [layer, head, token] of [
    [0, 1, n - 1],
    [1, 2, 7],
  ] as const) {
    await panel.cell(layer, head).click();
    await panel.comes(`head ${layer}.${head}`, (look) => look.head === `${layer}.${head}`);
    const told = await panel.pointAt(token);
    const start = ((layer * golden.heads + head) * n + token) * n;
    told.forEach((weight, key) =>
      assert.ok(
        Math.abs(weight - all[start + key]!) <= tolerance,
        `${mask} ${layer}.${head} ${token} ${key}`,
      ),
    );
    await panel.moveAway();
  }
}

/** The rows of the quick pick that is open. */
export const rows = ({ page }: Workbench): Locator => page.locator('.quick-input-list .monaco-list-row');

/** Takes a row of the quick pick by its label. */
export async function pick(workbench: Workbench, label: string): Promise<void> {
  await rows(workbench).filter({ hasText: label }).first().click();
}

/** Takes an item of the menu that is open. A menu heeds no click in its first 100 ms: it could be the one that opened it. */
export async function fromMenu({ page }: Workbench, name: string): Promise<void> {
  const item = page.getByRole('menuitem', { name });
  await item.waitFor();
  await until('the menu is gone', async () => {
    if (!(await item.isVisible())) return true;
    await item.click({ timeout: 1_000 }).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 200));
    return false;
  });
}

/** Answers the dialog of "Open Model..." with a folder in the workbench's folder. */
export async function openModel(workbench: Workbench, name: string): Promise<void> {
  const { page, folder } = workbench;
  const field = page.locator('.quick-input-widget input[type=text]');
  await workbench.command('Headlight: Open Model...');
  await pick(workbench, sentences.ways.folder);
  await until('the dialog names the folder', async () => (await field.inputValue()).startsWith(folder));
  await field.fill(`${join(folder, name)}/`);
  // The first Enter goes there, the next one takes it.
  await until('the dialog is gone', async () => {
    if (!(await field.isVisible()) || !(await field.inputValue()).startsWith(folder)) return true;
    await field.press('Enter');
    await new Promise((resolve) => setTimeout(resolve, 500));
    return false;
  });
}

/** Chooses a model in the panel's box. */
export async function choose({ frame }: PanelView, model: string): Promise<void> {
  await frame.getByRole('combobox', { name: 'Model' }).click();
  await frame
    .locator('vscode-single-select')
    .first()
    .getByRole('option', { name: model, exact: true })
    .click();
}
