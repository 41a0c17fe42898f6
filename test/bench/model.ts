/** The bundled model: how long the page takes besides its run, and its run beside onnxruntime-node's. */
import { PanelPage } from '../page/browser';
import { nativeRuns } from './native';
import { switchHead } from './page';
import type { Part } from './part';
import { context, picture, probe, size, textsOf } from './part';
import type { Row } from './rows';
import { median, row } from './rows';

/** As many tokens as the targets are about. */
const TOKENS = 256;

export const latency: Part = async ({ repeats }) => {
  const text = (await textsOf([TOKENS])).get(TOKENS)!;
  const panel = await PanelPage.open({ ...size, script: probe() });
  try {
    const { page } = panel;
    const own: number[] = [];
    const runs: number[] = [];
    for (let i = 0; i <= repeats; i++) {
      // Another text each time, of as many tokens, from its start: what was shown before is not run again.
      await picture(panel, i + text.slice(1));
      const { asked, drawn, run } = await page.evaluate(() => window.bench);
      if (i === 0) continue;
      own.push(drawn - asked - run);
      runs.push(run);
    }
    const target = 40 + 0.05 * median(runs);
    return [row('text to picture, warm, less the run of the model', TOKENS, median(own), 'ms', { target })];
  } finally {
    await panel.close();
  }
};

export const modelRuns: Part = async ({ sizes, repeats, native }, skip) => {
  const fitting = sizes.filter((n) => n <= context);
  // With long texts asked for, the longest that is read, too.
  const lengths = Math.max(...fitting) < 2048 ? fitting : [...new Set([...fitting, context])];
  const texts = await textsOf(lengths);
  const web = new Map<number, number>();
  const switches: Row[] = [];
  const typed: Row[] = [];
  const panel = await PanelPage.open({ ...size, script: probe() });
  try {
    for (const n of lengths) {
      const text = texts.get(n)!;
      const times: number[] = [];
      for (let i = 0; i < repeats; i++) {
        await picture(panel, i + text.slice(1));
        times.push(await panel.page.evaluate(() => window.bench.run));
      }
      web.set(n, median(times));
      switches.push(...(await switchHead(panel, n, repeats, 'bundled model')));
    }
    for (const n of lengths) typed.push(...(await typedOn(panel, n, texts.get(n)!, repeats)));
  } finally {
    await panel.close();
  }
  const machine = native
    ? await nativeRuns(lengths, repeats).catch((error: Error) => error.message)
    : 'it was not asked for';
  const name = 'run of the bundled model, one thread';
  if (typeof machine === 'string') {
    skip(`onnxruntime-node: ${machine}`);
    return [...lengths.map((n) => row(name, n, web.get(n)!, 'ms')), ...typed, ...switches];
  }
  const runs = lengths.flatMap((n) => [
    row(name, n, web.get(n)!, 'ms', { floor: machine.get(n)! }),
    row('run in the page over run in onnxruntime-node', n, web.get(n)! / machine.get(n)!, 'x'),
  ]);
  return [...runs, ...typed, ...switches];
};

/** Texts of which only the last character is new; none where the model has to read them whole. */
async function typedOn(panel: PanelPage, n: number, text: string, repeats: number): Promise<Row[]> {
  const times: number[] = [];
  const status = panel.page.getByRole('status');
  // The second text tells that someone types, the fourth is the first that can be read on.
  for (let i = 0; i < 4 + repeats; i++) {
    await picture(panel, text.slice(0, -1) + i);
    if (i >= 4 && / for the last \d+$/.test((await status.textContent())!))
      times.push(await panel.page.evaluate(() => window.bench.run));
    // Nobody types faster than a picture comes and is looked at.
    await panel.page.waitForTimeout(1500);
  }
  const name = 'run of the bundled model, one thread, one character typed';
  return times.length < repeats ? [] : [row(name, n, median(times), 'ms')];
}
