// Writes a model with some of its nodes, some changed and some new. Small things are copied; large weights become
// external data that lies in the original bytes (onnx.proto, TensorProto.external_data).
import { isDelicate } from './delicate';
import type { Attribute, Graph, Model, Node, Value, Weight } from './model';
import { orderNodes } from './order';
import { writeValue } from './value';
import { isLarge } from './weight';
import { Message, type Range } from './wire';

/** A graph ready for `InferenceSession.create(bytes, { externalData: external })`. */
export interface RewrittenModel {
  /** The graph, without large weights. */
  readonly bytes: Uint8Array;
  /** Where large weights lie: views of the original, never a copy. Files of a model's own are to be added. */
  readonly external: readonly { readonly path: string; readonly data: Uint8Array }[];
  /** Inputs of the original that are still there, and must be fed. */
  readonly inputs: readonly string[];
  /** New inputs that something asked for needs, by name: all others are left away. */
  readonly madeInputs: ReadonlySet<string>;
  /** Nodes that a GPU computes too roughly or wrongly, by name: to be kept on the CPU (delicate.ts). */
  readonly delicate: readonly string[];
}

/** An input that the original does not have. */
export interface MadeInput {
  readonly name: string;
  readonly type: number;
  readonly dims: readonly (string | number)[];
}

interface Edits {
  /** Tensors to hand out. Whatever leads to none of them is left away. */
  readonly outputs: readonly string[];
  readonly nodes: readonly Node[];
  readonly weights: readonly Weight[];
  readonly inputs: readonly MadeInput[];
  /** Tensors that the original makes under a new name, so that a made node can take the old one. */
  readonly renamed: ReadonlyMap<string, string>;
  /** Inputs of single nodes: by the node's first output, old name to new. */
  readonly redirected: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Tensors whose declared types and shapes hold no more; none if left out. */
  readonly undeclared?: ReadonlySet<string>;
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
    const message = writeNode(bytes, node);
    if (isDelicate(graph, node))
      message.text(3, delicate[delicate.push(`headlight_delicate_${delicate.length}`) - 1]);
    out.message(1, message);
  }
  out.text(2, 'headlight');
  for (const weight of graph.initializers.values()) {
    const name = edits.renamed.get(weight.name) ?? weight.name;
    if (used.has(name)) out.message(5, writeWeight(bytes, { ...weight, name }, path));
  }
  for (const weight of edits.weights)
    if (used.has(weight.name)) out.message(5, writeWeight(bytes, weight, path));
  for (const [name, range] of graph.sparse) if (used.has(name)) out.bytes(15, view(bytes, range));
  const inputs = fedInputs(graph).filter(({ name }) => used.has(name));
  for (const input of inputs) out.bytes(11, view(bytes, input.range));
  // From IR version 4 a weight that is also an input could be overridden, which keeps the runtime from folding it.
  if (model.irVersion < 4)
    for (const input of graph.inputs)
      if (graph.initializers.has(input.name) && used.has(input.name)) out.bytes(11, view(bytes, input.range));
  const madeInputs = edits.inputs.filter(({ name }) => used.has(name));
  for (const { name, type, dims } of madeInputs) out.message(11, writeValue(name, type, dims));
  for (const name of edits.outputs) out.message(12, writeOutput(model, name));
  for (const value of graph.values.values())
    if (made.has(value.name) && !edits.renamed.has(value.name) && !edits.undeclared?.has(value.name))
      out.message(13, new Message().raw(view(bytes, value.range)).text(1, value.name));

  const whole = new Message();
  for (const field of model.rest) whole.raw(view(bytes, field));
  whole.message(7, out);
  return {
    bytes: whole.finish(),
    external: [{ path, data: bytes }],
    inputs: inputs.map(({ name }) => name),
    madeInputs: new Set(madeInputs.map(({ name }) => name)),
    delicate,
  };
}

