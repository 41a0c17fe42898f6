/**
 * A real VS Code with the packaged extension installed, driven as a person would: palette, keyboard, pointer.
 * Every host test opens one with `openWorkbench` and closes it at its end.
 */
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type FrameLocator, type Locator, type Page } from 'playwright-core';
import { launchOptions } from '../../scripts/browser.mjs';
import { type Editor, startEditor, workbenchUrl } from '../../scripts/editor.mjs';
import { root } from '../../scripts/npm.mjs';
import { vsixPath } from '../../scripts/package.mjs';
import { copySample } from '../../scripts/sample.mjs';

const themes = {
  dark: 'Default Dark Modern',
  light: 'Default Light Modern',
  'high contrast dark': 'Default High Contrast',
  'high contrast light': 'Default High Contrast Light',
};

/** Nothing moves by itself: what is photographed or pointed at stays where it is. */
const steady = {
  'editor.cursorBlinking': 'solid',
  'editor.find.addExtraSpaceOnTop': false,
  'workbench.reduceMotion': 'on',
};

/** Two busy cores can take long over one step; what takes longer than this hangs. */
const patience = 60_000;

/** Workbenches that this process opened so far: each has a folder of its own. */
let opened = 0;

export interface WorkbenchOptions {
  theme?: keyof typeof themes;
  settings?: Record<string, unknown>;
  /** The folder to open; without it a fresh copy of test/samples, removed at the end. */
  folder?: string;
  /** A file in that folder to open at once. */
  file?: string;
  width?: number;
  height?: number;
  /** A software WebGPU adapter; without it there is none. */
  webgpu?: boolean;
  /** What is timed: WebAssembly is optimised as early as in a user's browser. */
  timed?: boolean;
  /** Further .vsix files. */
  extensions?: string[];
  /** For the server, and so for the extension host. */
  env?: Record<string, string>;
  /** A CommonJS file that the server loads first. */
  preload?: string;
}

export interface Workbench {
  page: Page;
  editor: Editor;
  folder: string;
  /** Runs a command by its title, as the palette shows it ("Headlight: Show Attention"). */
  command(title: string): Promise<void>;
  /** Opens a file of the folder by name, through the palette, and puts the focus into it. */
  openFile(name: string): Promise<void>;
  /** The same, for a file that no text editor shows. */
  openTab(name: string): Promise<void>;
  /**
   * Gives the focus to the first group, where the documents are. A button of the panel makes the panel's group the active one,
   * and what is opened next would cover it.
   */
  toDocuments(): Promise<void>;
  /** Selects the given text in the active editor, which may span lines; the n-th occurrence from the top. */
  select(text: string, occurrence?: number): Promise<void>;
  /** Puts the caret before the given text. */
  caret(text: string, occurrence?: number): Promise<void>;
  /** The page inside a webview of Headlight, counted in the order of the tabs. */
  webview(index?: number): FrameLocator;
  /** The texts of the notifications that are shown. */
  notifications(): Promise<string[]>;
  /** "Developer: Reload Window": unlike a reload of the browser's page it lets VS Code write down what it wants to restore. */
  reload(): Promise<void>;
  /** Writes .cache/pictures/NAME.png and returns its path. */
  screenshot(name: string, of?: Locator): Promise<string>;
  /** What the workbench's console and the server said, without the noise this build always makes. */
  log(): string;
  close(): Promise<void>;
}

