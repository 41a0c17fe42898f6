/**
 * The worker: onnxruntime-web and the tokenizer behind the Engine interface. Bundled three times, with the three
 * builds of onnxruntime-web behind one name (esbuild.mjs).
 */
import * as ort from 'onnxruntime-web/wasm';
import { readModel } from '../onnx/index';
import type { SiteKind } from '../onnx/index';
import { ASIDE, EngineError } from './engine';
import type { Engine, GraphPart } from './engine';
import { heap, watchHeap } from './heap';
import { KeptRuns } from './kept';
import { openModel } from './model';
import type { OpenModel, Writer } from './model';
import { rehearse } from './rehearse';
import { Moved, serve } from './rpc';
import type { Port, Served } from './rpc';
import type { Study } from './study';

/** Given, and not opened yet. */
const graphs: Partial<Record<GraphPart, Uint8Array<ArrayBuffer>>> = {};
let model: OpenModel | null = null;
const kept = new KeptRuns();

function opened(): OpenModel {
  if (!model) throw new EngineError('No model is open.');
  return model;
}

function writer(): Writer {
  const { writer } = opened();
  if (!writer) throw new EngineError('This model reads one text and writes none.');
  return writer;
}

/** The study of the graph that an attention is in. */
const studyOf = (kind: SiteKind): Promise<Study> =>
  opened().study(kind === 'decoder' || kind === 'cross' ? 'decoder' : 'model');

/** @throws EngineError for what is no gzip, cut short, or damaged: its checksum tells */
async function unpacked(gzip: ArrayBuffer): Promise<ArrayBuffer> {
  const stream = new Blob([gzip]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).arrayBuffer().catch((error: Error) => {
    throw new EngineError(`it cannot be unpacked (${error.message})`);
  });
}

const engine: Served<Engine> = {
  async start(packed) {
    watchHeap();
    const binary = await unpacked(packed);
    ort.env.wasm.wasmBinary = binary;
    // Threads need shared memory, which a page has only when it is isolated from other origins.
    ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency || 1) : 1;
    ort.env.logLevel = 'error';
    await rehearse();
    // Compiled, it is read no more, but onnxruntime keeps it: 14 MB, given back as what is moved away is.
    structuredClone(binary, { transfer: [binary] });
  },

  async graph(part, bytes) {
    graphs[part] = bytes;
    return readModel(bytes).externalPaths;
  },

  async open(files, reads) {
    const { model: graph, decoder } = graphs;
    if (!graph) throw new EngineError('No graph was given to open.');
    kept.clear();
    await model?.release();
    model = null;
    delete graphs.model;
    delete graphs.decoder;
    const half = decoder ? { graph: decoder, weights: files.decoderWeights } : null;
    model = await openModel({ ...files, graph, decoder: half }, reads, files.room);
    return model.info;
  },

  async read(text, second) {
    return opened().read(text, second);
  },

  async see(bytes) {
    return opened().see(bytes);
  },

  async readTarget(text) {
    return writer().read(text);
  },

  async next(fed, written) {
    return writer().next(fed, written);
  },

  async written(ids) {
    return writer().told(ids);
  },

  async run(text, key, fed, mask, experiment, target) {
    const pass = await opened().run(fed, mask, experiment, target, key === ASIDE);
    kept.keep(text, key, pass.attentions);
    const attentions = pass.attentions.map(({ kind, overview, measures }) => ({ kind, overview, measures }));
    const buffers = attentions.map(({ overview }) => overview.bytes.buffer as ArrayBuffer);
    return new Moved({ attentions, ms: pass.ms, known: pass.known }, buffers);
  },

  async matrix(key, kind, of, layer = 0, before = null) {
    const matrix = await kept.matrix(key, kind, of, layer, before);
    return matrix && new Moved(matrix, [matrix.weights.buffer as ArrayBuffer]);
  },

  async redrawn(key, kind, redraw, layer, before, part) {
    const overview = await kept.redrawn(key, kind, redraw, layer, before, part);
    return overview && new Moved(overview, [overview.bytes.buffer as ArrayBuffer]);
  },

  async layer(fed, mask, layer, token, kind = 'self', target = null) {
    return (await studyOf(kind)).layer(fed, mask, layer, token, kind, target);
  },

  async word(fed, mask, token) {
    return (await opened().study()).word(fed, mask, token);
  },

  async valueLengths(fed, mask, experiment, kind = 'self', target = null) {
    return (await studyOf(kind)).valueLengths(fed, mask, experiment, kind, target);
  },

  async heap() {
    return heap();
  },
};

// Where threads are in use, onnxruntime starts its own from this same file, under this name, and they serve nobody.
if (!self.name.startsWith('em-pthread')) serve(engine, self as unknown as Port);
