/**
 * What makes a run of the bundled model faster in one WASM thread, tried one by one: each way in a worker of its own, all
 * of them in turn, so that what else the machine does falls on all alike. The best run of each is told.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { build } from 'esbuild';
import { PanelPage } from '../page/browser';
import type { Opening } from './trial';

const LENGTHS = [256, 1024];
const RUNS = 7;

/** onnxruntime-web's builds, by the name that imports them, and the WASM that each takes. */
const BUILDS = {
  wasm: 'ort-wasm-simd-threaded',
  webgpu: 'ort-wasm-simd-threaded.asyncify',
  jspi: 'ort-wasm-simd-threaded.jspi',
} as const;
type Build = keyof typeof BUILDS;

type Way = Partial<Pick<Opening, 'beside' | 'session' | 'bound'>> & {
  readonly name: string;
  readonly build?: Build;
  readonly file?: string;
};

const ways: readonly Way[] = [
  { name: 'as Headlight runs it' },
  { name: 'with the output head, and so with all of the last layer', beside: { logits: true } },
  { name: 'as it was exported: output head, no attention', beside: null },
  { name: 'graph optimisation: basic only', session: { graphOptimizationLevel: 'basic' } },
  { name: 'results into tensors made before', bound: true },
  { name: 'without a memory pattern', session: { enableMemPattern: false } },
  { name: 'without an arena', session: { enableCpuMemArena: false } },
  { name: "onnxruntime's asyncify build", build: 'webgpu' },
  { name: "onnxruntime's JSPI build", build: 'jspi' },
];

/** A table of Markdown. `files`: other graphs of the same model, each run as it is. */
export async function inference(files: readonly string[], say: (what: string) => void): Promise<string> {
  const all: readonly Way[] = [
    ...ways,
    ...files.map((file) => ({ name: `${basename(file)}, as it is`, file, beside: null })),
  ];
  const answers: Record<string, Uint8Array> = {
    '/trial.html': Buffer.from('<!doctype html><meta charset="utf-8"><title>runs</title>'),
  };
  for (const [name, wasm] of Object.entries(BUILDS)) {
    answers[`/${name}.js`] = await worker(name as Build);
    answers[`/${name}.wasm`] = await readFile(`node_modules/onnxruntime-web/dist/${wasm}.wasm`);
  }
  for (const file of files) answers[`/${basename(file)}`] = await readFile(file);
  const panel = await PanelPage.open({ timed: true, answer: (path) => answers[path] ?? null });
  try {
    const { page } = panel;
    await page.goto(new URL('/trial.html', page.url()).href);
    /** Tells a worker, and hears its answer. */
    const ask = (way: number, build: Build, what: Opening | number) =>
      page.evaluate(
        async ([way, build, what]) => {
          const workers = ((window as { workers?: Worker[] }).workers ??= []);
          if (!workers[way]) {
            const script = await (await fetch(`/${build}.js`)).blob();
            workers[way] = new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })));
          }
          const worker = workers[way];
          return new Promise<number | string>((resolve) => {
            worker.onmessage = ({ data }) => resolve(data);
            worker.onerror = ({ message }) => resolve(message);
            worker.postMessage(what);
          });
        },
        [way, build, what] as const,
      );
    const url = (path: string) => new URL(path, page.url()).href;
    const best = all.map(() => LENGTHS.map(() => Infinity));
    const told: string[][] = [];
    for (const [i, { name, build = 'wasm', file, beside, session = {}, bound = false }] of all.entries()) {
      say(name);
      const opened = await ask(i, build, {
        wasm: url(`/${build}.wasm`),
        graph: url(file ? `/${basename(file)}` : '/media/models/headlight-small/onnx/model.onnx'),
        beside: beside === undefined ? {} : beside,
        ...{ session, bound },
      });
      const first = typeof opened === 'number' ? await ask(i, build, LENGTHS[0]!) : opened;
      told.push([name, ms(opened), ms(first)]);
    }
    for (let run = 0; run < RUNS; run++)
      for (const [length, n] of LENGTHS.entries())
        for (const [i, { build = 'wasm' }] of all.entries()) {
          const took = told[i]![2]!.endsWith('ms') ? await ask(i, build, n) : Infinity;
          if (typeof took === 'number') best[i]![length] = Math.min(best[i]![length]!, took);
        }
    const head = ['way', 'to open', `first run, ${LENGTHS[0]}`, ...LENGTHS.map((n) => `best run, ${n}`)];
    const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
    const rows = told.map((cells, i) => line([...cells, ...best[i]!.map(ms)]));
    return [line(head), line(head.map(() => '---')), ...rows].join('\n');
  } finally {
    await panel.close();
  }
}

/** What did not come is told in its own words. */
const ms = (value: number | string) =>
  typeof value === 'string' ? value.slice(0, 80) : Number.isFinite(value) ? `${Math.round(value)} ms` : '';

async function worker(name: Build): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: ['test/bench/trial.ts'],
    ...{ bundle: true, write: false, minify: true, platform: 'browser', format: 'iife', target: 'es2022' },
    alias: { 'onnxruntime-web/wasm': `onnxruntime-web/${name}` },
    define: { 'import.meta.url': 'self.location.href', HEADLIGHT_WEBGPU: 'false' },
  });
  return outputFiles[0]!.contents;
}
