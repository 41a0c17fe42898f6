// Nodes: operator, names and the few attributes that anything here looks at.
import { OnnxError } from './error';
import type { Attribute, Node } from './model';
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
  const bodies: Body[] = [];
  const fields = new Fields(bytes, range, 'a node');
  while (fields.next()) {
    if (fields.field === 1) inputs.push(fields.text());
    else if (fields.field === 2) outputs.push(fields.text());
    else if (fields.field === 4) op = fields.text();
    else if (fields.field === 7) domain = fields.text();
    else if (fields.field === 5) readAttribute(bytes, fields.range(), attributes, bodies, found, depth);
  }
  if (!op) throw new OnnxError('The file is damaged: one of its nodes has no operator.');
  for (const name of [...inputs, ...outputs]) found.names.add(name);
  return {
    op,
    domain: domain === 'ai.onnx' ? '' : domain,
    inputs,
    outputs,
    captures: [...new Set(bodies.flatMap((body) => body.captures))],
    inner: bodies.flatMap((body) => body.nodes.flatMap((node) => [node, ...node.inner])),
    attributes,
    range,
  };
}

interface Body {
  nodes: Node[];
  captures: string[];
}

/** AttributeProto */
function readAttribute(
  bytes: Uint8Array,
  range: Range,
  attributes: Map<string, Attribute>,
  bodies: Body[],
  found: Found,
  depth: number,
): void {
  let name = '';
  const attribute: { -readonly [K in keyof Attribute]: Attribute[K] } = {};
  const fields = new Fields(bytes, range, 'an attribute');
  while (fields.next()) {
    if (fields.field === 1) name = fields.text();
    else if (fields.field === 3) attribute.number = fields.number();
    else if (fields.field === 4) attribute.text = asciiOnly(bytes, fields.range());
    else if (fields.field === 5) attribute.tensor = readWeight(bytes, fields.range(), found.paths);
    else if (fields.field === 6 || fields.field === 11)
      bodies.push(readBody(bytes, fields.range(), found, depth + 1));
  }
  attributes.set(name, attribute);
}

/** A string attribute may hold any bytes; those looked at here (an Einsum's equation) are short and ASCII. */
function asciiOnly(bytes: Uint8Array, { from, to }: Range): string {
  if (to - from > 256) return '';
  for (let at = from; at < to; at++) if (bytes[at] >= 0x80) return '';
  return decodeText(bytes, from, to);
}

/** GraphProto inside an attribute. */
function readBody(bytes: Uint8Array, range: Range, found: Found, depth: number): Body {
  if (depth > DEEPEST) throw new OnnxError(`The file is damaged: graphs inside graphs, ${depth} deep.`);
  const nodes: Node[] = [];
  const own = new Set<string>();
  const used = new Set<string>();
  const fields = new Fields(bytes, range, 'the body of a node');
  while (fields.next()) {
    if (fields.field === 1) nodes.push(readNode(bytes, fields.range(), found, depth));
    else if (fields.field === 5) own.add(readWeight(bytes, fields.range(), found.paths).name);
    else if (fields.field === 15) own.add(readSparseName(bytes, fields.range()));
    else if (fields.field === 11) own.add(readValue(bytes, fields.range()).name);
    else if (fields.field === 12) used.add(readValue(bytes, fields.range()).name);
  }
  for (const node of nodes) {
    for (const input of [...node.inputs, ...node.captures]) used.add(input);
    for (const output of node.outputs) own.add(output);
  }
  for (const name of own) found.names.add(name);
  return { nodes, captures: [...used].filter((name) => name !== '' && !own.has(name)) };
}
