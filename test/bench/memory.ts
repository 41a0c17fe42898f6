/** Memory: of the page's own heap, and of the whole renderer, worker and all, as the system sees it. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { PanelPage } from '../page/browser';
import type { Part } from './part';
import { bundled, context, picture, probe, size, textsOf } from './part';
import type { Row } from './rows';
import { against, row } from './rows';

/** As few tokens as a long text is left for. */
const FEW = 64;

/** Bytes of the page's own heap: objects, elements, buffers. */
export async function heap(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  for (let i = 0; i < 2; i++) await session.send('HeapProfiler.collectGarbage');
  const usage = (await session.send('Runtime.getHeapUsage')) as {
    usedSize: number;
    embedderHeapUsedSize?: number;
    backingStorageSize?: number;
  };
  return usage.usedSize + (usage.embedderHeapUsedSize ?? 0) + (usage.backingStorageSize ?? 0);
}

export const rendererMemory: Part = async ({ sizes, idle }, skip) => {
  if (process.platform !== 'linux') {
    skip('only Linux tells what a process has in memory, in /proc');
    return [];
  }
  const answers: Record<string, Uint8Array> = {
    '/plain.js': await bundled('test/bench/plain.ts'),
    '/plain.wasm': await readFile('node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm'),
    '/plain.html': Buffer.from('<!doctype html><meta charset="utf-8"><title>a model, run plainly</title>'),
  };
  const rows: Row[] = [];
  const lengths = sizes.filter((n) => n <= context).slice(-2);
  const texts = await textsOf([FEW, ...lengths]);
  const few = texts.get(FEW)!;
  for (const n of lengths) {
    const panel = await PanelPage.open({ ...size, script: probe() });
    try {
      const { page } = panel;
      await picture(panel, few);
      const before = await resident(page);
      const during = await peak(page, () => picture(panel, texts.get(n)!));
      await picture(panel, `${few}.`);
      await new Promise((resolve) => setTimeout(resolve, idle * 1000));
      const back = await resident(page);
      const plain = await plainPeak(answers, n);
      rows.push(
        row(
          'whole renderer during a run, against the model as it was exported',
          n,
          during / 1e6,
          'MB',
          against(plain / 1e6, 1.25),
        ),
      );
      // What a worker that stays as it is keeps after a shorter text is no fault: only a large heap is given back.
      if (n === lengths.at(-1))
        rows.push(
          row(
            `whole renderer, back at few tokens and ${idle} s idle`,
            n,
            back / 1e6,
            'MB',
            against(before / 1e6, 1.2),
          ),
        );
    } finally {
      await panel.close();
    }
  }
  return rows;
};

/** The same of a page that does nothing but run the model as it was exported; in a browser of its own. */
async function plainPeak(answers: Readonly<Record<string, Uint8Array>>, n: number): Promise<number> {
  const panel = await PanelPage.open({ ...size, answer: (path) => answers[path] ?? null });
  const { page } = panel;
  try {
    await page.goto(new URL('/plain.html', page.url()).href);
    return await peak(page, () =>
      page.evaluate(async (n) => {
        const script = await (await fetch('/plain.js')).blob();
        const worker = new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })));
        const path = (name: string) => new URL(name, location.href).href;
        const done = new Promise<void>((resolve, reject) => {
          worker.onmessage = () => resolve();
          worker.onerror = ({ message }) => reject(new Error(message));
        });
        const model = path('/media/models/headlight-small/onnx/model.onnx');
        worker.postMessage({ wasm: path('/plain.wasm'), model, n, runs: 2 });
        await done;
      }, n),
    );
  } finally {
    await panel.close();
  }
}

/** Bytes in memory of the renderer that has most. */
async function resident(page: Page): Promise<number> {
  const session = await page.context().browser()!.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const each = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(async ({ id }) => {
      const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
      return 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
    });
  return Math.max(...(await Promise.all(each)));
}

/** The most that it had while the work went on. */
async function peak(page: Page, work: () => Promise<void>): Promise<number> {
  let most = 0;
  let going = true;
  const watching = (async () => {
    while (going) {
      most = Math.max(most, await resident(page));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  await work().finally(() => (going = false));
  await watching;
  return most;
}
