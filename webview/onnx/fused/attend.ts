// softmax(q kᵀ scale + bias) v in primitive operators, for every fused one.
import type { Workshop } from '../decompose';
import { FLOAT, FLOAT16, INT64, LOWEST } from '../element';
import { OnnxError } from '../error';
import type { Node } from '../model';

/** Tensors by name; q, k and v are [batch, heads, token, width], keys and values before they are repeated. */
interface Attend {
  readonly q: string;
  readonly k: string;
  readonly v: string;
  readonly heads: number | null;
  readonly keyHeads: number | null;
  readonly type: number;
  /** null: 1 / √width. */
  readonly scale: number | null;
  readonly softcap?: number;
  /** Added to the scores, [.., query, key]. */
  readonly bias?: readonly string[];
  /** bool [.., query, key]: what stays. All must hold. */
  readonly keep?: readonly string[];
  /** [heads]: takes a share of every row. */
  readonly sink?: string | null;
  /** Element type in which the softmax runs, where it is not that of the scores. */
  readonly softmaxType?: number;
}

/** The heads' output, [batch, heads, query, width]. `output`: the name it is to have. */
export function attend(shop: Workshop, parts: Attend, output?: string): string {
  const { make, shapes } = shop;
  const { type, heads, keyHeads, softcap = 0, bias = [], keep = [], sink, softmaxType } = parts;
  const k = repeated(shop, parts.k, parts.q, heads, keyHeads);
  const v = repeated(shop, parts.v, parts.q, heads, keyHeads);
  let scores = make.node('MatMul', [parts.q, make.transpose(k, [0, 1, 3, 2])]);
  const width = shapes.length(parts.q, -1);
  scores = make.node('Mul', [scores, scaleOf(shop, parts, width)]);
  if (softcap > 0) {
    const most = number(shop, type, softcap);
    scores = make.node('Mul', [make.node('Tanh', [make.node('Div', [scores, most])]), most]);
  }
  for (const added of bias) scores = make.node('Add', [scores, added]);
  if (keep.length > 0) {
    const open = keep.reduce((all, one) => make.node('And', [all, one]));
    scores = make.node('Where', [open, scores, number(shop, type, LOWEST)]);
  }
  const inner = softmaxType ?? type;
  if (inner !== type) scores = make.cast(scores, inner);
  let weights: string;
  if (sink) {
    const shape = make.node('Shape', [scores]);
    const column = make.node('Expand', [
      make.reshape(sink, 1, -1, 1, 1),
      make.shape(make.slice(shape, 0, 0, 3), 1),
    ]);
    const joined = make.node('Concat', [scores, column], { axis: -1 });
    const all = make.node('Softmax', [joined], { axis: -1 });
    weights = make.slice(all, 3, 0, make.slice(shape, 0, 3, 4));
  } else weights = make.node('Softmax', [scores], { axis: -1 });
  if (inner !== type) weights = make.cast(weights, type);
  return make.node('MatMul', [weights, v], {}, output);
}

/** [batch, token, heads * width] as [batch, heads, token, width]. */
export function split({ make, shapes }: Workshop, tensor: string, heads: number): string {
  const width = shapes.length(tensor, -1);
  if (width && width % heads !== 0)
    throw new OnnxError(`The file is damaged: ${heads} heads cannot share a width of ${width}.`);
  return make.transpose(make.reshape(tensor, 0, 0, heads, width ? width / heads : -1), [0, 2, 1, 3]);
}

/** [batch, heads, token, width] as [batch, token, heads * width], under the name `output`. */
export function merged({ make }: Workshop, tensor: string, output: string): void {
  make.node('Reshape', [make.transpose(tensor, [0, 2, 1, 3]), make.ints([0, 0, -1])], {}, output);
}

/** The past before the new, along the tokens; `output` is the name that the present is to have, if any. */
export function withPast({ make }: Workshop, past: string, now: string, output: string | undefined): string {
  if (past) return make.node('Concat', [past, now], { axis: 2 }, output || undefined);
  if (output) make.node('Identity', [now], {}, output);
  return now;
}

/** bool [query, key]: query i sees keys up to i + offset, the offset being how many more keys there are. */
export function causal(shop: Workshop, q: string, k: string): string {
  const { make } = shop;
  const { rows, columns, offset } = places(shop, q, k);
  return make.node('Less', [columns, make.node('Add', [rows, make.node('Add', [offset, make.ints([1])])])]);
}

