// Writes a model with some of its nodes, some changed and some new. Small things are copied; large weights become
// external data that lies in the original bytes (onnx.proto, TensorProto.external_data).
import { BOOL } from './element';
import type { Model, Node, Weight } from './model';
import { type Ordered, orderNodes } from './order';
import { fedInputs } from './plan';
import { writeValue } from './value';
import { isLarge } from './weight';
import { Fields, Message, type Range } from './wire';

/** A graph ready for `InferenceSession.create(bytes, { externalData: external })`. */
export interface RewrittenModel {
  /** The graph, without large weights. */
  readonly bytes: Uint8Array;
  /** Where large weights lie: views of the original, never a copy. Files of a model's own are to be added. */
  readonly external: readonly { readonly path: string; readonly data: Uint8Array }[];
  /** Inputs of the original that are still there, and must be fed. */
  readonly inputs: readonly string[];
  /** Nodes that a GPU computes too roughly, by name: to be kept on the CPU. */
  readonly delicate: readonly string[];
}

/**
 * WGSL promises sine and cosine to 2^-11 only (W3C, WGSL, 15.7.4 "Floating Point Accuracy"). In rotary positions that
 * moved attention weights by 4e-4; on the CPU these few numbers cost nothing.
 */
const DELICATE = ['Sin', 'Cos'];

/** A node or weight that the original does not have. */
export interface MadeNode extends Ordered {
  readonly op: string;
}

export interface MadeWeight {
  readonly name: string;
  readonly type: number;
  /** One element; a scalar. */
  readonly bytes: Uint8Array;
}

export interface Edits {
  /** Tensors to hand out. Whatever leads to none of them is left away. */
  readonly outputs: readonly string[];
  readonly nodes: readonly MadeNode[];
  readonly weights: readonly MadeWeight[];
  /** New inputs: bool [query, key]. */
  readonly masks: readonly string[];
  /** Tensors that the original makes under a new name, so that a made node can take the old one. */
  readonly renamed: ReadonlyMap<string, string>;
  /** Inputs of single nodes: by the node's first output, old name to new. */
  readonly redirected: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

export function emitModel(model: Model, edits: Edits): RewrittenModel {
  const { bytes, graph } = model;
  const path = unusedPath(model);
  const nodes = liveNodes(model, edits);
  const used = new Set([...nodes.flatMap((node) => [...node.inputs, ...node.captures]), ...edits.outputs]);
  const made = new Set(nodes.flatMap((node) => node.outputs));

  const out = new Message();
  const delicate: string[] = [];
  for (const node of nodes) {
    const message = node.write();
    // Not every exporter names its nodes; of a field that may come once the last one counts.
    if (DELICATE.includes(node.op))
      message.text(3, delicate[delicate.push(`headlight_delicate_${delicate.length}`) - 1]);
    out.message(1, message);
  }
  out.text(2, 'headlight');
  for (const weight of graph.initializers.values()) {
    const name = edits.renamed.get(weight.name) ?? weight.name;
    if (used.has(name)) out.message(5, writeWeight(bytes, weight, name, path));
  }
  for (const weight of edits.weights) if (used.has(weight.name)) out.message(5, writeScalar(weight));
  for (const [name, range] of graph.sparse) if (used.has(name)) out.bytes(15, view(bytes, range));
  const inputs = fedInputs(model).filter(({ name }) => used.has(name));
  for (const input of inputs) out.bytes(11, view(bytes, input.range));
  // From IR version 4 a weight that is also an input could be overridden, which keeps the runtime from folding it.
  if (model.irVersion < 4)
    for (const input of graph.inputs)
      if (graph.initializers.has(input.name) && used.has(input.name)) out.bytes(11, view(bytes, input.range));
  for (const name of edits.masks)
    if (used.has(name)) out.message(11, writeValue(name, BOOL, [`${name}_q`, `${name}_k`]));
  for (const name of edits.outputs) out.message(12, writeOutput(model, name));
  for (const value of graph.values.values())
    if (made.has(value.name) && !edits.renamed.has(value.name)) out.bytes(13, view(bytes, value.range));

  const whole = new Message();
  for (const field of model.rest) whole.raw(view(bytes, field));
  whole.message(7, out);
  return {
    bytes: whole.finish(),
    external: [{ path, data: bytes }],
    inputs: inputs.map(({ name }) => name),
    delicate,
  };
}

function view(bytes: Uint8Array, { from, to }: Range): Uint8Array {
  return bytes.subarray(from, to);
}

/** A name that no file of the model's own has. */
function unusedPath({ externalPaths }: Model): string {
  let path = 'weights';
  while (externalPaths.includes(path)) path += '_';
  return path;
}

interface LiveNode extends Ordered {
  readonly op: string;
  write(): Message;
}

/** The nodes that lead to an output, changed where they are to be, in an order in which they can run. */
function liveNodes(model: Model, edits: Edits): LiveNode[] {
  const all: LiveNode[] = model.graph.nodes.map((node) => changedNode(model.bytes, node, edits));
  for (const node of edits.nodes) all.push({ ...node, write: () => writeNode(node) });
  const makers = new Map<string, LiveNode>();
  for (const node of all) for (const output of node.outputs) makers.set(output, node);
  const live = new Set<LiveNode>();
  const open = [...edits.outputs];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const node = makers.get(name);
    if (!node || live.has(node)) continue;
    live.add(node);
    for (const input of [...node.inputs, ...node.captures]) open.push(input);
  }
  const kept = all.filter((node) => live.has(node));
  const made = new Set(kept.flatMap((node) => node.outputs));
  const given = new Set(
    kept.flatMap((node) => [...node.inputs, ...node.captures]).filter((name) => !made.has(name)),
  );
  return orderNodes(kept, given);
}

