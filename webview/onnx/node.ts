// Nodes and the graphs inside them: operators, names and the attributes that anything here looks at.
import { OnnxError, quoted } from './error';
import type { Attribute, Graph, Node, Value, Weight } from './model';
import { decodeText } from './text';
import { readValue } from './value';
import { readSparseName, readWeight } from './weight';
import { Fields, type Range } from './wire';

/** Bodies of control flow nest; deeper than this is a file made to exhaust the stack. */
const DEEPEST = 32;

/** What is gathered from everywhere in a file. */
export interface Found {
  /** Names of tensors. */
  readonly names: Set<string>;
  /** Other files that hold weights. */
  readonly paths: Set<string>;
}

/** NodeProto, with the bodies in it. */
export function readNode(bytes: Uint8Array, range: Range, found: Found, depth = 0): Node {
  let op = '';
  let domain = '';
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, Attribute>();
  const fields = new Fields(bytes, range, 'a node');
  while (fields.next()) {
    if (fields.field === 1) inputs.push(fields.text());
    else if (fields.field === 2) outputs.push(fields.text());
    else if (fields.field === 4) op = fields.text();
    else if (fields.field === 7) domain = fields.text();
    else if (fields.field === 5) {
      const [name, attribute] = readAttribute(bytes, fields.range(), found, depth);
      attributes.set(name, attribute);
    }
  }
  if (!op) throw new OnnxError('The file is damaged: one of its nodes has no operator.');
  for (const name of [...inputs, ...outputs]) found.names.add(name);
  const bodies = [...attributes.values()].flatMap((attribute) => attribute.bodies ?? []);
  return {
    op,
    domain: domain === 'ai.onnx' ? '' : domain,
    inputs,
    outputs,
    captures: [...new Set(bodies.flatMap((body) => body.captures))],
    attributes,
  };
}

/** AttributeProto */
export function readAttribute(
  bytes: Uint8Array,
  range: Range,
  found: Found,
  depth = 0,
): [name: string, attribute: Attribute] {
  let name = '';
  const attribute: { -readonly [K in keyof Attribute]: Attribute[K] } = { range };
  const numbers: number[] = [];
  const bodies: Graph[] = [];
  const fields = new Fields(bytes, range, 'an attribute');
  while (fields.next()) {
    if (fields.field === 1) name = fields.text();
    else if (fields.field === 2) attribute.float = fields.float();
    else if (fields.field === 3) attribute.number = fields.number();
    else if (fields.field === 4) attribute.text = asciiOnly(bytes, fields.range());
    else if (fields.field === 5) attribute.tensor = readWeight(bytes, fields.range(), found.paths);
    else if (fields.field === 8) fields.numbers(numbers);
    else if (fields.field === 21) attribute.given = fields.text();
    else if (fields.field === 6 || fields.field === 11) {
      if (depth === DEEPEST) throw new OnnxError(`The file is damaged: graphs inside graphs, ${depth} deep.`);
      const body = new GraphReader(bytes, found, depth + 1);
      body.read(fields.range());
      bodies.push(body.finish());
    }
  }
  if (numbers.length > 0) attribute.numbers = numbers;
  if (bodies.length > 0) attribute.bodies = bodies;
  return [name, attribute];
}

/** A string attribute may hold any bytes; those looked at here (an Einsum's equation) are short and ASCII. */
function asciiOnly(bytes: Uint8Array, { from, to }: Range): string {
  if (to - from > 256) return '';
  for (let at = from; at < to; at++) if (bytes[at] >= 0x80) return '';
  return decodeText(bytes, from, to);
}

/** Gathers the fields of one GraphProto, or of several that are to be merged. */
export class GraphReader {
  private readonly nodes: Node[] = [];
  private readonly initializers = new Map<string, Weight>();
  private readonly sparse = new Map<string, Range>();
  private readonly inputs: Value[] = [];
  private readonly outputs: Value[] = [];
  private readonly values = new Map<string, Value>();

  constructor(
    private readonly bytes: Uint8Array,
    private readonly found: Found,
    private readonly depth = 0,
  ) {}

  read(range: Range): void {
    const fields = new Fields(this.bytes, range, this.depth === 0 ? 'the graph' : 'the body of a node');
    while (fields.next()) {
      if (fields.field === 1) this.nodes.push(readNode(this.bytes, fields.range(), this.found, this.depth));
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

  finish(): Graph {
    const { nodes, initializers, sparse, inputs, outputs, values } = this;
    const own = new Set([...initializers.keys(), ...sparse.keys(), ...inputs.map(({ name }) => name)]);
    const used = new Set(outputs.map(({ name }) => name));
    for (const node of nodes) {
      for (const input of [...node.inputs, ...node.captures]) used.add(input);
      for (const output of node.outputs) own.add(output);
    }
    for (const name of [...own, ...values.keys()]) this.found.names.add(name);
    const captures = [...used].filter((name) => name !== '' && !own.has(name));
    return { nodes, initializers, sparse, inputs, outputs, values, captures };
  }
}