/** Declared inputs that are not weights; before IR version 4 weights had to be declared as inputs too. */
export function fedInputs({ inputs, initializers, sparse }: Graph): Value[] {
  return inputs.filter(({ name }) => !initializers.has(name) && !sparse.has(name));
}

function view(bytes: Uint8Array, range: Range | Uint8Array): Uint8Array {
  return range instanceof Uint8Array ? range : bytes.subarray(range.from, range.to);
}

/** A name that no file of the model's own has. */
function unusedPath({ externalPaths }: Model): string {
  let path = 'weights';
  while (externalPaths.includes(path)) path += '_';
  return path;
}

/** The nodes that lead to an output, changed where they are to be, in an order in which they can run. */
function liveNodes({ graph }: Model, edits: Edits): Node[] {
  const all = [...graph.nodes.map((node) => changed(node, edits)), ...edits.nodes];
  const makers = new Map<string, Node>();
  for (const node of all) for (const output of node.outputs) makers.set(output, node);
  // What is fed is not computed.
  for (const { name } of edits.inputs) makers.delete(name);
  const live = new Set<Node>();
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

function changed(node: Node, { renamed, redirected }: Edits): Node {
  const names = redirected.get(node.outputs[0]);
  const inputs = names ? node.inputs.map((name) => names.get(name) ?? name) : node.inputs;
  const outputs = node.outputs.map((name) => renamed.get(name) ?? name);
  return { ...node, inputs, outputs };
}

/**
 * Without name (3), doc_string (6) and metadata_props (9): torch leaves a stack trace in every node, most of the file
 * once the weights are out of it.
 */
function writeNode(bytes: Uint8Array, { op, domain, inputs, outputs, attributes }: Node): Message {
  const message = new Message();
  for (const name of inputs) message.text(1, name);
  for (const name of outputs) message.text(2, name);
  message.text(4, op);
  for (const [name, attribute] of attributes) message.message(5, writeAttribute(bytes, name, attribute));
  return domain === '' ? message : message.text(7, domain);
}

/** Field 20 is the kind of value (AttributeProto.AttributeType). */
function writeAttribute(bytes: Uint8Array, name: string, attribute: Attribute): Message {
  // The value of a call may stand in a function under another name.
  if (attribute.range) return new Message().raw(view(bytes, attribute.range)).text(1, name);
  const message = new Message().text(1, name);
  const { number, float, text, numbers, bodies } = attribute;
  if (float !== undefined) return message.float(2, float).number(20, 1);
  if (number !== undefined) return message.number(3, number).number(20, 2);
  if (text !== undefined) return message.text(4, text).number(20, 3);
  if (bodies?.length === 1) return message.message(6, writeBody(bytes, bodies[0])).number(20, 5);
  for (const one of numbers ?? []) message.number(8, one);
  for (const body of bodies ?? []) message.message(11, writeBody(bytes, body));
  return message.number(20, bodies ? 10 : 7);
}

/** A body whose captured names have changed. */
function writeBody(bytes: Uint8Array, graph: Graph): Message {
  const body = new Message();
  for (const node of graph.nodes) body.message(1, writeNode(bytes, node));
  body.text(2, 'body');
  for (const { range } of graph.initializers.values()) body.bytes(5, view(bytes, range));
  for (const range of graph.sparse.values()) body.bytes(15, view(bytes, range));
  for (const { name, range } of graph.inputs)
    body.message(11, new Message().raw(view(bytes, range)).text(1, name));
  for (const { name, range } of graph.outputs)
    body.message(12, new Message().raw(view(bytes, range)).text(1, name));
  return body;
}

/** Of a field that may come once the last one counts, so a name can follow the message that holds another. */
function writeWeight(bytes: Uint8Array, weight: Weight, path: string): Message {
  const { name, range, raw, dims, type } = weight;
  if (range instanceof Uint8Array) {
    const made = new Message();
    for (const dim of dims) made.number(1, dim);
    return made.number(2, type).text(8, name).bytes(9, range);
  }
  if (raw === null || !isLarge(weight)) return new Message().raw(view(bytes, range)).text(8, name);
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
