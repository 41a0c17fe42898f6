// From the bytes of an ONNX file to its heads: names, types, byte ranges.
import { OnnxError, quoted } from './error';
import { isAttentive } from './fused';
import type { Model, Node, Value, Weight } from './model';
import { type Found, readNode } from './node';
import { orderNodes } from './order';
import { readValue } from './value';
import { isLarge, readSparseName, readWeight } from './weight';
import { Fields, type Range } from './wire';

/**
 * Reads the heads of an ONNX model. Keeps `bytes`, and copies nothing out of them.
 * Throws an OnnxError on anything that is not a whole, acyclic model.
 */
export function readModel(bytes: Uint8Array): Model {
  if (bytes.length === 0) throw new OnnxError('The model file is empty.');
  const graph = new GraphReader(bytes);
  const opsets = new Map<string, number>();
  const rest: Range[] = [];
  const attentiveFunctions: string[] = [];
  let irVersion = 0;
  let hasGraph = false;
  const fields = new Fields(bytes, { from: 0, to: bytes.length }, 'the model');
  while (fields.next()) {
    if (fields.field === 7) {
      // Protobuf merges a message that comes twice, and appending a second graph is a known way to add outputs.
      graph.read(fields.range());
      hasGraph = true;
      continue;
    }
    if (fields.field === 1) irVersion = fields.number();
    else if (fields.field === 8) readOpset(bytes, fields.range(), opsets);
    else if (fields.field === 25) readFunction(bytes, fields.range(), attentiveFunctions);
    // Training information (20) may hold graphs as large as the model, and nothing here runs them.
    if (fields.field !== 20) rest.push({ from: fields.start, to: fields.to });
  }
  if (!hasGraph || irVersion < 1) throw new OnnxError('This is not an ONNX model: it holds no graph.');
  if (opsets.size === 0) throw new OnnxError('The file is damaged: it does not say which operators it uses.');
  return { bytes, irVersion, opsets, rest, attentiveFunctions, ...graph.finish() };
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

/** FunctionProto; only whether it holds attention matters. */
function readFunction(bytes: Uint8Array, range: Range, attentive: string[]): void {
  let name = '';
  let domain = '';
  let found = false;
  const fields = new Fields(bytes, range, 'a local function');
  while (fields.next()) {
    if (fields.field === 1) name = fields.text();
    else if (fields.field === 10) domain = fields.text();
    else if (fields.field === 7) {
      const node = readNode(bytes, fields.range(), { names: new Set(), paths: new Set() });
      found ||= [node, ...node.inner].some(({ domain, op }) => isAttentive(domain, op));
    }
  }
  if (found) attentive.push(domain ? `${domain}.${name}` : name);
}

/** Gathers the fields of one GraphProto, or of several that are to be merged. */
class GraphReader {
  private readonly nodes: Node[] = [];
  private readonly initializers = new Map<string, Weight>();
  private readonly sparse = new Map<string, Range>();
  private readonly inputs: Value[] = [];
  private readonly outputs: Value[] = [];
  private readonly values = new Map<string, Value>();
  private readonly found: Found = { names: new Set(), paths: new Set() };

  constructor(private readonly bytes: Uint8Array) {}

  read(range: Range): void {
    const fields = new Fields(this.bytes, range, 'the graph');
    while (fields.next()) {
      if (fields.field === 1) this.nodes.push(readNode(this.bytes, fields.range(), this.found));
      else if (fields.field === 5) this.initializer(fields.range());
      else if (fields.field === 11) this.inputs.push(readValue(this.bytes, fields.range()));
      else if (fields.field === 12) this.outputs.push(readValue(this.bytes, fields.range()));
      else if (fields.field === 13) {
        const value = readValue(this.bytes, fields.range());
        this.values.set(value.name, value);
      } else if (fields.field === 15) {
        this.sparse.set(readSparseName(this.bytes, fields.range()), fields.range());
      }
    }
  }

  private initializer(range: Range): void {
    const weight = readWeight(this.bytes, range, this.found.paths);
    if (this.initializers.has(weight.name))
      throw new OnnxError(`The file is damaged: the weight ${quoted(weight.name)} occurs twice.`);
    this.initializers.set(weight.name, weight);
  }

  /** A large Constant becomes a weight, as onnxruntime makes it one too: weights can be left where they are. */
  private becomesWeight({ op, domain, outputs, attributes }: Node, given: Set<string>): boolean {
    const weight = op === 'Constant' && domain === '' ? attributes.get('value')?.tensor : undefined;
    const name = outputs[0];
    if (!weight || !name || outputs.length > 1 || !isLarge(weight) || given.has(name)) return false;
    this.initializers.set(name, { ...weight, name });
    given.add(name);
    return true;
  }

  finish(): Pick<Model, 'graph' | 'names' | 'externalPaths'> {
    const { initializers, sparse, inputs, outputs, values } = this;
    const { names, paths } = this.found;
    const given = new Set([...initializers.keys(), ...sparse.keys(), ...inputs.map(({ name }) => name)]);
    const nodes = orderNodes(
      this.nodes.filter((node) => !this.becomesWeight(node, given)),
      given,
    );
    const made = new Set(nodes.flatMap((node) => node.outputs));
    for (const { name } of outputs)
      if (!made.has(name) && !given.has(name))
        throw new OnnxError(`The file is damaged: nothing in it makes its output ${quoted(name)}.`);
    for (const name of [...given, ...values.keys()]) names.add(name);
    return {
      graph: { nodes, initializers, sparse, inputs, outputs, values },
      names,
      externalPaths: [...paths],
    };
  }
}
