// com.microsoft GroupQueryAttention, as onnxruntime's own builder of language models writes it
// (github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.GroupQueryAttention).
import type { Decomposer, Workshop } from '../decompose';
import { INT64 } from '../element';
import type { Node } from '../model';
import { attend, causal, floatOf, intOf, merged, number, split, windowed, withPast, within } from './attend';

export const grouped: Decomposer = (node, shop) => {
  const { make, shapes, typeOf } = shop;
  const [query, key = '', value = '', pastKey = '', pastValue = '', ends, total] = node.inputs;
  const [, , , , , , , cos = '', sin = '', positions = '', added = '', sink = ''] = node.inputs;
  const [output, presentKey, presentValue, scoresOut] = node.outputs;
  const [heads, keyHeads] = [intOf(node, 'num_heads'), intOf(node, 'kv_num_heads')];
  if (heads < 1 || keyHeads < 1) return 'it does not say how many heads it has';
  if (scoresOut) return 'it hands its scores out as they are inside';
  if (node.inputs.slice(12).some((name) => name !== ''))
    return 'its cache is quantised, or it normalises queries';
  const type = typeOf(query);

  let [q, k, v]: string[] = [];
  if (key) [q, k, v] = [split(shop, query, heads), split(shop, key, keyHeads), split(shop, value, keyHeads)];
  else {
    const all = heads + 2 * keyHeads;
    const byHead = split(shop, query, all);
    q = make.slice(byHead, 1, 0, heads);
    k = make.slice(byHead, 1, heads, heads + keyHeads);
    v = make.slice(byHead, 1, heads + keyHeads, all);
  }
  // The cache may be a buffer longer than what is in it.
  const whole = make.reshape(make.cast(total, INT64), 1);
  const before = make.node('Sub', [whole, make.length(q, 2)]);
  if (intOf(node, 'do_rotary') === 1) {
    const turned = rotated(node, shop, [q, k], cos, sin, positions, before);
    if (turned === null) return 'the width of its rotary positions is not told';
    [q, k] = turned;
  }
  const past = (tensor: string) => tensor && make.slice(tensor, 2, 0, before);
  k = withPast(shop, past(pastKey), k, presentKey);
  v = withPast(shop, past(pastValue), v, presentValue);

  const size = intOf(node, 'local_window_size', -1);
  const keep = [within(shop, k, make.node('Add', [make.cast(ends, INT64), make.ints([1])]))];
  if (intOf(node, 'causal', 1) === 1) keep.push(causal(shop, q, k));
  if (size > 0) keep.push(windowed(shop, q, k, size));
  const width = shapes.length(query, -1);
  const headWidth = width && width / (key ? heads : heads + 2 * keyHeads);
  const scale = floatOf(node, 'scale') || (headWidth ? 1 / Math.sqrt(headWidth) : null);
  const smooth = intOf(node, 'smooth_softmax') === 1 ? make.reshape(number(shop, type, 0), 1) : null;
  const parts = { q, k, v, heads, keyHeads, type, scale, softcap: floatOf(node, 'softcap') };
  const bias = added ? [added] : [];
  merged(shop, attend(shop, { ...parts, bias, keep, sink: sink || smooth }), output);
  return null;
};

/** Rotary positions (Su et al. 2021, arXiv:2104.09864), on the first part of each head's width. */
function rotated(
  node: Node,
  { make, shapes }: Workshop,
  tensors: readonly string[],
  cos: string,
  sin: string,
  positions: string,
  before: string,
): string[] | null {
  const half = shapes.length(cos, 1);
  if (!cos || !sin || half === null) return null;
  const [query] = tensors;
  const [zero, one] = [0, 1].map((value) => make.scalar(INT64, value)!);
  const count = make.node('Gather', [make.node('Shape', [query]), make.scalar(INT64, 2)!], { axis: 0 });
  const places = positions
    ? make.cast(positions, INT64)
    : make.node('Add', [make.node('Range', [zero, count, one]), before]);
  // [token, half], or [batch, 1, token, half] where each sequence has places of its own.
  const table = (source: string) => {
    const rows = make.node('Gather', [source, places], { axis: 0 });
    return positions ? make.unsqueeze(rows, 1) : rows;
  };
  const [c, s] = [table(cos), table(sin)];
  const isInterleaved = intOf(node, 'rotary_interleaved') === 1;
  return tensors.map((tensor) => {
    const part = make.slice(tensor, 3, 0, 2 * half);
    const rest = make.slice(tensor, 3, 2 * half, 2 ** 31 - 1);
    let [x, y]: string[] = [];
    if (isInterleaved) {
      const pairs = make.node('Reshape', [
        part,
        make.shape(make.slice(make.node('Shape', [part]), 0, 0, 3), half, 2),
      ]);
      [x, y] = [zero, one].map((place) => make.node('Gather', [pairs, place], { axis: 4 }));
    } else [x, y] = [make.slice(part, 3, 0, half), make.slice(part, 3, half, 2 * half)];
    const mul = (a: string, b: string) => make.node('Mul', [a, b]);
    const first = make.node('Sub', [mul(x, c), mul(y, s)]);
    const second = make.node('Add', [mul(y, c), mul(x, s)]);
    if (!isInterleaved) return make.node('Concat', [first, second, rest], { axis: 3 });
    const both = make.node('Concat', [make.unsqueeze(first, 4), make.unsqueeze(second, 4)], { axis: 4 });
    const flat = make.node('Reshape', [both, make.node('Shape', [part])]);
    return make.node('Concat', [flat, rest], { axis: 3 });
  });
}
