/** What the parts of the bench share: their options, the page they look into, and what probe.js notes there. */
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { MOST_TOKENS } from '../../webview/engine/engine';
import { PanelPage } from '../page/browser';
import type { Row } from './rows';

export interface BenchOptions {
  /** Numbers of tokens. */
  readonly sizes: readonly number[];
  readonly repeats: number;
  /** Tokens that the pointer passes over, for each length. */
  readonly hovers: number;
  /** Idle seconds before memory is looked at again. */
  readonly idle: number;
  /** Whether to measure in a real VS Code too. */
  readonly editor: boolean;
  /** Whether to fetch onnxruntime-node and compare with it. */
  readonly native: boolean;
}

/** @param skip told what cannot be measured here, and why */
export type Part = (options: BenchOptions, skip: (why: string) => void) => Promise<Row[]>;

/** What probe.js notes. */
interface Probe {
  calls: Record<string, number>;
  bytes: number;
  asked: number;
  run: number;
  drawing: number;
  drawn: number;
  pressed: number;
  hovers: number[];
  /** A move of the pointer that is not answered yet. */
  waiting: boolean;
}

declare global {
  interface Window {
    bench: Probe;
  }
}

export const size = { width: 1400, height: 900, timed: true };
export const probe = () => readFileSync('test/bench/probe.js', 'utf8');

/** A script for a browser. */
export async function bundled(file: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [file],
    ...{ bundle: true, write: false, minify: true, platform: 'browser', format: 'iife' },
    define: { 'import.meta.url': 'self.location.href' },
  });
  return outputFiles[0]!.contents;
}

/** Shows a text, and waits for the frame that has its picture. */
export async function picture(panel: PanelPage, text: string): Promise<void> {
  const { page } = panel;
  await page.evaluate(() => (window.bench.drawn = 0));
  await panel.show(text);
  await page.waitForFunction(() => window.bench.drawn > 0);
}

export const prose = Array.from({ length: 800 }, (_, i) => `value_${i} = compute(${i}, previous)\n`).join('');
/** As many tokens as are read at once, and the longest text that the bundled model is measured on. */
export const context = MOST_TOKENS;

/** Texts of so many tokens, as the bundled model counts them; asked in a page that nothing is measured in. */
export async function textsOf(lengths: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const panel = await PanelPage.open(size);
  try {
    await panel.show(prose);
    const tokens = await panel.tokens();
    return new Map(lengths.map((n) => [n, prose.slice(0, tokens[Math.min(n, tokens.length) - 1]!.end)]));
  } finally {
    await panel.close();
  }
}
