// Copies the nodes of a body to another place: its inputs become the tensors given, and every name that it makes a
// name of its own.
import type { Attribute, Graph, Node } from './model';

/** Old name to new. A name that is not in it stays. */
type Names = ReadonlyMap<string, string>;

/** What a call says for the attributes of a function; null where nothing is said and the attribute falls away. */
export type Given = (name: string) => Attribute | null;

export function renameNode(node: Node, names: Names, given: Given | null): Node {
  const rename = (name: string) => names.get(name) ?? name;
  const attributes = new Map<string, Attribute>();
  for (const [name, attribute] of node.attributes) {
    const changed = renameAttribute(attribute, names, given);
    if (changed) attributes.set(name, changed);
  }
  return {
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    captures: [...new Set(node.captures.map(rename))],
    attributes,
  };
}

function renameAttribute(attribute: Attribute, names: Names, given: Given | null): Attribute | null {
  if (attribute.given !== undefined && given !== null) return given(attribute.given);
  if (!attribute.bodies?.some((body) => isTouched(body, names, given))) return attribute;
  return { bodies: attribute.bodies.map((body) => renameBody(body, names, given)), range: null };
}

function isTouched(body: Graph, names: Names, given: Given | null): boolean {
  return (
    body.captures.some((name) => names.has(name)) || (given !== null && body.nodes.some(asksForAttribute))
  );
}

function asksForAttribute({ attributes }: Node): boolean {
  return [...attributes.values()].some(
    ({ given, bodies }) => given !== undefined || bodies?.some((body) => body.nodes.some(asksForAttribute)),
  );
}

/** Only what the body takes from outside changes its name: what it makes lives in a scope of its own. */
function renameBody(body: Graph, names: Names, given: Given | null): Graph {
  const taken = new Map(body.captures.flatMap((name) => (names.has(name) ? [[name, names.get(name)!]] : [])));
  const rename = (name: string) => taken.get(name) ?? name;
  return {
    ...body,
    nodes: body.nodes.map((node) => renameNode(node, taken, given)),
    outputs: body.outputs.map((value) => ({ ...value, name: rename(value.name) })),
    captures: [...new Set(body.captures.map(rename))],
  };
}