function changedNode(bytes: Uint8Array, node: Node, { renamed, redirected }: Edits): LiveNode {
  const names = redirected.get(node.outputs[0]);
  const inputs = names ? node.inputs.map((name) => names.get(name) ?? name) : node.inputs;
  const outputs = node.outputs.map((name) => renamed.get(name) ?? name);
  return {
    op: node.op,
    inputs,
    outputs,
    captures: node.captures,
    write: () => copyNode(bytes, node, inputs, outputs),
  };
}

/**
 * The node with these inputs (1) and outputs (2), and without its doc_string (6) and metadata_props (9): torch leaves
 * a stack trace in every node, most of the file once the weights are out of it.
 */
function copyNode(
  bytes: Uint8Array,
  node: Node,
  inputs: readonly string[],
  outputs: readonly string[],
): Message {
  const message = new Message();
  for (const name of inputs) message.text(1, name);
  for (const name of outputs) message.text(2, name);
  const fields = new Fields(bytes, node.range, 'a node');
  while (fields.next())
    if (fields.field > 2 && fields.field !== 6 && fields.field !== 9)
      message.raw(view(bytes, { from: fields.start, to: fields.to }));
  return message;
}

function writeNode({ op, inputs, outputs }: MadeNode): Message {
  const message = new Message();
  for (const name of inputs) message.text(1, name);
  for (const name of outputs) message.text(2, name);
  return message.text(4, op);
}

function writeScalar({ name, type, bytes }: MadeWeight): Message {
  return new Message().number(2, type).text(8, name).bytes(9, bytes);
}

function writeWeight(bytes: Uint8Array, weight: Weight, name: string, path: string): Message {
  const { raw, dims, type } = weight;
  if (raw === null || !isLarge(weight)) {
    // Of a field that may come once the last one counts, so a new name can simply follow.
    const same = new Message().raw(view(bytes, weight.range));
    return name === weight.name ? same : same.text(8, name);
  }
  const message = new Message();
  for (const dim of dims) message.number(1, dim);
  message.number(2, type).text(8, name);
  for (const [key, value] of [
    ['location', path],
    ['offset', String(raw.from)],
    ['length', String(raw.to - raw.from)],
  ])
    message.message(13, new Message().text(1, key).text(2, value));
  return message.number(14, 1);
}

/** Outputs of the original keep their declaration; the type of others is left to the runtime to infer. */
function writeOutput({ bytes, graph }: Model, name: string): Message {
  const declared = graph.outputs.find((output) => output.name === name);
  return declared ? new Message().raw(view(bytes, declared.range)) : writeValue(name);
}
