/** What a person sees of the panel in a workbench, and does there. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { root } from '../../scripts/npm.mjs';
import { copySample } from '../../scripts/sample.mjs';
import type { Workbench } from './workbench';

export const showAttention = 'Headlight: Show Attention';

/** One position of the list "Tokens". */
export interface Token {
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly weight: string | null;
  readonly told: boolean;
  readonly pinned: boolean;
}

/** All that the panel shows, in one look. */
export interface Look {
  readonly busy: boolean;
  readonly tokens: readonly Token[];
  /** The text that the tokens tile. */
  readonly text: string;
  readonly status: string;
  readonly alert: string;
  /** The head that is drawn large, as "5.1". */
  readonly head: string;
  readonly causal: boolean;
}

/** Looks again and again until there is an answer; a machine that is shared can take long over anything. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | undefined | false>,
  seconds = 60,
): Promise<T> {
  let last: unknown;
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline;) {
    try {
      const found = await look();
      if (found) return found;
      last = found;
    } catch (error) {
      // A frame that is just being made or thrown away cannot be looked into.
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`In ${seconds} s it did not come to this: ${what}. ${last instanceof Error ? last : ''}`);
}

export class PanelView {
  constructor(private readonly workbench: Workbench) {}

  get frame(): FrameLocator {
    return this.workbench.webview();
  }

  option(index: number): Locator {
    // The library's boxes have options of their own, with a data-index too.
    return this.frame.getByRole('listbox', { name: 'Tokens' }).locator(`[data-index="${index}"]`);
  }

  cell(layer: number, head: number): Locator {
    return this.frame.getByRole('gridcell', { name: `Layer ${layer} head ${head}`, exact: true });
  }

  get mask(): Locator {
    return this.frame.getByRole('switch', { name: 'Causal mask' });
  }

  /** Null while there is no page. */
  async look(): Promise<Look | null> {
    const looks = await this.frame.locator('body:has([role=grid])').evaluateAll((bodies) =>
      bodies.map((body) => {
        const tokens = [...body.querySelectorAll<HTMLElement>('[aria-label=Tokens] [data-index]')].map(
          (option) => ({
            index: Number(option.dataset.index),
            start: Number(option.dataset.start),
            end: Number(option.dataset.end),
            text: option.dataset.text!,
            weight: option.dataset.weight ?? null,
            told: option.classList.contains('told'),
            pinned: option.ariaSelected === 'true',
          }),
        );
        const own = tokens.filter(
          ({ start, end }, i) =>
            end > start && !(tokens[i - 1]?.start === start && tokens[i - 1]?.end === end),
        );
        const said = (selector: string) => body.querySelector(selector)?.textContent ?? '';
        return {
          busy: body.querySelector('[role=grid]')!.ariaBusy !== 'false',
          tokens,
          text: own.map(({ text }) => text).join(''),
          status: said('[role=status]'),
          alert: said('[role=alert]'),
          head: said('.head h2 strong'),
          causal: body.querySelector('[role=switch]')!.ariaChecked === 'true',
        };
      }),
    );
    return looks[0] ?? null;
  }

  /** Waits until the panel looks as wanted. */
  async comes(what: string, isSo: (look: Look) => boolean, seconds?: number): Promise<Look> {
    let last: Look | null = null;
    try {
      return await until(what, async () => (last = await this.look()) && isSo(last) && last, seconds);
    } catch (error) {
      await this.workbench.screenshot('host-failure');
      const { tokens, text, ...rest } = last ?? ({} as Partial<Look>);
      const seen = { ...rest, tokens: tokens?.length, text: text?.slice(0, 200) };
      throw new Error(
        `${(error as Error).message}\nThe panel: ${JSON.stringify(seen)}\n` +
          `Notifications: ${(await this.workbench.notifications()).join(' | ')}\n${this.workbench.log().slice(-2000)}`,
      );
    }
  }

  /** Waits for the picture of this text. */
  async shows(text: string, seconds?: number): Promise<Look> {
    return this.comes(
      `the picture of ${JSON.stringify(text.slice(0, 60))}`,
      (look) => {
        return !look.busy && look.head !== '' && look.text === text;
      },
      seconds,
    );
  }

  /** Runs the command on what is selected, and waits for the picture of the text that is expected. */
  async show(text: string): Promise<Look> {
    await this.workbench.command(showAttention);
    return this.shows(text);
  }

  /** Points at a token with the mouse; the weights that the panel then tells, one for every token. */
  async pointAt(index: number): Promise<number[]> {
    await this.option(index).hover();
    return this.told(index);
  }

  /** Waits until this token's weights are told. */
  async told(index: number): Promise<number[]> {
    const { tokens } = await this.comes(`token ${index} is told`, ({ tokens }) =>
      tokens.every(({ told, weight }, i) => told === (i === index) && weight !== null),
    );
    return tokens.map(({ weight }) => Number(weight));
  }

  async toldNothing(): Promise<void> {
    await this.comes('no token is told', ({ tokens }) =>
      tokens.every(({ told, weight }) => !told && weight === null),
    );
  }

  /** Takes the mouse off the panel, to where it points at nothing. */
  async moveAway(): Promise<void> {
    await this.workbench.page.mouse.move(2, 2);
  }
}

