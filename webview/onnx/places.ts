// What tells tokens where they stand. Attention itself does not know the order of its tokens: it is brought in by
// counting. A row of a table is taken for each number (learned and sinusoidal positions, buckets of distances), a table
// is cut to the length of the text, angles are made of the numbers (rotary positions, Su et al. 2021), or a multiple of
// them joins the scores (ALiBi, Press et al. 2022).
import { BOOL, FLOAT, INT32, INT64, isFloat } from './element';
import type { GraphIndex } from './graph';
import { inferType } from './infer';
import type { Model, Node, Weight } from './model';
import type { Shapes } from './shape';

/** Where a count is turned into something that tokens carry. */
export interface Place {
  /** The node that reads it, by its first output. */
  readonly reader: string;
  readonly tensor: string;
  /**
   * How it is made the same for all tokens: `first` gives all of them the first number, `rows` gives a table its first
   * row throughout, `nothing` turns by no angle and adds nothing.
   */
  readonly how: 'first' | 'rows' | 'nothing';
  /** Of `rows`: the axis that counts. */
  readonly axis: number;
  /** Element type, by onnx's number. */
  readonly type: number;
}

/** What a tensor is made of: numbers that count, what is the same for all texts of a length, or anything else. */
type Made = 'count' | 'fixed' | 'other';

const COUNTS = /^(Range|CumSum|NonZero)$/;
/** What comes out says only what may be seen: it is made into masks. */
const TRUTHS = /^(Equal|Not|IsNaN|IsInf|Greater|GreaterOrEqual|Less|LessOrEqual|And|Or|Xor)$/;
/** Operators beside ai.onnx's own that take a row of a table for each number, and which inputs are tables. */
const TABLES: Readonly<Record<string, readonly number[]>> = {
  'com.microsoft.EmbedLayerNormalization': [3],
  'com.microsoft.RotaryEmbedding': [2, 3],
  RotaryEmbedding: [1, 2],
};

/** What a bias passes on its way to the scores. */
const JOINS = /^(Add|Sub|Sum)$/;
const SHAPING = /^(Cast|Identity|Reshape|Unsqueeze|Squeeze|Transpose|Expand|Slice)$/;

/**
 * Every place where the graph counts its tokens. What is counted in a body of control flow is not found.
 *
 * @param sides what joins the scores of each site
 */
export function placesOf(
  model: Model,
  index: GraphIndex,
  shapes: Shapes,
  sides: readonly (readonly string[])[],
): Place[] {
  const made = new Map<string, Made>();
  const constants = model.graph.initializers;
  for (const { name } of model.graph.inputs)
    made.set(name, /position/.test(name) ? 'count' : /mask/.test(name) ? 'fixed' : 'other');
  for (const [name, weight] of constants) made.set(name, madeOf(model.bytes, weight));
  const found: Place[] = [];
  for (const node of model.graph.nodes) {
    found.push(...placesAt(node, index, shapes, made));
    const how = nodeMade(model.bytes, node, made);
    for (const output of node.outputs) made.set(output, how);
  }
  return [...found, ...biasesOf(index, made, new Set(sides.flat()))];
}

/** What joins scores and counts, as near to where it was counted as it can be told from masks. */
function biasesOf(index: GraphIndex, made: ReadonlyMap<string, Made>, sides: ReadonlySet<string>): Place[] {
  const found: Place[] = [];
  const open: [tensor: string, reader: Node][] = [...sides].flatMap((side) =>
    index.readersOf(side).map((reader): [string, Node] => [side, reader]),
  );
  const seen = new Set<string>();
  for (const [tensor, reader] of open) {
    const type = inferType(index, tensor);
    const id = `${tensor} ${reader.outputs[0]}`;
    if (made.get(tensor) !== 'count' || !isFloat(type) || seen.has(id)) continue;
    seen.add(id);
    const node = index.maker(tensor);
    if (node && JOINS.test(node.op)) open.push(...node.inputs.map((input): [string, Node] => [input, node]));
    else if (node && SHAPING.test(node.op)) open.push([node.inputs[0], node]);
    else if (node?.op === 'Where') open.push([node.inputs[1], node], [node.inputs[2], node]);
    // A row of a table was found where it is taken.
    else if (node?.op !== 'Gather')
      found.push({ reader: reader.outputs[0], tensor, how: 'nothing', axis: 0, type });
  }
  return found;
}

