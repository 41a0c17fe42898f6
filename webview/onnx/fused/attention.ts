// ai.onnx Attention, from opset 23 (github.com/onnx/onnx/blob/main/docs/Operators.md#Attention).
import type { Decomposer, Workshop } from '../decompose';
import { BOOL } from '../element';
import type { Node } from '../model';
import { attend, causal, floatOf, intOf, merged, range, split, withPast, within } from './attend';

export const attention: Decomposer = (node, shop) => {
  const { shapes, typeOf } = shop;
  const [query, key, value, mask, pastKey, pastValue, lengths] = node.inputs;
  const [output, presentKey, presentValue, scoresOut] = node.outputs;
  if (scoresOut) return 'it hands its scores out as they are inside';
  // Heads are given where batch, token and width are the only axes.
  const heads = intOf(node, 'q_num_heads') || null;
  const keyHeads = intOf(node, 'kv_num_heads') || null;
  const isFlat = shapes.rank(query) === 3 || (shapes.rank(query) === null && heads !== null);
  if (isFlat && (heads === null || keyHeads === null)) return 'it does not say how many heads it has';
  const type = typeOf(query);
  const apart = (tensor: string, count: number | null) => (isFlat ? split(shop, tensor, count!) : tensor);
  const q = apart(query, heads);
  const k = withPast(shop, pastKey, apart(key, keyHeads), presentKey);
  const v = withPast(shop, pastValue, apart(value, keyHeads), presentValue);

  const keep: string[] = [];
  const bias: string[] = [];
  if (mask) (typeOf(mask) === BOOL ? keep : bias).push(mask);
  if (lengths) keep.push(within(shop, k, lengths));
  if (intOf(node, 'is_causal') === 1)
    keep.push(lengths ? causalUpTo(shop, q, k, lengths) : causal(shop, q, k));
  const known = {
    heads: heads ?? shapes.length(query, 1),
    keyHeads: keyHeads ?? shapes.length(key, 1),
    scale: scaleOf(node) ?? defaultScale(shop, query, isFlat ? heads : null),
    softcap: floatOf(node, 'softcap'),
    softmaxType: intOf(node, 'softmax_precision') || type,
  };
  const parts = { q, k, v, type, keep, bias, ...known };
  if (isFlat) merged(shop, attend(shop, parts), output);
  else attend(shop, parts, output);
  return null;
};

function scaleOf({ attributes }: Node): number | null {
  return attributes.get('scale')?.float ?? null;
}

/** 1 / √width, where the width of a head is known. */
export function defaultScale({ shapes }: Workshop, query: string, heads: number | null): number | null {
  const width = shapes.length(query, -1);
  return width === null ? null : 1 / Math.sqrt(width / (heads ?? 1));
}

/** With a cache kept outside, the last query is at the end of its sequence, which may be padded. */
function causalUpTo(shop: Workshop, q: string, k: string, lengths: string): string {
  const { make } = shop;
  const rows = make.reshape(range(shop, q), -1, 1);
  const first = make.node('Sub', [make.reshape(lengths, -1, 1, 1, 1), make.length(q, 2)]);
  const last = make.node('Add', [make.node('Add', [rows, first]), make.ints([1])]);
  return make.node('Less', [range(shop, k), last]);
}
