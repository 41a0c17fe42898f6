/** The bundled model in onnxruntime-node: the same rewritten graph, as a program of this machine on one thread. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-common';
import { fetchNative } from '../../scripts/native.mjs';
import { cellFor, maskCells, openedCells } from '../../webview/core/attention';
import { pictured } from '../../webview/engine/graph';
import { findMasks, planModel, probeFeeds, probeGraph, readModel, rewrite } from '../../webview/onnx';
import type { Model, Plan, Rewrite, RewrittenModel, Tensor } from '../../webview/onnx';
import { median } from './rows';

type Ort = Awaited<ReturnType<typeof fetchNative>>;
type Feeds = Record<string, OrtTensor>;

/** @returns ms by length. @throws Error where there is no onnxruntime-node for this machine */
export async function nativeRuns(lengths: readonly number[], repeats: number): Promise<Map<number, number>> {
  const ort = await fetchNative();
  const folder = await mkdtemp(join(tmpdir(), 'headlight-bench-'));
  const open = async ({ bytes, external }: RewrittenModel): Promise<InferenceSession> => {
    // It takes external data as files beside the graph's.
    await writeFile(join(folder, 'graph.onnx'), bytes);
    for (const { path, data } of external) await writeFile(join(folder, path), data);
    const threads = { intraOpNumThreads: 1, interOpNumThreads: 1 };
    return ort.InferenceSession.create(join(folder, 'graph.onnx'), threads);
  };
  try {
    const model = readModel(new Uint8Array(await readFile('media/models/headlight-small/onnx/model.onnx')));
    const plan = planModel(model);
    const values = await probed(ort, model, plan, open);
    const rewritten = rewrite(model, plan, findMasks(model, plan, values), pictured);
    const session = await open(rewritten);
    const found = new Map<number, number>();
    for (const n of lengths) {
      const feeds = feedsOf(ort, session, rewritten, n);
      const times: number[] = [];
      for (let i = 0; i <= repeats; i++) {
        const started = performance.now();
        await session.run(feeds);
        if (i > 0) times.push(performance.now() - started);
      }
      found.set(n, median(times));
    }
    await session.release();
    return found;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What the engine asks of a graph before it is rewritten. */
async function probed(
  ort: Ort,
  model: Model,
  plan: Plan,
  open: (graph: RewrittenModel) => Promise<InferenceSession>,
): Promise<Record<string, Tensor>> {
  const session = await open(probeGraph(model, plan));
  const feeds: Feeds = {};
  for (const [name, { type, data, dims }] of Object.entries(probeFeeds(plan)))
    if (session.inputNames.includes(name))
      feeds[name] = new ort.Tensor(type as 'int64', data as BigInt64Array, dims);
  const values: Record<string, Tensor> = {};
  for (const [name, { type, dims, data }] of Object.entries(await session.run(feeds)))
    values[name] = { type, dims, data: data as Tensor['data'] };
  await session.release();
  return values;
}

function feedsOf(ort: Ort, session: InferenceSession, { maskInputs, cellInput }: Rewrite, n: number): Feeds {
  const row = (value: (i: number) => number) => {
    const data = BigInt64Array.from({ length: n }, (_, i) => BigInt(value(i)));
    return new ort.Tensor('int64', data, [1, n]);
  };
  const cells = (values: Uint8Array) => new ort.Tensor('bool', values, [n, n]);
  const all: Feeds = {
    input_ids: row((i) => 3 + (i % 97)),
    attention_mask: row(() => 1),
    position_ids: row((i) => i),
  };
  for (const { allow, open } of maskInputs) {
    if (allow !== null) all[allow] = cells(maskCells('causal', n));
    if (open !== null) all[open] = cells(openedCells('causal', n));
  }
  if (cellInput !== null) all[cellInput] = new ort.Tensor('int64', BigInt64Array.of(BigInt(cellFor(n))), [1]);
  return Object.fromEntries(session.inputNames.map((name) => [name, all[name]!]));
}
