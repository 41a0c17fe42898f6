// A model of the size of GPT-2, with weights that only look random, in one file and with its weights in a second: what
// reading and rewriting costs beside what onnxruntime takes to make a session of it. Each measurement is a process of its
// own: `large make FOLDER WIDTH` (GPT-2's is 768), then `large plain|rewritten FILE`.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as ort from 'onnxruntime-web/wasm';
import { findMasks, planModel, readModel, rewrite } from '../../webview/onnx';
import { Message } from '../../webview/onnx/wire';
import { buildModel, FLOAT, type NodeLine, weights } from './graph';

const [, , task, path, width] = process.argv;
const layers = 12;
ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

if (task === 'make') makeModels(path, Number(width));
else process.stdout.write(JSON.stringify(await measure(task === 'rewritten')));

/** Attention sites found; milliseconds; and the most memory that the process had, in megabytes. */
async function measure(rewritten: boolean) {
  const bytes = new Uint8Array(readFileSync(path));
  const beside = `${path}_data`;
  const stored = existsSync(beside)
    ? [{ path: basename(beside), data: new Uint8Array(readFileSync(beside)) }]
    : [];
  const started = performance.now();
  let graph: { bytes: Uint8Array; external: readonly { path: string; data: Uint8Array }[] } = {
    bytes,
    external: [],
  };
  let sites = 0;
  if (rewritten) {
    const model = readModel(bytes);
    const plan = planModel(model);
    sites = plan.sites.length;
    graph = rewrite(model, plan, findMasks(model, plan, {}), { logits: true });
  }
  const read = performance.now();
  const session = await ort.InferenceSession.create(graph.bytes, {
    externalData: [...graph.external, ...stored],
  });
  const made = performance.now();
  await session.release();
  return {
    sites,
    rewriting: read - started,
    session: made - read,
    peak: process.resourceUsage().maxRSS / 1024,
  };
}

/** inline.onnx, and the same model as external.onnx with all of its weights in external.onnx_data. */
function makeModels(folder: string, width: number): void {
  const { weights: stored, dims, ...graph } = describeModel(width);
  writeFileSync(join(folder, 'inline.onnx'), buildModel({ ...graph, weights: stored, dims }));
  const file = 'external.onnx_data';
  const heads = new Message();
  let offset = 0;
  for (const [name, { byteLength }] of Object.entries(stored)) {
    const weight = new Message().number(2, FLOAT).text(8, name).number(14, 1);
    for (const dim of dims[name]) weight.number(1, dim);
    for (const [key, value] of [
      ['location', file],
      ['offset', String(offset)],
      ['length', String(byteLength)],
    ])
      weight.message(13, new Message().text(1, key).text(2, value));
    heads.message(5, weight);
    offset += byteLength;
  }
  // A graph may come in parts.
  const parts = [buildModel(graph), new Message().message(7, heads).finish()];
  writeFileSync(join(folder, 'external.onnx'), Buffer.concat(parts));
  writeFileSync(
    join(folder, file),
    Buffer.concat(Object.values(stored).map(({ buffer }) => Buffer.from(buffer))),
  );
}

/** Layers of one head and a feed-forward half each, and an output head as large as GPT-2's. */
function describeModel(width: number) {
  const nodes: NodeLine[] = [];
  const stored: Record<string, Float32Array> = {};
  const dims: Record<string, number[]> = {};
  const project = (x: string, name: string, from: number, to: number): string => {
    stored[`w_${name}`] = weights(from * to, nodes.length).map((value) => value / Math.sqrt(from));
    dims[`w_${name}`] = [from, to];
    nodes.push([name, 'MatMul', [x, `w_${name}`]]);
    return name;
  };
  let x = 'x';
  for (let layer = 0; layer < layers; layer++) {
    const [q, k, v] = ['q', 'k', 'v'].map((name) => project(x, `${name}${layer}`, width, width));
    nodes.push([`kt${layer}`, 'Transpose', [k], { perm: [0, 2, 1] }]);
    nodes.push([`s${layer}`, 'MatMul', [q, `kt${layer}`]]);
    nodes.push([`p${layer}`, 'Softmax', [`s${layer}`]]);
    nodes.push([`o${layer}`, 'MatMul', [`p${layer}`, v]]);
    nodes.push([`a${layer}`, 'Add', [x, project(`o${layer}`, `out${layer}`, width, width)]]);
    nodes.push([`u${layer}`, 'Relu', [project(`a${layer}`, `up${layer}`, width, 4 * width)]]);
    nodes.push([`x${layer}`, 'Add', [`a${layer}`, project(`u${layer}`, `down${layer}`, 4 * width, width)]]);
    x = `x${layer}`;
  }
  project(x, 'logits', width, 65 * width);
  const inputs: Parameters<typeof buildModel>[0]['inputs'] = { x: [FLOAT, 'batch', 'tokens', width] };
  return { inputs, nodes, weights: stored, dims, outputs: ['logits'] };
}