function placesAt(node: Node, index: GraphIndex, shapes: Shapes, made: ReadonlyMap<string, Made>): Place[] {
  const { op, domain, inputs, outputs, attributes } = node;
  const place = (tensor: string, how: Place['how'], axis = 0): Place => ({
    reader: outputs[0],
    tensor,
    how,
    axis,
    type: inferType(index, tensor),
  });
  const isTable = (name: string) =>
    index.isConstant(name) && (shapes.rank(name) ?? 0) >= 2 && inferType(index, name) !== BOOL;
  const tables = TABLES[domain ? `${domain}.${op}` : op];
  if (tables) return tables.filter((at) => isTable(inputs[at] ?? '')).map((at) => place(inputs[at], 'rows'));
  if (domain !== '') return [];
  if (/^(Cos|Sin)$/.test(op)) return made.get(inputs[0]) === 'count' ? [place(inputs[0], 'nothing')] : [];
  // Each token's own copy of the table, or the products of queries with the rows of one (DeBERTa).
  if (op === 'GatherElements') return made.get(inputs[1]) === 'count' ? [place(inputs[1], 'first')] : [];
  if (!isTable(inputs[0] ?? '')) return [];
  if (op === 'Gather' && (attributes.get('axis')?.number ?? 0) === 0)
    return made.get(inputs[1]) === 'count' ? [place(inputs[1], 'first')] : [];
  if (op === 'GatherND' && shapes.length(inputs[1], -1) === 1)
    return made.get(inputs[1]) === 'count' ? [place(inputs[1], 'first')] : [];
  const axis = op === 'Slice' && isFloat(inferType(index, inputs[0])) ? cutAxis(node, index, shapes) : null;
  return axis === null ? [] : [place(inputs[0], 'rows', axis)];
}

/** The one axis along which a table is cut to a length that the text gives; null for a mask, which is square. */
function cutAxis({ inputs }: Node, index: GraphIndex, shapes: Shapes): number | null {
  const dims = shapes.of(inputs[0]) ?? [];
  const isSquare = dims.at(-1) === dims.at(-2);
  if (inputs.length < 3 || index.isConstant(inputs[2]) || isSquare) return null;
  const axes = inputs[3] ? shapes.vector(inputs[3]) : [0];
  return axes?.length === 1 ? axes[0] : null;
}

function nodeMade(
  bytes: Uint8Array,
  { op, domain, inputs, captures, attributes }: Node,
  made: ReadonlyMap<string, Made>,
): Made {
  // Whichever branch an If takes makes what it gives of what it captures.
  const isIf = op === 'If' && domain === '';
  if (domain !== '' || (captures.length > 0 && !isIf)) return 'other';
  if (COUNTS.test(op)) return 'count';
  if (TRUTHS.test(op) || op === 'Shape' || op === 'Size') return 'fixed';
  const stored = attributes.get('value')?.tensor;
  if (op === 'Constant' && stored) return madeOf(bytes, stored);
  const parts = (isIf ? captures : inputs)
    .filter((name) => name !== '')
    .map((name) => made.get(name) ?? 'other');
  if (parts.includes('other')) return 'other';
  return parts.includes('count') ? 'count' : 'fixed';
}

/** So many numbers in a row count; fewer may be a shape. */
const LEAST = 4;

/** Whether a stored tensor counts along its last axis: whole numbers on by one, others in even steps. */
function madeOf(bytes: Uint8Array, { type, dims, range, raw }: Weight): Made {
  const stored = range instanceof Uint8Array ? range : raw && bytes.subarray(raw.from, raw.to);
  if (!stored || (dims.at(-1) ?? 0) < LEAST || ![INT64, INT32, FLOAT].includes(type)) return 'fixed';
  // What lies in another file may also leave a few bytes here.
  if (stored.byteLength < LEAST * (type === INT64 ? 8 : 4)) return 'fixed';
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  const at = (i: number) => {
    if (type === INT64) return Number(view.getBigInt64(8 * i, true));
    return type === INT32 ? view.getInt32(4 * i, true) : view.getFloat32(4 * i, true);
  };
  const step = type === FLOAT ? at(1) - at(0) : 1;
  for (let i = 1; i < LEAST; i++)
    if (step === 0 || !(Math.abs(at(i) - at(i - 1) - step) <= 1e-5 * Math.abs(step))) return 'fixed';
  return 'count';
}
