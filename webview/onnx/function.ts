// Model-local functions (FunctionProto).
import { OnnxError } from './error';
import type { Attribute, Node } from './model';
import { type Found, readAttribute, readNode } from './node';
import { Fields, type Range } from './wire';

export interface LocalFunction {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly Node[];
  /** Attributes with a value of their own, for calls that give none. */
  readonly defaults: ReadonlyMap<string, Attribute>;
}

/** What a node that calls the function is called, its domain included. */
export function functionKey({ domain, op }: Pick<Node, 'domain' | 'op'>): string {
  return `${domain}:${op}`;
}

export function readFunction(bytes: Uint8Array, range: Range, found: Found): [key: string, LocalFunction] {
  let op = '';
  let domain = '';
  const inputs: string[] = [];
  const outputs: string[] = [];
  const nodes: Node[] = [];
  const defaults = new Map<string, Attribute>();
  const fields = new Fields(bytes, range, 'a local function');
  while (fields.next()) {
    if (fields.field === 1) op = fields.text();
    else if (fields.field === 4) inputs.push(fields.text());
    else if (fields.field === 5) outputs.push(fields.text());
    else if (fields.field === 7) nodes.push(readNode(bytes, fields.range(), found));
    else if (fields.field === 10) domain = fields.text();
    else if (fields.field === 11) {
      const [name, attribute] = readAttribute(bytes, fields.range(), found);
      defaults.set(name, attribute);
    }
  }
  if (!op) throw new OnnxError('The file is damaged: one of its local functions has no name.');
  for (const name of inputs) found.names.add(name);
  return [
    functionKey({ domain: domain === 'ai.onnx' ? '' : domain, op }),
    { inputs, outputs, nodes, defaults },
  ];
}
