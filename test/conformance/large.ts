// A model of the size of GPT-2, with weights that only look random: what reading and rewriting costs beside what
// onnxruntime takes to make a session of it. Each measurement is a process of its own: `large make FILE WIDTH` (GPT-2's
// is 768), then `large plain|rewritten FILE`.
import { readFileSync, writeFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web/wasm';
import { findMasks, planModel, readModel, rewrite } from '../../webview/onnx';
import { buildModel, FLOAT, type NodeLine, weights } from './graph';

const [, , task, file, width] = process.argv;
const layers = 12;
ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

if (task === 'make') writeFileSync(file, makeModel(layers, Number(width)));
else process.stdout.write(JSON.stringify(await measure(task === 'rewritten')));

/** Attention sites found; milliseconds; and the most memory that the process had, in megabytes. */
async function measure(rewritten: boolean) {
  const bytes = new Uint8Array(readFileSync(file));
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
  const session = await ort.InferenceSession.create(graph.bytes, { externalData: [...graph.external] });
  const made = performance.now();
  await session.release();
  return {
    sites,
    rewriting: read - started,
    session: made - read,
    peak: process.resourceUsage().maxRSS / 1024,
  };
}

/** Layers of one head and a feed-forward half each, and an output head as large as GPT-2's. */
function makeModel(layers: number, width: number): Uint8Array {
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
  return buildModel({
    inputs: { x: [FLOAT, 'batch', 'tokens', width] },
    nodes,
    weights: stored,
    dims,
    outputs: ['logits'],
  });
}
