// A model opened the way the engine opens it, by the real onnxruntime-web.
import * as ort from 'onnxruntime-web/wasm';
import {
  findMasks,
  type Masks,
  type Model,
  planModel,
  type Plan,
  probeFeeds,
  probeGraph,
  readModel,
  type ReadOptions,
  type Request,
  rewrite,
  type Rewrite,
  type RewrittenModel,
  type SiteKind,
  type Tensor,
  type What,
} from '../../webview/onnx';
import type { Feeds } from './feeds';

/** True in a page whose onnxruntime has WebGPU; it falls back to WASM operator by operator. */
declare const HEADLIGHT_WEBGPU: boolean | undefined;
const onWebGpu = typeof HEADLIGHT_WEBGPU !== 'undefined' && HEADLIGHT_WEBGPU;

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

/** Query by query, which keys. */
export type Pairs = (query: number, key: number) => boolean;

export const everywhere: Pairs = () => true;
export const nowhere: Pairs = () => false;
export const backwards: Pairs = (query, key) => key <= query;
export const forwards: Pairs = (query, key) => key > query;

export interface Asked {
  /** Closes what it leaves out. */
  readonly allow?: Pairs;
  /** Opens what it names, of what the causal mask hides. */
  readonly open?: Pairs;
  /** Whose mask that is; all kinds' without it. */
  readonly kind?: SiteKind;
  /** Queries and keys of a kind; without it as many as the first input has tokens. */
  readonly size?: (kind: SiteKind) => readonly [queries: number, keys: number];
  /** What one head's output, or one layer's scores, are multiplied by. */
  readonly gate?: { kind: SiteKind; layer: number; head: number; heads: number; value: number };
  /** Every token stands where the first one stands. */
  readonly unplaced?: boolean;
  readonly scale?: { kind: SiteKind; layer: number; value: number };
}

export interface Opened {
  readonly model: Model;
  readonly plan: Plan;
  readonly masks: Masks;
  readonly rewritten: Rewrite;
  /** Attention by site, and the logits. */
  run(feeds: Feeds, asked?: Asked): Promise<{ maps: ort.Tensor[]; logits: ort.Tensor }>;
  /** One kind of tensor of every site that has it, by the site's kind and layer. */
  look(
    feeds: Feeds,
    what: What,
    asked?: Asked,
  ): Promise<{ kind: SiteKind; layer: number; tensor: ort.Tensor }[]>;
  close(): Promise<void>;
}

export interface OpenOptions extends ReadOptions {
  /** Reads a file beside the model. */
  readonly read?: (file: string) => Promise<Uint8Array>;
}

