/** A worker that opens a graph in one way and runs it when told: what a change of the graph, or of the session, gives. */
import * as ort from 'onnxruntime-web/wasm';
import {
  cellFeed,
  createSession,
  maskFeeds,
  pictured,
  pictureNames,
  planGraphs,
} from '../../webview/engine/graph';
import type { Feeds } from '../../webview/engine/graph';
import { rewrite } from '../../webview/onnx/index';
import type { Request } from '../../webview/onnx/index';

export interface Opening {
  readonly wasm: string;
  readonly graph: string;
  /** What is asked of the graph beside the picture; null to run it as it was exported. */
  readonly beside: Request | null;
  readonly session: ort.InferenceSession.SessionOptions;
  /** Whether results are written into tensors that were made before the run. */
  readonly bound: boolean;
}

/** Runs on so many tokens. @returns ms */
type Run = (n: number) => Promise<number>;

async function open({ wasm, graph, beside, session: options, bound }: Opening): Promise<Run> {
  const bytes = async (url: string) => new Uint8Array(await (await fetch(url)).arrayBuffer());
  ort.env.wasm.wasmBinary = (await bytes(wasm)).buffer;
  ort.env.wasm.numThreads = 1;
  const exported = await bytes(graph);
  const planned = beside && (await planGraphs({ graph: exported, weights: [], decoder: null }))[0];
  const rewritten =
    planned && rewrite(planned.model, planned.plan, planned.masks, { ...pictured, ...beside });
  const session = rewritten
    ? await createSession(rewritten, [], options)
    : await ort.InferenceSession.create(exported, { executionProviders: ['wasm'], ...options });
  const made = new Map<number, Feeds>();
  return async (n) => {
    const ids = (value: (i: number) => number) =>
      new ort.Tensor(
        'int64',
        BigInt64Array.from({ length: n }, (_, i) => BigInt(value(i))),
        [1, n],
      );
    const own: Feeds = {
      input_ids: ids((i) => 3 + (i % 97)),
      attention_mask: ids(() => 1),
      position_ids: ids((i) => i),
    };
    const lengths = { source: n, target: n };
    const feeds = rewritten
      ? { ...own, ...maskFeeds(rewritten, 'causal', lengths), ...cellFeed(rewritten, lengths) }
      : own;
    const names = rewritten
      ? [...pictureNames({ rewritten, planned, session }), ...(rewritten.logits ? [rewritten.logits] : [])]
      : session.outputNames;
    const fitting = Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]!]));
    const before = made.get(n);
    const started = performance.now();
    const results = await (before ? session.run(fitting, before) : session.run(fitting, names));
    const ms = performance.now() - started;
    if (bound && !before) made.set(n, results);
    return ms;
  };
}

let opened: Promise<Run> | null = null;
self.onmessage = async ({ data }: MessageEvent<Opening | number>) => {
  try {
    const started = performance.now();
    if (typeof data === 'number') self.postMessage(await (await opened!)(data));
    else {
      opened = open(data);
      await opened;
      self.postMessage(performance.now() - started);
    }
  } catch (error) {
    self.postMessage(String(error));
  }
};
