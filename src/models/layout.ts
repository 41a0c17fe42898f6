/**
 * How a model folder is laid out: which of its files make a model that can be opened, and what goes with each.
 * Pure: paths are relative to the folder, with forward slashes.
 */
import type { Graphs, ModelFile } from '../protocol';

/** One model of a folder: the same weights are often stored several times, in several precisions. */
export interface Variant {
  readonly graphs: Graphs;
  /** Its graphs and the weights beside them. */
  readonly files: readonly ModelFile[];
  readonly bytes: number;
}

/** Files at the top of a folder that say how text becomes tokens and what the model is. */
const parts = [
  'config.json',
  'generation_config.json',
  'preprocessor_config.json',
  'special_tokens_map.json',
  'tokenizer.json',
  'tokenizer_config.json',
];

export const isPart = (path: string): boolean => parts.includes(path);

/** What a model reads with: text, or images. */
export const readers = ['tokenizer.json', 'preprocessor_config.json'] as const;

const has = (files: readonly ModelFile[], wanted: string) => files.some(({ path }) => path === wanted);

/** Whether a model of such files may read images. */
export const readsImages = (files: readonly ModelFile[]): boolean => has(files, readers[1]);

/** Whether it reads nothing else. */
export const readsOnlyImages = (files: readonly ModelFile[]): boolean =>
  readsImages(files) && !has(files, readers[0]);

/** The largest that such a file may be, in bytes: the tokenizer of a large vocabulary has 35 MB, its settings 2 MB. */
export const mostBytes = (part: string): number => (part === 'tokenizer.json' ? 64e6 : 8e6);

export const isGraph = (path: string): boolean => path.toLowerCase().endsWith('.onnx');

export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);

/** All graphs that a variant runs. */
export const graphPaths = (graphs: Graphs): readonly string[] => Object.values(graphs);

/** What Hugging Face's exporter calls the halves of a model. The longest name of those that fit counts. */
const roles = {
  encoder_model: 'encoder',
  decoder_model: 'decoder',
  decoder_model_merged: 'merged',
  decoder_with_past_model: 'with past',
} as const;
type Role = (typeof roles)[keyof typeof roles];

/**
 * The models in a folder, the one in full precision first, then by name. An encoder and a decoder of one precision are
 * one model; a decoder that reads only what an earlier step kept is none.
 */
export function variantsOf(files: readonly ModelFile[]): Variant[] {
  const halves = new Map<string, Partial<Record<Role, string>>>();
  const found: Graphs[] = [];
  for (const { path } of files) {
    if (!isGraph(path)) continue;
    const name = path.slice(folderOf(path).length, -'.onnx'.length);
    const prefix = Object.keys(roles)
      .filter((role) => name === role || name.startsWith(`${role}_`))
      .sort((a, b) => b.length - a.length)[0] as keyof typeof roles | undefined;
    if (!prefix) {
      found.push({ model: path });
      continue;
    }
    const pair = folderOf(path) + name.slice(prefix.length);
    halves.set(pair, { ...halves.get(pair), [roles[prefix]]: path });
  }
  for (const { encoder, decoder: plain, merged } of halves.values()) {
    // The plain decoder asks for no kept keys and values, so it is the simpler one to run once.
    const decoder = plain ?? merged;
    if (encoder && decoder) found.push({ encoder, decoder });
    else if (encoder ?? decoder) found.push({ model: (encoder ?? decoder)! });
  }
  return found.map((graphs) => variantOf(graphs, files)).sort(byName);
}

export function variantOf(graphs: Graphs, files: readonly ModelFile[]): Variant {
  const paths = graphPaths(graphs);
  // model.onnx_data, model.onnx_data_1, model.onnx.data: what exporters call the weights of model.onnx.
  const own = files.filter(({ path }) => paths.some((graph) => path === graph || isDataOf(path, graph)));
  return { graphs, files: own, bytes: own.reduce((sum, { size }) => sum + size, 0) };
}

const isDataOf = (path: string, graph: string): boolean =>
  path.startsWith(graph) && /^[._]data/.test(path.slice(graph.length));

/** Weights of other frameworks, which lie beside a graph and are none of it, and files for people. */
const foreign =
  /^(pytorch_model|tf_model|flax_model|rust_model|training_args|optimizer|scheduler|openvino|coreml)|\.(safetensors|h5|msgpack|ot|pt|pth|gguf|ggml|tflite|xml|json|jsonl|md|txt|py|yaml|yml|png|jpe?g|gif|svg|pdf|model|vocab|merges|log)$|^(\.|README|LICENSE|NOTICE)/i;

/**
 * Files beside a variant's graphs that may be weights under a name of their own ("weights.bin", one file a weight): what
 * belongs to no graph by its name, nor to another framework. Before a graph is read nobody knows.
 */
export function looseWeights(variant: Variant, files: readonly ModelFile[]): readonly ModelFile[] {
  const all = files.filter(({ path }) => isGraph(path));
  const folders = graphPaths(variant.graphs).map(folderOf);
  return files.filter(({ path }) => {
    const name = path.slice(folderOf(path).length);
    if (isGraph(path) || isPart(path) || foreign.test(name) || !folders.includes(folderOf(path)))
      return false;
    return !all.some((graph) => isDataOf(path, graph.path));
  });
}

const byName = (a: Variant, b: Variant): number => {
  const [one, other] = [a, b].map(({ graphs }) => graphPaths(graphs)[0]!.slice(0, -'.onnx'.length));
  return one! < other! ? -1 : 1;
};

/** A variant's own name: "fp16" of onnx/model_fp16.onnx; empty for what exporters write without being asked. */
export function variantName(graphs: Graphs): string {
  const path = graphPaths(graphs)[0]!;
  const name = path.slice(folderOf(path).length, -'.onnx'.length);
  return name.replace(/^((encoder|decoder)_)?model(_merged)?(_|$)/, '');
}
