// What the ordering of thumbnails saves (expose.ts): the most memory of a run that hands out thumbnails of all layers.
// `pooled plain|ordered|appended`, a process each: logits alone; thumbnails as the product asks for them; and the same
// graph with nothing waiting for its thumbnails, as a reduction behind each map is mostly written.
import * as ort from 'onnxruntime-web/wasm';
import { findMasks, planModel, readModel, rewrite } from '../../webview/onnx';
import { INT64 } from '../../webview/onnx/element';
import { emitModel } from '../../webview/onnx/emit';
import { attention, buildModel, FLOAT, type NodeLine, weights } from './graph';

const LAYERS = 48;
const HEADS = 4;
const TOKENS = 768;
const CELL = 16;

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

const how = process.argv[2];
const model = readModel(layered());
const plan = planModel(model);
const tensors = how === 'plain' ? [] : [{ what: 'thumbnails' as const }];
const rewritten = rewrite(model, plan, findMasks(model, plan, {}), { tensors, logits: true, masks: false });
const { bytes, external } = how === 'appended' ? unordered() : rewritten;
const session = await ort.InferenceSession.create(bytes, { externalData: [...external] });
const before = process.resourceUsage().maxRSS;
const out = await session.run({
  x: new ort.Tensor('float32', weights(HEADS * TOKENS * 4, 7), [HEADS, TOKENS, 4]),
  ...(rewritten.cellInput && {
    [rewritten.cellInput]: new ort.Tensor('int64', BigInt64Array.of(BigInt(CELL)), [1]),
  }),
});
process.stdout.write(
  JSON.stringify({
    layers: rewritten.outputs.length,
    /** Megabytes that the run took beyond those of the session, and those of all maps at once. */
    run: (process.resourceUsage().maxRSS - before) / 1024,
    maps: (LAYERS * HEADS * TOKENS ** 2 * 4) / 2 ** 20,
    /** The same, whatever the order. */
    sum: rewritten.outputs.reduce((sum, { name }) => sum + bytesIn(out[name].data as Uint8Array), 0),
  }),
);

/** One layer after the other; the heads are the batch. */
function layered(): Uint8Array {
  const one = attention([['masked', 'Identity', ['scores']]]);
  const nodes = Array.from({ length: LAYERS }, (_, layer) =>
    one.nodes.map(([output, op, inputs, attributes]): NodeLine => {
      const named = inputs.map((input) => {
        if (input.startsWith('w')) return input;
        return input === 'x' ? (layer === 0 ? 'x' : `y${layer - 1}`) : `${input}${layer}`;
      });
      return [`${output}${layer}`, op, named, attributes ?? {}];
    }),
  ).flat();
  return buildModel({
    ...one,
    inputs: { x: [FLOAT, 'batch', 'tokens', 4] },
    nodes,
    outputs: [`y${LAYERS - 1}`],
  });
}

/** The values of each layer are expanded to a shape of 1 that is stored, not made of the layer's thumbnail. */
function unordered() {
  const graph = readModel(rewritten.bytes);
  const one = 'one';
  const redirected = graph.graph.nodes
    .filter(({ op }) => op === 'Expand')
    .map(({ outputs, inputs }): [string, Map<string, string>] => [outputs[0], new Map([[inputs[1], one]])]);
  if (redirected.length !== LAYERS) throw new Error(`${redirected.length} layers wait for their thumbnails`);
  const range = new Uint8Array(BigInt64Array.of(1n).buffer);
  return emitModel(graph, {
    outputs: [...rewritten.outputs.map(({ name }) => name), rewritten.logits!],
    nodes: [],
    weights: [{ name: one, type: INT64, dims: [1], range, raw: null, external: false }],
    inputs: [],
    renamed: new Map(),
    redirected: new Map(redirected),
  });
}

function bytesIn(data: Uint8Array): number {
  return data.reduce((sum, byte) => sum + byte, 0);
}
