// Builds small ONNX files by hand, for graphs that no exporter would write.
import { writeValue } from '../../webview/onnx/value';
import { Message } from '../../webview/onnx/wire';

export const FLOAT = 1;
export const INT64 = 7;
export const BOOL = 9;

interface Described {
  inputs: Record<string, [type: number, ...dims: (string | number)[]]>;
  outputs: string[];
  /** `out = op(in, in)` by its output (several: 'a, b'); a domain goes before the operator: 'com.microsoft.Attention'. */
  nodes: NodeLine[];
  weights?: Record<string, Float32Array | BigInt64Array | Uint8Array>;
  dims?: Record<string, number[]>;
  opset?: number;
  irVersion?: number;
  /** Model-local ones, by `buildFunction`. */
  functions?: Message[];
}

export type NodeLine = [
  output: string,
  op: string,
  inputs: string[],
  /** `from`: in a function, the attribute of the call that gives the value. */
  attributes?: Record<string, number | number[] | string | { float: number } | { from: string } | Message>,
];

export function buildModel(described: Described): Uint8Array {
  const { irVersion = 9, opset = 18, functions = [] } = described;
  const model = new Message()
    .number(1, irVersion)
    .message(7, buildGraph(described))
    .message(8, new Message().text(1, '').number(2, opset))
    .message(8, new Message().text(1, 'com.microsoft').number(2, 1))
    .message(8, new Message().text(1, 'local').number(2, 1));
  for (const one of functions) model.message(25, one);
  return model.finish();
}

/** A FunctionProto. */
export function buildFunction(
  domain: string,
  name: string,
  inputs: string[],
  outputs: string[],
  nodes: NodeLine[],
): Message {
  const made = new Message().text(1, name).text(10, domain);
  for (const input of inputs) made.text(4, input);
  for (const output of outputs) made.text(5, output);
  for (const node of nodes) made.message(7, buildNode(node));
  return made.message(9, new Message().text(1, '').number(2, 18));
}

/** A GraphProto: of a model, or of the body of an If as an attribute. */
export function buildGraph({ inputs, outputs, nodes, weights = {}, dims = {} }: Described): Message {
  const graph = new Message();
  for (const node of nodes) graph.message(1, buildNode(node));
  graph.text(2, 'by hand');
  for (const [name, data] of Object.entries(weights)) graph.message(5, buildWeight(name, data, dims[name]));
  for (const [name, [type, ...axes]] of Object.entries(inputs))
    graph.message(11, writeValue(name, type, axes));
  for (const name of outputs) graph.message(12, writeValue(name));
  return graph;
}

function buildNode([output, operator, inputs, attributes = {}]: NodeLine): Message {
  const dot = operator.lastIndexOf('.');
  const node = new Message();
  for (const input of inputs) node.text(1, input);
  for (const name of output.split(', ')) node.text(2, name);
  node.text(4, operator.slice(dot + 1));
  for (const [name, value] of Object.entries(attributes)) {
    const attribute = new Message().text(1, name);
    if (typeof value === 'number') attribute.number(3, value).number(20, 2);
    else if (typeof value === 'string') attribute.text(4, value).number(20, 3);
    else if (Array.isArray(value)) for (const one of value) attribute.number(8, one);
    else if (!(value instanceof Message) && 'from' in value) attribute.text(21, value.from).number(20, 2);
    else if (!(value instanceof Message)) attribute.float(2, value.float).number(20, 1);
    else if (name === 'value') attribute.message(5, value).number(20, 4);
    else attribute.message(6, value).number(20, 5);
    node.message(5, Array.isArray(value) ? attribute.number(20, 7) : attribute);
  }
  return dot < 0 ? node : node.text(7, operator.slice(0, dot));
}

export function buildWeight(
  name: string,
  data: Float32Array | BigInt64Array | Uint8Array,
  dims: number[] = data.length === 1 ? [] : [data.length],
): Message {
  const type = data instanceof Float32Array ? FLOAT : data instanceof BigInt64Array ? INT64 : BOOL;
  const weight = new Message();
  for (const dim of dims) weight.number(1, dim);
  return weight
    .number(2, type)
    .text(8, name)
    .bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

/** Weights that look random and never change. */
export function weights(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(seed + i * 12.9898) * 1.5);
}

/**
 * One layer of attention of width 4 over an input `x` [batch, tokens, 4], as nodes and weights. `mask` says what
 * becomes of the scores `scores` on their way to `masked`.
 */
export function attention(mask: NodeLine[]): Pick<Described, 'nodes' | 'weights' | 'dims' | 'inputs'> {
  return {
    inputs: { x: [FLOAT, 'batch', 'tokens', 4] },
    nodes: [
      ['q', 'MatMul', ['x', 'wq']],
      ['k', 'MatMul', ['x', 'wk']],
      ['v', 'MatMul', ['x', 'wv']],
      ['kt', 'Transpose', ['k'], { perm: [0, 2, 1] }],
      ['scores', 'MatMul', ['q', 'kt']],
      ...mask,
      ['p', 'Softmax', ['masked']],
      ['y', 'MatMul', ['p', 'v']],
    ],
    weights: { wq: weights(16, 1), wk: weights(16, 2), wv: weights(16, 3) },
    dims: { wq: [4, 4], wk: [4, 4], wv: [4, 4] },
  };
}