export async function openWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  const { theme = 'dark', width = 1280, height = 800, webgpu = false, timed = false } = options;
  const vsix = await vsixPath();
  if (!existsSync(vsix)) throw new Error('There is no package to install: run `npm run package` first.');
  const copied = join(root, '.cache', 'run', `sample-${process.pid}-${++opened}`);
  const folder = options.folder ?? (await copySample(join(copied, 'sample')));
  const editor = await startEditor({
    extensions: [vsix, ...(options.extensions ?? [])],
    settings: { ...steady, 'workbench.colorTheme': themes[theme], ...options.settings },
    ...(options.env && { env: options.env }),
    ...(options.preload && { preload: options.preload }),
  });
  const browser = await chromium.launch(launchOptions({ webgpu, timed })).catch(async (error: unknown) => {
    await editor.stop();
    throw error;
  });
  const close = async (): Promise<void> => {
    await browser.close();
    await editor.stop();
    await rm(copied, { recursive: true, force: true });
  };
  try {
    const context = await browser.newContext({ viewport: { width, height } });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: editor.url });
    const page = await context.newPage();
    page.setDefaultTimeout(patience);
    const said: string[] = [];
    page.on('console', (message) => said.push(`[${message.type()}] ${message.text()}`));
    page.on('pageerror', (error) => said.push(`[uncaught] ${error.stack ?? error.message}`));
    const file = options.file && join(folder, options.file);
    await page.goto(workbenchUrl(editor, { folder, openFile: file }));
    await ready(page, options.file);
    return {
      page,
      editor,
      folder,
      command: (title) => choose(page, `>${title}`, title),
      openFile: (name) => openFile(page, name),
      openTab: (name) => openTab(page, name),
      toDocuments: () => toDocuments(page),
      select: (text, occurrence) => select(page, text, occurrence),
      caret: async (text, occurrence) => {
        await select(page, text, occurrence);
        await page.keyboard.press('ArrowLeft');
        await page.getByText(/^Ln \d+, Col \d+$/).waitFor();
      },
      webview: (index = 0) =>
        page
          .locator('iframe.webview.ready[src*="extensionId=headlight"]')
          .nth(index)
          .contentFrame()
          .frameLocator('iframe#active-frame'),
      notifications: () => page.locator('.notification-list-item-message').allInnerTexts(),
      reload: async () => {
        const loaded = page.waitForEvent('domcontentloaded');
        await choose(page, '>Developer: Reload Window', 'Developer: Reload Window');
        await loaded;
        await ready(page);
      },
      screenshot: (name, of) => picture(of ?? page, name),
      log: () => [...said, ...editor.log().split('\n')].filter((line) => line && !isNoise(line)).join('\n'),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Waits until the workbench takes commands, and shows the file if one was asked for. */
async function ready(page: Page, file?: string): Promise<void> {
  await page.locator('.monaco-workbench .part.statusbar').waitFor();
  if (file) await page.locator(`.tab[data-resource-name="${file}"]`).waitFor();
  if (file) await page.locator('.editor-instance .view-lines').first().waitFor();
}

/**
 * Types into the palette and takes the row that says so. The palette does not refresh when an extension brings its commands
 * later, and closes when the command before takes the focus elsewhere: it is tried again.
 */
async function choose(page: Page, typed: string, said: string): Promise<void> {
  const row = page.locator('.quick-input-list .monaco-list-row').filter({ hasText: said }).first();
  let seen = { timeout: 500 };
  for (const deadline = Date.now() + patience; ;) {
    await page.keyboard.press('F1');
    const chosen = await page
      .locator('.quick-input-widget input[type=text]')
      .fill(typed, seen)
      .then(() => row.waitFor(seen))
      // Not to be hurried: a click that was made and is given up would be made twice.
      .then(() => row.click({ timeout: 5_000 }))
      .then(
        () => true,
        () => false,
      );
    if (chosen) return;
    // A busy machine may need longer; a palette that opened too early, not to be waited for.
    seen = { timeout: Math.min(2 * seen.timeout, 8_000) };
    await page.keyboard.press('Escape');
    if (Date.now() > deadline) throw new Error(`The palette has no "${said}".`);
  }
}

/** Opens a file in whatever editor is made for it. */
async function openTab(page: Page, name: string): Promise<void> {
  await choose(page, name, name);
  await page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
}

async function openFile(page: Page, name: string): Promise<void> {
  await openTab(page, name);
  await page.locator('.editor-instance .monaco-editor.focused').waitFor();
}

async function toDocuments(page: Page): Promise<void> {
  const isActive = page.locator('.editor-group-container').first().and(page.locator('.active'));
  const holds = async () => (await isActive.count()) > 0;
  for (const deadline = Date.now() + patience; ;) {
    await page.keyboard.press('Control+1');
    await isActive.waitFor({ timeout: 1_000 }).catch(() => {});
    // A dialog that closed gives the focus back to a webview, which tells the workbench by a message: that can come later.
    await page.waitForTimeout(200);
    if (await holds()) return;
    if (Date.now() > deadline) throw new Error('The first group does not become the active one.');
  }
}

/** Selects by the editor's own find: Escape leaves the match that was found selected. */
async function select(page: Page, text: string, occurrence = 1): Promise<void> {
  // The tab gives the focus to its editor. A click into the text could miss where that is scrolled.
  await page.locator('.editor-group-container').first().locator('.tab.active').click();
  await page.locator('.editor-instance .monaco-editor.focused').waitFor();
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('Control+f');
  const field = page.locator('.find-widget.visible textarea[aria-label="Find"]');
  await field.fill(text);
  const count = page.locator('.find-widget.visible .matchesCount');
  // Typing selects the first match from the caret on. In a narrow editor the count is there, but not shown.
  const at = (n: number) => count.filter({ hasText: new RegExp(`^${n} of`) }).waitFor({ state: 'attached' });
  await at(1);
  for (let n = 2; n <= occurrence; n++) {
    await field.press('Enter');
    await at(n);
  }
  await field.press('Escape');
  await page.locator('.find-widget.visible').waitFor({ state: 'detached' });
  await page.getByText(/^Ln \d+, Col \d+ \(\d+ selected\)$/).waitFor();
}

async function picture(of: Page | Locator, name: string): Promise<string> {
  const folder = join(root, '.cache', 'pictures');
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name}.png`);
  await of.screenshot({ path });
  return path;
}

/** What this build of VS Code always says: news of its own, and complaints about parts that are not in it. */
function isNoise(line: string): boolean {
  const news =
    /%c (INFO|WARN)|^\[\d\d:\d\d:\d\d\]|reconnection-grace-time|\[lifecycle\]|github authentication/;
  const missing = /\b404\b|not found|vsda|Failed to load resource/i;
  const frames = /escape its sandboxing|same-origin iframe/;
  return news.test(line) || missing.test(line) || frames.test(line);
}
