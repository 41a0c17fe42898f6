// com.microsoft MultiHeadAttention and DecoderMaskedMultiHeadAttention
// (github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
import type { Decomposer, Workshop } from '../decompose';
import { INT64 } from '../element';
import type { Node } from '../model';
import { attend, causal, floatOf, intOf, merged, padding, split, withPast } from './attend';
import { defaultScale } from './attention';

interface Inputs {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly bias: string;
  readonly mask: string;
  readonly added: string;
  readonly pastKey: string;
  readonly pastValue: string;
  readonly pastLength: string;
}

export const multiHead: Decomposer = (node, shop) => {
  const [query, key, value, bias, mask, added, pastKey, pastValue, pastLength] = filled(node);
  return open(node, shop, { query, key, value, bias, mask, added, pastKey, pastValue, pastLength });
};

export const multiHeadStep: Decomposer = (node, shop) => {
  const [query, key, value, mask, added, pastKey, pastValue, pastLength, , , bias] = filled(node);
  return open(node, shop, { query, key, value, bias, mask, added, pastKey, pastValue, pastLength });
};

function filled({ inputs }: Node): string[] {
  return Array.from({ length: 11 }, (_, i) => inputs[i] ?? '');
}

function open(node: Node, shop: Workshop, inputs: Inputs): string | null {
  const { make, shapes, typeOf } = shop;
  const heads = intOf(node, 'num_heads');
  const [output, presentKey, presentValue, scoresOut] = node.outputs;
  if (heads < 1) return 'it does not say how many heads it has';
  if (scoresOut) return 'it hands its scores out as they are inside';
  const type = typeOf(inputs.query);
  const parts = apart(shop, inputs, heads);
  if (typeof parts === 'string') return parts;
  const { q } = parts;
  const past = (tensor: string) =>
    tensor && inputs.pastLength
      ? make.slice(tensor, 2, 0, make.reshape(make.cast(inputs.pastLength, INT64), -1))
      : tensor;
  const k = withPast(shop, past(inputs.pastKey), parts.k, presentKey);
  const v = withPast(shop, past(inputs.pastValue), parts.v, presentValue);

  const bias = inputs.added ? [inputs.added] : [];
  if (inputs.mask) {
    const far = padding(shop, inputs.mask, k, type, floatOf(node, 'mask_filter_value', -10000));
    if (far === null) return 'its mask has a form that is not known';
    bias.push(far);
  }
  const keep = intOf(node, 'unidirectional') === 1 ? [causal(shop, q, k)] : [];
  // On the last axis of the queries lie one head or all of them; packed, those of keys and values too.
  const inAxis = shapes.rank(inputs.query) === 5 ? 1 : inputs.key ? heads : 3 * heads;
  const scale = floatOf(node, 'scale') || defaultScale(shop, inputs.query, inAxis);
  merged(shop, attend(shop, { q, k, v, heads, keyHeads: heads, type, scale, bias, keep }), output);
  return null;
}

/** Queries, keys and values by heads, however they are packed, with their biases; or why they cannot be told. */
function apart(
  shop: Workshop,
  { query, key, value, bias }: Inputs,
  heads: number,
): Record<'q' | 'k' | 'v', string> | string {
  const { make, shapes } = shop;
  const ranks = [query, key].map((name) => (name ? shapes.rank(name) : 0));
  if (ranks.includes(null)) return 'the layout of its queries and keys is not told';
  const [rank, keyRank] = ranks;
  const biases = bias ? biasesOf(shop, query, value, bias, heads) : null;
  const biased = (tensor: string, which: 0 | 1 | 2) =>
    biases ? make.node('Add', [tensor, biases[which]]) : tensor;
  // [batch, token, heads, 3, width]
  const packed = (tensor: string, place: number) => {
    const one = make.node('Gather', [tensor, make.scalar(INT64, place)!], { axis: 3 });
    return make.transpose(one, [0, 2, 1, 3]);
  };
  if (rank === 5)
    return { q: biased(packed(query, 0), 0), k: biased(packed(query, 1), 1), v: biased(packed(query, 2), 2) };
  if (!key) {
    // [batch, token, 3 * heads * width]
    const all = make.transpose(make.reshape(query, 0, 0, 3 * heads, -1), [0, 2, 1, 3]);
    const [q, k, v] = [0, 1, 2].map((i) => make.slice(all, 1, i * heads, (i + 1) * heads));
    return { q: biased(q, 0), k: biased(k, 1), v: biased(v, 2) };
  }
  const q = biased(split(shop, query, heads), 0);
  if (keyRank === 5) return { q, k: biased(packed(key, 0), 1), v: biased(packed(key, 1), 2) };
  // Keys and values of cross attention come by heads from a cache, and have met their biases.
  if (keyRank === 4) return { q, k: key, v: value };
  return { q, k: biased(split(shop, key, heads), 1), v: biased(split(shop, value, heads), 2) };
}

/** [1, heads, 1, width] each. */
function biasesOf(
  { make, shapes }: Workshop,
  query: string,
  value: string,
  bias: string,
  heads: number,
): string[] {
  const [own, values] = [shapes.length(query, -1), value ? shapes.length(value, -1) : null];
  const whole = shapes.length(bias, 0);
  const isUneven = shapes.rank(query) === 3 && own && values && whole === 2 * own + values && own !== values;
  const width = isUneven ? own : null;
  const third = (from: number) =>
    make.reshape(
      make.node('Gather', [make.reshape(bias, 3, -1), make.ints([from])], { axis: 0 }),
      1,
      heads,
      1,
      -1,
    );
  if (width === null) return [0, 1, 2].map(third);
  return [0, 1, 2].map((i) =>
    make.reshape(make.slice(bias, 0, i * width, i < 2 ? (i + 1) * width : whole!), 1, heads, 1, -1),
  );
}
