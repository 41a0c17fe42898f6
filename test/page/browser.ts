/**
 * The real page in a real Chromium: the built bundle, the panel's own HTML and policy, real files over HTTP. Only what
 * VS Code itself gives a webview (`acquireVsCodeApi`, theme classes and variables) is stood in for.
 */
import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, extname, join, normalize } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { launchOptions } from '../../scripts/browser.mjs';
import { pageHtml } from '../../src/html';
import type { Device, ModelFolder, SecondText, ToHost } from '../../src/protocol';

export type Theme = 'dark' | 'light' | 'high-contrast' | 'high-contrast-light';

export interface PageOptions {
  readonly theme?: Theme;
  readonly width?: number;
  readonly height?: number;
  /** Software WebGPU: right results, slowly. */
  readonly webgpu?: boolean;
  /** What is timed: the browser optimises as a user's does, which costs the start of a test seconds. */
  readonly timed?: boolean;
  /** Headers that isolate the page from other origins, so that it may have threads. */
  readonly isolated?: boolean;
  /** Answers some paths otherwise: a status, or other bytes. */
  readonly answer?: (path: string) => number | Uint8Array | null;
  /** Runs in the page before its own script. */
  readonly script?: string;
}

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

/** A model in a folder of the repository; what lies in it is told of as the host would. */
export function modelIn(folder: string, graph = 'onnx/model.onnx'): ModelFolder {
  const paths = readdirSync(folder, { recursive: true }) as string[];
  const files = paths.map((path) => ({ path, size: statSync(join(folder, path)).size }));
  return {
    id: `${folder}#${graph}`,
    name: basename(folder),
    base: `/${folder}`,
    revision: null,
    files,
    graphs: { model: graph },
    bytes: files.find(({ path }) => path === graph)!.size,
    memoryLimit: 3e9,
  };
}

const bundled = modelIn('media/models/headlight-small');

/** A page with nothing shown yet, and what it said to its host. */
export class PanelPage {
  private id = 0;

  private constructor(
    readonly page: Page,
    private readonly end: () => Promise<void>,
  ) {}

  static async open(options: PageOptions = {}): Promise<PanelPage> {
    const server = await serve(options);
    const { port } = server.address() as AddressInfo;
    const browser: Browser = await chromium.launch(launchOptions(options));
    const page = await browser.newPage({
      viewport: { width: options.width ?? 660, height: options.height ?? 900 },
    });
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) faults.push(message.text());
    });
    const opened = new PanelPage(page, async () => {
      await browser.close();
      server.close();
      if (faults.length > 0) throw new Error(`the page had faults:\n${faults.join('\n')}`);
    });
    await page.goto(`http://127.0.0.1:${port}/`);
    await opened.ready();
    return opened;
  }

  /** The page anew, as when a window comes back: what it kept is there, and nothing is shown yet. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  private async ready(): Promise<void> {
    await this.page.waitForFunction(() => window.sent.some((message) => message.type === 'ready'));
  }

  /** Shows a text as the host would; resolves when the picture stands. @returns the request's id */
  async show(
    text: string,
    {
      offset = 0,
      device = 'wasm' as Device,
      wait = true,
      model = bundled,
      continues = false,
      second = null as SecondText | null,
    } = {},
  ) {
    const id = ++this.id;
    await this.post({
      type: 'show',
      subject: {
        id,
        text,
        offset,
        line: 0,
        second,
        omitted: 0,
        continues,
        image: null,
        origin: { uri: 'untitled:test', start: offset, end: offset + text.length, second: null },
      },
      model: this.served(model),
      device,
    });
    if (wait) await this.settled();
    return id;
  }

  /** Shows an image of the repository, or bytes, as the host would. @returns the request's id */
  async showImage(image: string | Uint8Array, model: ModelFolder, wait = true): Promise<number> {
    const id = ++this.id;
    const [name, bytes] =
      typeof image === 'string' ? [basename(image), readFileSync(image)] : ['x.png', image];
    const origin = { uri: `file:///${name}`, start: 0, end: 0, second: null };
    const nothing = { text: '', offset: 0, line: 0, second: null, omitted: 0 };
    const subject = { id, ...nothing, continues: false, image: null, origin };
    await this.page.evaluate(
      ({ subject, model, name, base64 }) => {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        const image = { name, bytes };
        window.postMessage({ type: 'show', device: 'wasm', model, subject: { ...subject, image } }, '*');
      },
      { subject, model: this.served(model), name, base64: Buffer.from(bytes).toString('base64') },
    );
    if (!wait) return id;
    await this.page.waitForFunction(
      (id) => window.sent.some((message) => message.type === 'standing' && message.id === id),
      id,
    );
    await this.settled();
    return id;
  }

  /** A model as the host would tell of it. */
  served({ base, ...model }: ModelFolder): ModelFolder {
    return { ...model, base: new URL(base, this.page.url()).href };
  }

  async post(message: object): Promise<void> {
    await this.page.evaluate((data) => window.postMessage(data, '*'), message);
    // A frame later the page has heard it and drawn what follows at once.
    await this.page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
  }

  /** Waits until the grid is not busy and the numbers of the focused head have come. */
  async settled(): Promise<void> {
    await this.page.waitForSelector('[role=grid][aria-busy=false] [role=gridcell]', { timeout: 120_000 });
    await this.page.waitForFunction(() => document.querySelector('.head canvas[aria-label]'));
  }

  /** Every option of "Tokens", with its attributes. */
  async tokens() {
    return this.page
      .getByRole('listbox', { name: 'Tokens' })
      .getByRole('option')
      .evaluateAll((options) =>
        options.map((option) => ({
          index: Number(option.getAttribute('data-index')),
          start: Number(option.getAttribute('data-start')),
          end: Number(option.getAttribute('data-end')),
          text: option.getAttribute('data-text')!,
          weight: option.getAttribute('data-weight'),
          name: option.getAttribute('aria-label')!,
          width: option.getBoundingClientRect().width,
          height: option.getBoundingClientRect().height,
        })),
      );
  }

  /** The weights that the page tells, one for every token. */
  async weights(): Promise<number[]> {
    await this.page.waitForSelector('[role=option][data-weight]');
    return (await this.tokens()).map(({ weight }) => Number(weight));
  }

  /** Asks the page, as the host would. @returns what it answers with */
  async ask(name: string, asked: object | null): Promise<unknown> {
    const question = ++this.id;
    await this.post({ type: 'ask', question, name, asked });
    const answer = await this.page.waitForFunction(
      (wanted) => window.sent.find((one) => one.type === 'answer' && one.question === wanted),
      question,
    );
    const { ok } = (await answer.jsonValue()) as { ok?: unknown };
    return ok;
  }

  async sent(): Promise<ToHost[]> {
    return this.page.evaluate(() => window.sent);
  }

  close(): Promise<void> {
    return this.end();
  }
}