export async function open(bytes: Uint8Array, { read, ...options }: OpenOptions = {}): Promise<Opened> {
  const model = readModel(bytes, options);
  const files: File[] = [];
  for (const path of model.externalPaths) {
    if (!read) throw new Error(`the model keeps weights in ${path}`);
    files.push({ path, data: await read(path.replace(/^\.\//, '')) });
  }
  const plan = planModel(model);
  // As in the engine: a probe that cannot run costs the other mask, not the picture.
  const masks = findMasks(model, plan, await probe(model, plan, files).catch(() => ({})));
  const sessions = new Map<string, { rewritten: Rewrite; session: ort.InferenceSession }>();

  async function runRequest(request: Request, feeds: Feeds, asked: Asked) {
    const key = JSON.stringify(request);
    let made = sessions.get(key);
    if (!made) {
      const rewritten = rewrite(model, plan, masks, request);
      made = { rewritten, session: await load(rewritten, files) };
      sessions.set(key, made);
    }
    const { rewritten, session } = made;
    return { rewritten, out: await session.run(feedsFor(rewritten, feeds, asked)) };
  }

  return {
    model,
    plan,
    masks,
    rewritten: rewrite(model, plan, masks, { logits: true }),
    async run(feeds, asked = {}) {
      const more = {
        ...(asked.gate && { gates: true }),
        ...(asked.scale && { scales: true }),
        ...(asked.unplaced && { places: true }),
      };
      const { rewritten, out } = await runRequest({ logits: true, ...more }, feeds, asked);
      return { maps: rewritten.outputs.map(({ name }) => out[name]), logits: out[rewritten.logits!] };
    },
    async look(feeds, what, asked = {}) {
      const { rewritten, out } = await runRequest({ tensors: [{ what }] }, feeds, asked);
      return rewritten.outputs.map(({ kind, layer, name }) => ({ kind, layer, tensor: out[name] }));
    },
    async close() {
      for (const { session } of sessions.values()) await session.release();
      sessions.clear();
    },
  };
}

/** The feeds of a case and those of the inputs that rewriting added. */
function feedsFor(rewritten: Rewrite, feeds: Feeds, asked: Asked): Feeds {
  const all: Feeds = {};
  for (const name of rewritten.inputs) {
    if (!feeds[name]) throw new Error(`nothing is fed to the input ${name}`);
    all[name] = feeds[name];
  }
  const length = Object.values(feeds)[0].dims[1];
  const { allow = everywhere, open = nowhere, size = () => [length, length] } = asked;
  for (const inputs of rewritten.maskInputs) {
    const isMeant = asked.kind === undefined || asked.kind === inputs.kind;
    // One pair stands for all where they are alike: so layers of different lengths run under one mask.
    const cells = (mask: Pairs) => {
      const [queries, keys] = mask === everywhere || mask === nowhere ? [1, 1] : size(inputs.kind);
      return pairs(queries, mask, keys);
    };
    if (inputs.allow !== null) all[inputs.allow] = cells(isMeant ? allow : everywhere);
    if (inputs.open !== null) all[inputs.open] = cells(isMeant ? open : nowhere);
  }
  if (asked.unplaced) {
    if (rewritten.unplacedInput === null) throw new Error('nothing was found that counts tokens');
    all[rewritten.unplacedInput] = new ort.Tensor('bool', Uint8Array.of(1), []);
  }
  const { gate, scale } = asked;
  const isOf = (input: { kind: SiteKind; layer: number }, one: typeof gate | typeof scale) =>
    one?.kind === input.kind && one.layer === input.layer;
  for (const input of rewritten.gateInputs) {
    // Of all heads at once, or one by one.
    const values = new Float32Array(isOf(input, gate) ? gate!.heads : 1).fill(1);
    if (isOf(input, gate)) values[gate!.head] = gate!.value;
    all[input.name] = new ort.Tensor('float32', values, [values.length]);
  }
  for (const input of rewritten.scaleInputs)
    all[input.name] = new ort.Tensor('float32', Float32Array.of(isOf(input, scale) ? scale!.value : 1), [1]);
  for (const [one, inputs, name] of [
    [gate, rewritten.gateInputs, 'gate'],
    [scale, rewritten.scaleInputs, 'scale'],
  ] as const)
    if (one && !inputs.some((input) => isOf(input, one)))
      throw new Error(`there is no ${name} for layer ${one.layer} (${one.kind})`);
  return all;
}

interface File {
  readonly path: string;
  readonly data: Uint8Array;
}

export async function probe(
  model: Model,
  plan: Plan,
  files: readonly File[] = [],
): Promise<Record<string, Tensor>> {
  const graph = probeGraph(model, plan);
  if (plan.probes.length === 0) return {};
  const session = await load(graph, files);
  const feeds = probeFeeds(plan);
  const tensors = graph.inputs.map((name) => [name, new ort.Tensor(...tensorArguments(feeds[name]))]);
  const out = await session.run(Object.fromEntries(tensors));
  await session.release();
  return out;
}

export function load(
  { bytes, external, delicate }: RewrittenModel,
  files: readonly File[] = [],
): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(bytes, {
    executionProviders: onWebGpu
      ? // An empty list is an error to onnxruntime.
        [{ name: 'webgpu', ...(delicate.length > 0 && { forceCpuNodeNames: delicate }) }, 'wasm']
      : ['wasm'],
    graphOptimizationLevel: 'all',
    externalData: [...external, ...files],
  });
}

/** As many keys as queries if left out. */
export function pairs(queries: number, mask: Pairs, keys = queries): ort.Tensor {
  const cells = Uint8Array.from({ length: queries * keys }, (_, i) =>
    mask(Math.floor(i / keys), i % keys) ? 1 : 0,
  );
  return new ort.Tensor('bool', cells, [queries, keys]);
}

function tensorArguments({ type, data, dims }: Tensor): [type: 'int64', data: BigInt64Array, dims: number[]] {
  return [type as 'int64', data as unknown as BigInt64Array, [...dims]];
}