/** bool [query, key]: no more than `size` tokens back, itself counted. */
export function windowed(shop: Workshop, q: string, k: string, size: number): string {
  const { make } = shop;
  const { rows, columns, offset } = places(shop, q, k);
  return make.node('Less', [
    make.node('Sub', [make.node('Add', [rows, offset]), columns]),
    make.ints([size]),
  ]);
}

/** bool [batch, 1, 1, key]: keys before the length of their sequence; `lengths` is [batch]. */
export function within(shop: Workshop, k: string, lengths: string): string {
  const { make } = shop;
  return make.node('Less', [range(shop, k), make.reshape(make.cast(lengths, INT64), -1, 1, 1, 1)]);
}

/** Places of queries as a column and of keys as a row, and how many keys come before the first query. */
function places(shop: Workshop, q: string, k: string): Record<'rows' | 'columns' | 'offset', string> {
  const { make } = shop;
  const rows = make.reshape(range(shop, q), -1, 1);
  const offset = make.node('Sub', [make.length(k, 2), make.length(q, 2)]);
  return { rows, columns: range(shop, k), offset };
}

/** [0, 1, ...] as long as the tensor has tokens. */
export function range({ make }: Workshop, tensor: string): string {
  const [zero, one, axis] = [0, 1, 2].map((value) => make.scalar(INT64, value)!);
  const length = make.node('Gather', [make.node('Shape', [tensor]), axis], { axis: 0 });
  return make.node('Range', [zero, length, one]);
}

/**
 * Added to scores for padding: 0 where the key is a token, else `far`. A mask is 1 and 0, [batch, key] or
 * [batch, query, key]; or lengths, [batch]. Returns null for a mask of another form.
 */
export function padding(shop: Workshop, mask: string, k: string, type: number, far: number): string | null {
  const { make, shapes } = shop;
  const dims = shapes.of(mask);
  let open: string;
  if (dims?.length === 1) open = within(shop, k, mask);
  else if (dims?.length === 2 || dims?.length === 3) {
    const positive = make.node('Greater', [make.cast(mask, INT64), make.scalar(INT64, 0)!]);
    open = dims.length === 2 ? make.reshape(positive, 0, 1, 1, -1) : make.unsqueeze(positive, 1);
  } else return null;
  return make.node('Where', [open, number(shop, type, 0), number(shop, type, far)]);
}

/** A number that fp16 cannot hold becomes its lowest. */
export function number({ make }: Workshop, type: number, value: number): string {
  const held = type === FLOAT16 && value < -65504 ? LOWEST : value;
  return make.scalar(type, held) ?? make.scalar(FLOAT, held)!;
}

/** A float attribute; onnxruntime takes 0 for not given where a scale is meant. */
export function floatOf({ attributes }: Node, name: string, otherwise = 0): number {
  return attributes.get(name)?.float ?? otherwise;
}

export function intOf({ attributes }: Node, name: string, otherwise = 0): number {
  return attributes.get(name)?.number ?? otherwise;
}

function scaleOf(shop: Workshop, { q, scale, type }: Attend, width: number | null): string {
  const { make } = shop;
  if (scale !== null) return number(shop, type, scale);
  if (width !== null) return number(shop, type, 1 / Math.sqrt(width));
  const root = make.node('Sqrt', [make.cast(make.length(q, 3), FLOAT)]);
  return make.cast(make.node('Reciprocal', [root]), type);
}

/** Each head of keys once for every head of queries that shares it. */
function repeated(
  { make, shapes }: Workshop,
  tensor: string,
  q: string,
  heads: number | null,
  keyHeads: number | null,
): string {
  const all = heads ?? shapes.length(q, 1);
  const own = keyHeads ?? shapes.length(tensor, 1);
  if (all !== null && all === own) return tensor;
  if (all !== null && own !== null && (own < 1 || all % own !== 0))
    throw new OnnxError(`The file is damaged: ${all} heads of queries cannot share ${own} of keys.`);
  const shape = make.node('Shape', [tensor]);
  const times =
    all !== null && own !== null
      ? make.ints([all / own])
      : make.node('Div', [make.length(q, 1), make.length(tensor, 1)]);
  const wide = make.node('Expand', [make.unsqueeze(tensor, 2), make.shape(1, 1, times, 1, 1)]);
  return make.reshape(wide, make.slice(shape, 0, 0, 1), all ?? make.length(q, 1), make.slice(shape, 0, 2, 4));
}
