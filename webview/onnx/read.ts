// From the bytes of an ONNX file to one flat graph: names, types, byte ranges.
import { decompose } from './decompose';
import { OnnxError, quoted } from './error';
import { flatten } from './flatten';
import { functionKey, type LocalFunction, readFunction } from './function';
import { Maker } from './make';
import { bodiesOf, type Graph, type Model, type Node } from './model';
import { type Found, GraphReader } from './node';
import { orderNodes } from './order';
import { unflatten } from './unflatten';
import { isLarge } from './weight';
import { Fields, type Range } from './wire';

export interface ReadOptions {
  /**
   * Which branch of a merged decoder to read: false for a text from its start, true for what goes on from a cache.
   * Without an If on an input there is no difference.
   */
  readonly cached?: boolean;
}

/**
 * Reads the heads of an ONNX model. Keeps `bytes`, and copies nothing out of them.
 * Throws an OnnxError on anything that is not a whole, acyclic model.
 */
export function readModel(bytes: Uint8Array, { cached = false }: ReadOptions = {}): Model {
  if (bytes.length === 0) throw new OnnxError('The model file is empty.');
  const found: Found = { names: new Set(), paths: new Set() };
  const reader = new GraphReader(bytes, found);
  const opsets = new Map<string, number>();
  const rest: Range[] = [];
  const functions = new Map<string, LocalFunction>();
  const functionFields: Range[] = [];
  let irVersion = 0;
  let hasGraph = false;
  const fields = new Fields(bytes, { from: 0, to: bytes.length }, 'the model');
  while (fields.next()) {
    if (fields.field === 7) {
      // Protobuf merges a message that comes twice, and appending a second graph is a known way to add outputs.
      reader.read(fields.range());
      hasGraph = true;
    } else if (fields.field === 25) {
      functions.set(...readFunction(bytes, fields.range(), found));
      functionFields.push({ from: fields.start, to: fields.to });
    } else if (fields.field !== 20) {
      // Training information (20) may hold graphs as large as the model, and nothing here runs them.
      if (fields.field === 1) irVersion = fields.number();
      else if (fields.field === 8) readOpset(bytes, fields.range(), opsets);
      rest.push({ from: fields.start, to: fields.to });
    }
  }
  if (!hasGraph || irVersion < 1) throw new OnnxError('This is not an ONNX model: it holds no graph.');
  if (opsets.size === 0) throw new OnnxError('The file is damaged: it does not say which operators it uses.');

  const make = new Maker(found.names, opsets.get('') ?? 0);
  const flat = flatten(bytes, reader.finish(), functions, make, cached);
  // What stays inside a body may still call a function.
  if (flat.graph.nodes.some((node) => callsInside(node, functions))) rest.push(...functionFields);
  const whole = decompose(bytes, unflatten(order(flat.graph, make)), make);
  return {
    bytes,
    irVersion,
    opsets,
    graph: order(whole.graph, make),
    closed: [...flat.closed, ...whole.closed],
    rest,
    externalPaths: [...found.paths],
    names: make.names,
  };
}

/** OperatorSetIdProto */
function readOpset(bytes: Uint8Array, range: Range, opsets: Map<string, number>): void {
  let domain = '';
  let version = 0;
  const fields = new Fields(bytes, range, 'an operator set');
  while (fields.next()) {
    if (fields.field === 1) domain = fields.text();
    else if (fields.field === 2) version = fields.number();
  }
  opsets.set(domain === 'ai.onnx' ? '' : domain, version);
}

function callsInside(node: Node, functions: ReadonlyMap<string, LocalFunction>): boolean {
  return bodiesOf(node).some(({ nodes }) =>
    nodes.some((one) => functions.has(functionKey(one)) || callsInside(one, functions)),
  );
}

/** The graph with new weights, its nodes in an order in which they can run, and its large Constants as weights. */
function order(graph: Graph, make: Maker): Graph {
  const initializers = new Map(graph.initializers);
  for (const weight of make.weights) initializers.set(weight.name, weight);
  const given = new Set([...initializers.keys(), ...graph.sparse.keys()]);
  for (const { name } of graph.inputs) given.add(name);
  // onnxruntime makes a weight of a Constant too, and a weight can be left where it is.
  const isWeight = ({ op, domain, outputs, attributes }: Node): boolean => {
    const weight = op === 'Constant' && domain === '' ? attributes.get('value')?.tensor : undefined;
    const name = outputs[0];
    if (!weight || !name || outputs.length > 1 || !isLarge(weight) || given.has(name)) return false;
    initializers.set(name, { ...weight, name });
    given.add(name);
    return true;
  };
  const nodes = orderNodes(
    graph.nodes.filter((node) => !isWeight(node)),
    given,
  );
  const made = new Set(nodes.flatMap((node) => node.outputs));
  for (const { name } of graph.outputs)
    if (!made.has(name) && !given.has(name))
      throw new OnnxError(`The file is damaged: nothing in it makes its output ${quoted(name)}.`);
  return { ...graph, nodes, initializers };
}