/** A test's body in a page of its own, which is closed at the end, whatever comes of it. */
export function inPanel(
  options: PageOptions,
  body: (panel: PanelPage) => Promise<void>,
): () => Promise<void> {
  return async () => {
    const panel = await PanelPage.open(options);
    try {
      await body(panel);
    } finally {
      await panel.close();
    }
  };
}

declare global {
  interface Window {
    sent: ToHost[];
  }
}

/** The workbench's variables for each theme, as a real VS Code 1.139 sets them on the webview's root. */
function themeStyle(theme: Theme): string {
  const file = join(process.cwd(), 'test/page/themes', `${theme}.json`);
  const variables = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  return Object.entries(variables)
    .map(([name, value]) => `${name}:${value}`)
    .join(';');
}

async function serve({ theme = 'dark', isolated = false, answer, script = '' }: PageOptions) {
  const root = process.cwd();
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url!, 'http://host').pathname));
    const origin = `http://${request.headers.host}`;
    const headers: Record<string, string> = isolated
      ? { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }
      : {};
    const other = answer?.(path) ?? null;
    if (typeof other === 'number') return void response.writeHead(other, headers).end();
    if (other) return void response.writeHead(200, { ...headers, 'content-length': other.length }).end(other);
    if (path === '/') {
      const html = pageHtml({ dist: `${origin}/dist`, cspSource: origin, nonce: 'abc' })
        .replace('<html', `<html style="${themeStyle(theme).replaceAll('"', '&quot;')}"`)
        .replace('<body', `<body class="vscode-${theme} vscode-body"`)
        // As VS Code does it: before the page's own script, and not under its policy.
        .replace('<head>', `<head><script nonce="abc">${STAND_IN}${script}</script>`);
      return void response.writeHead(200, { ...headers, 'content-type': 'text/html' }).end(html);
    }
    const file = join(root, path);
    const found = await stat(file).catch(() => null);
    if (!found?.isFile() || !/^\/(dist|media|test\/fixtures)\//.test(path))
      return void response.writeHead(404).end();
    response.writeHead(200, {
      ...headers,
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'content-length': found.size,
    });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return server;
}

const STAND_IN = `
  window.sent = [];
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => window.sent.push(structuredClone(message)),
    getState: () => JSON.parse(sessionStorage.state ?? 'null'),
    setState: (next) => { sessionStorage.state = JSON.stringify(next); },
  });
`;
