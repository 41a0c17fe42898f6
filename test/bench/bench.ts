/**
 * Measures Headlight: the page that ships, in the browser of the page tests, against floor.html in the same browser;
 * the bundled model in the page, in onnxruntime-node and in a real VS Code. Every figure is a median over repeats.
 */
import { inEditor } from './editor';
import { rendererMemory } from './memory';
import { latency, modelRuns } from './model';
import { pageAlone } from './page';
import type { BenchOptions, Part } from './part';
import type { Row } from './rows';
import { exponent, row } from './rows';

export interface Found {
  readonly rows: readonly Row[];
  /** What was not measured, and why. */
  readonly skipped: readonly string[];
}

export async function bench(options: BenchOptions, say: (what: string) => void): Promise<Found> {
  const rows: Row[] = [];
  const skipped: string[] = [];
  const parts: readonly (readonly [what: string, part: Part])[] = [
    ['the page alone, 12 x 12 heads', pageAlone],
    ['from a text to its picture', latency],
    ['the run of the model', modelRuns],
    ['memory of the whole renderer', rendererMemory],
    ['in a real VS Code', inEditor],
  ];
  for (const [what, part] of parts) {
    say(what);
    rows.push(...(await part(options, (why) => skipped.push(`${what}: ${why}`))));
  }
  return { rows: [...rows, ...growth(rows)], skipped };
}

/** What passes over the weights grows with their number, n²; nothing else may grow faster than n. Noise has a margin. */
const MOST: Readonly<Record<string, number>> = {
  'grid 12x12 drawn from a buffer': 2,
  'bytes leaving the worker for the grid': 2,
  'hover, event to end of frame, p95': 1,
  'hover, CPU of the main thread': 1,
  'switch to another head, 12 x 12': 2,
  'switch to another head, bundled model': 2,
  'page without the worker': 2,
  'run of the bundled model, one thread': 2,
};
const MARGIN = 0.1;

function growth(rows: readonly Row[]): Row[] {
  return Object.entries(MOST).flatMap(([name, most]) => {
    const points = rows.filter((one) => one.name === name).map(({ n, value }) => [n!, value] as const);
    if (points.length < 3) return [];
    return [row(`growth in n: ${name}`, null, exponent(points), 'exponent', { target: most + MARGIN })];
  });
}
