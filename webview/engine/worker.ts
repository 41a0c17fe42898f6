/**
 * The worker: onnxruntime-web and the tokenizer behind the Engine interface. Bundled three times, with the three
 * builds of onnxruntime-web behind one name (esbuild.mjs).
 */
import * as ort from 'onnxruntime-web/wasm';
import { measureHeads } from '../core/measures';
import { readModel } from '../onnx/index';
import { EngineError } from './engine';
import type { Engine } from './engine';
import { KeptRuns } from './kept';
import { openModel } from './model';
import type { OpenModel } from './model';
import { Moved, serve } from './rpc';
import type { Port, Served } from './rpc';

/** Given, and not opened yet. */
let graph: Uint8Array<ArrayBuffer> | null = null;
let model: OpenModel | null = null;
const kept = new KeptRuns();

function opened(): OpenModel {
  if (!model) throw new EngineError('No model is open.');
  return model;
}

const engine: Served<Engine> = {
  async start(wasm) {
    ort.env.wasm.wasmBinary = wasm;
    // Threads need shared memory, which a page has only when it is isolated from other origins.
    ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency || 1) : 1;
    ort.env.logLevel = 'error';
  },

  async graph(bytes) {
    graph = bytes;
    return readModel(bytes).externalPaths;
  },

  async open(files) {
    if (!graph) throw new EngineError('No graph was given to open.');
    kept.clear();
    await model?.release();
    model = null;
    model = await openModel({ ...files, graph });
    graph = null;
    return model.info;
  },

  async read(text) {
    return opened().read(text);
  },

  async run(text, key, ids, mask, experiment) {
    const { weights, overview, ms } = await opened().run(ids, mask, experiment);
    kept.keep(text, key, overview, weights);
    const measures = weights.flatMap((layer, i) => measureHeads(layer, i, overview));
    return new Moved({ overview, measures, ms }, [overview.bytes.buffer as ArrayBuffer]);
  },

  async matrix(key, of) {
    const matrix = kept.matrix(key, of);
    return matrix && new Moved(matrix, [matrix.weights.buffer as ArrayBuffer]);
  },

  async redrawn(key, redraw) {
    const overview = kept.redrawn(key, redraw);
    return overview && new Moved(overview, [overview.bytes.buffer as ArrayBuffer]);
  },

  async layer(ids, mask, layer, token) {
    return (await opened().study()).layer(ids, mask, layer, token);
  },

  async word(ids, mask, token) {
    return (await opened().study()).word(ids, mask, token);
  },

  async valueLengths(ids, mask, experiment) {
    return (await opened().study()).valueLengths(ids, mask, experiment);
  },
};

// Where threads are in use, onnxruntime starts its own from this same file, under this name, and they serve nobody.
if (!self.name.startsWith('em-pthread')) serve(engine, self as unknown as Port);
