// com.microsoft Attention and QAttention, which hold the projection of queries, keys and values as well
// (github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
import type { Decomposer, Workshop } from '../decompose';
import { FLOAT, INT64 } from '../element';
import type { Node } from '../model';
import { attend, causal, floatOf, intOf, merged, padding, split, withPast } from './attend';

export const joined: Decomposer = (node, shop) => {
  const [input, weights, bias = '', mask = '', past = '', added = '', pastLength = ''] = node.inputs;
  if (pastLength) return 'its cache is a buffer that it writes to';
  let all = shop.make.node('MatMul', [input, weights]);
  if (bias) all = shop.make.node('Add', [all, bias]);
  return open(node, shop, all, shop.typeOf(input), shop.shapes.length(weights, 1), mask, past, added);
};

export const quantised: Decomposer = (node, shop) => {
  const { make } = shop;
  const [
    input,
    weights,
    bias,
    inputScale,
    weightScale,
    mask = '',
    inputZero = '',
    weightZero = '',
    past = '',
  ] = node.inputs;
  const type = shop.typeOf(inputScale) || FLOAT;
  const zeros = weightZero ? [inputZero, weightZero] : inputZero ? [inputZero] : [];
  const whole = make.cast(make.node('MatMulInteger', [input, weights, ...zeros]), type);
  const scaled = make.node('Mul', [whole, make.node('Mul', [inputScale, weightScale])]);
  const all = bias ? make.node('Add', [scaled, bias]) : scaled;
  return open(node, shop, all, type, shop.shapes.length(weights, 1), mask, past, '');
};

/** `all`: queries, keys and values side by side, [batch, token, width]. */
function open(
  node: Node,
  shop: Workshop,
  all: string,
  type: number,
  width: number | null,
  mask: string,
  past: string,
  added: string,
): string | null {
  const { make } = shop;
  const heads = intOf(node, 'num_heads');
  if (heads < 1) return 'it does not say how many heads it has';
  if (intOf(node, 'do_rotary') === 1) return 'it turns queries and keys by positions of its own';
  const sizes =
    node.attributes.get('qkv_hidden_sizes')?.numbers ??
    (width && width % 3 === 0 ? [width / 3, width / 3, width / 3] : null);
  if (sizes?.length !== 3) return 'it does not say how wide its queries are';
  const starts = [0, sizes[0], sizes[0] + sizes[1], sizes[0] + sizes[1] + sizes[2]];
  const [q, k, v] = [0, 1, 2].map((i) => split(shop, make.slice(all, 2, starts[i], starts[i + 1]), heads));
  const [output, present] = node.outputs;
  const before = (which: number) =>
    past ? make.node('Gather', [past, make.scalar(INT64, which)!], { axis: 0 }) : '';
  const keys = withPast(shop, before(0), k, undefined);
  const values = withPast(shop, before(1), v, undefined);
  if (present)
    make.node('Concat', [make.unsqueeze(keys, 0), make.unsqueeze(values, 0)], { axis: 0 }, present);

  const bias = added ? [added] : [];
  if (mask) {
    const far = padding(shop, mask, keys, type, floatOf(node, 'mask_filter_value', -10000));
    if (far === null) return 'its mask has a form that is not known';
    bias.push(far);
  }
  const keep = intOf(node, 'unidirectional') === 1 ? [causal(shop, q, keys)] : [];
  const scale = floatOf(node, 'scale') || 1 / Math.sqrt(sizes[0] / heads);
  const parts = { q, k: keys, v: values, heads, keyHeads: heads, type, scale, bias, keep };
  merged(shop, attend(shop, parts), output);
  return null;
}