/** Asserts that the tokens tile the text, from its place in the document on; what the tokenizer adds is empty. */
export function assertTiles({ tokens }: Look, text: string, offset: number): void {
  assert.deepEqual(
    tokens.map(({ index }) => index),
    tokens.map((_, i) => i),
  );
  let at = offset;
  let last = [-1, -1];
  for (const { start, end, text: own } of tokens) {
    if (start === end || (start === last[0] && end === last[1])) continue;
    assert.equal(start, at);
    assert.equal(own, text.slice(start - offset, end - offset));
    at = end;
    last = [start, end];
  }
  assert.equal(at, offset + text.length);
}

/** A copy of the samples with further files, by name; for `openWorkbench`, and for the caller to remove. */
export async function folderWith(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await copySample(join(root, '.cache', 'run', `host-${process.pid}-${++folders}`));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}
let folders = 0;

/** Selects everything in the editor that has the focus. */
export async function selectAll({ page }: Workbench): Promise<void> {
  await page.keyboard.press('Control+a');
  await page.getByText(/\(\d+ selected\)$/).waitFor();
}

/** Closes a tab by its button. */
export async function closeTab({ page }: Workbench, name: string): Promise<void> {
  const tab = page.locator(`.tab[aria-label^="${name}"]`);
  await tab.hover();
  await tab.locator('.tab-actions .action-label').click();
  await tab.waitFor({ state: 'detached' });
}

/** Answers the save dialog with a name in the folder, or takes the name that it suggests. @returns the suggestion */
export async function saveAs({ page, folder }: Workbench, name?: string): Promise<string> {
  const field = page.locator('.quick-input-widget input[type=text]');
  const suggested = await until('the dialog suggests a name', async () => {
    const value = await field.inputValue();
    return value.startsWith(folder) && value;
  });
  if (name) await field.fill(join(folder, name));
  await field.press('Enter');
  await field.waitFor({ state: 'hidden' });
  return suggested;
}

/** Changes user settings while the workbench runs, in the file that VS Code opens for that. */
export async function changeSettings(
  workbench: Workbench,
  settings: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { page, editor } = workbench;
  const file = join(editor.dataDir, 'data', 'User', 'settings.json');
  const now = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await workbench.command('Preferences: Open User Settings (JSON)');
  await page.locator('.tab.active[data-resource-name="settings.json"]').waitFor();
  await page.locator('.editor-instance .monaco-editor.focused').waitFor();
  await selectAll(workbench);
  // Pasted: what is typed gets its brackets closed.
  await page.evaluate((text) => navigator.clipboard.writeText(text), JSON.stringify({ ...now, ...settings }));
  await page.keyboard.press('Control+v');
  await page.keyboard.press('Control+s');
  await page.locator('.tab.active[data-resource-name="settings.json"]:not(.dirty)').waitFor();
  await closeTab(workbench, 'settings.json');
}

/** Whether VS Code has something to tell that nobody has read. Under test it tells it by its bell only. */
export async function hasNews({ page }: Workbench): Promise<boolean> {
  await page.locator('[id="status.notifications"] .codicon').waitFor();
  return (await page.locator('[id="status.notifications"] .codicon-bell-dot').count()) > 0;
}

/** Reads what VS Code has to tell, and clears it away. */
export async function takeNews(workbench: Workbench): Promise<string[]> {
  const { page } = workbench;
  await page.locator('[id="status.notifications"] a').click();
  await page.locator('.notifications-center.visible .notification-list-item-message').first().waitFor();
  const news = await workbench.notifications();
  await workbench.command('Notifications: Clear All Notifications');
  await page.locator('.notifications-center.visible').waitFor({ state: 'detached' });
  return news;
}
