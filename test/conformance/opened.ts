// A model opened the way the engine opens it, by the real onnxruntime-web on WASM in Node.
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
  rewrite,
  type Rewrite,
  type RewrittenModel,
  type Tensor,
} from '../../webview/onnx';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

export type Feeds = Record<string, ort.Tensor>;

/** Query by query, which keys. */
export type Pairs = (query: number, key: number) => boolean;

export const everywhere: Pairs = () => true;
export const nowhere: Pairs = () => false;
export const backwards: Pairs = (query, key) => key <= query;
export const forwards: Pairs = (query, key) => key > query;

export interface Opened {
  readonly model: Model;
  readonly plan: Plan;
  readonly masks: Masks;
  readonly rewritten: Rewrite;
  /** Attention by site, then logits, under a mask. `allow` closes what it leaves out, `open` opens what it names. */
  run(
    feeds: Feeds,
    mask?: { allow?: Pairs; open?: Pairs },
  ): Promise<{ maps: ort.Tensor[]; logits: ort.Tensor }>;
  close(): Promise<void>;
}

export async function open(bytes: Uint8Array): Promise<Opened> {
  const model = readModel(bytes);
  const plan = planModel(model);
  const masks = findMasks(model, plan, await probe(model, plan));
  const rewritten = rewrite(model, plan, masks, { logits: true });
  const session = await load(rewritten);
  return {
    model,
    plan,
    masks,
    rewritten,
    async run(feeds, { allow = everywhere, open = nowhere } = {}) {
      const length = Object.values(feeds)[0].dims[1];
      const all: Feeds = Object.fromEntries(rewritten.inputs.map((name) => [name, feeds[name]]));
      for (const inputs of rewritten.maskInputs) {
        if (inputs.allow !== null) all[inputs.allow] = pairs(length, allow);
        if (inputs.open !== null) all[inputs.open] = pairs(length, open);
      }
      const out = await session.run(all);
      return { maps: rewritten.outputs.map(({ name }) => out[name]), logits: out[rewritten.logits!] };
    },
    close: () => session.release(),
  };
}

export async function probe(model: Model, plan: Plan): Promise<Record<string, Tensor>> {
  const graph = probeGraph(model, plan);
  if (plan.probes.length === 0) return {};
  const session = await load(graph);
  const feeds = probeFeeds(plan);
  const tensors = graph.inputs.map((name) => [name, new ort.Tensor(...tensorArguments(feeds[name]))]);
  const out = await session.run(Object.fromEntries(tensors));
  await session.release();
  return out;
}

export function load({ bytes, external }: RewrittenModel): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(bytes, { externalData: [...external] });
}

export function feed(inputs: Record<string, { dims: number[]; type: string; data: number[] }>): Feeds {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { dims, data }]) => [
      name,
      new ort.Tensor('int64', BigInt64Array.from(data, BigInt), dims),
    ]),
  );
}

export function pairs(length: number, mask: Pairs): ort.Tensor {
  const cells = Uint8Array.from({ length: length * length }, (_, i) =>
    mask(Math.floor(i / length), i % length) ? 1 : 0,
  );
  return new ort.Tensor('bool', cells, [length, length]);
}

function tensorArguments({ type, data, dims }: Tensor): [type: 'int64', data: BigInt64Array, dims: number[]] {
  return [type as 'int64', data as unknown as BigInt64Array, [...dims]];
}
