// The residual stream: what a layer reads and adds to. It is found from the attention: going forward from the heads'
// output, the first sum whose other side is what the queries were made of. What leaves the last layer is found by
// likeness: it lies behind the last heads as what the last layer reads lies behind those before. A layer that is alone has
// no like, and its sums are followed one by one.
import type { GraphIndex } from './graph';
import type { Node } from './model';

/** The last two add a residual and normalise at once; their first two inputs are the sides of the sum. */
const SUMS = /^(Add|Sum|SkipLayerNormalization|SkipSimplifiedLayerNormalization)$/;
/** Which of their outputs the sum is. */
const SUM_OF: Readonly<Record<string, number>> = {
  SkipLayerNormalization: 3,
  SkipSimplifiedLayerNormalization: 3,
};
/** Between the heads' output and its residual lie a projection, and a norm or the layer's other half at most. */
const FARTHEST = 160;
/** Tensors between one layer and the next; a made-up file may have any number. */
const MOST = 4096;
/** Inputs and outputs of one node that are looked at. */
const WIDEST = 16;

/** The tensor that the layer of this attention reads, or null. */
export function streamBefore(index: GraphIndex, query: string, output: string): string | null {
  return joining(index, query, output)?.stream ?? null;
}

/** Where the heads' output joins the stream that the queries are made of. */
function joining(index: GraphIndex, query: string, output: string): { sum: Node; stream: string } | null {
  const sources = nearAncestors(index, query);
  const open: Node[] = index.readersOf(output).slice(0, FARTHEST);
  const seen = new Set(open);
  for (let i = 0; i < open.length && i < FARTHEST; i++) {
    const node = open[i];
    if (SUMS.test(node.op)) {
      const sides = node.inputs.slice(0, node.op === 'Sum' ? undefined : 2);
      const stream = sides.find((side) => sources.has(side) && !index.isConstant(side));
      if (stream !== undefined) return { sum: node, stream };
    }
    for (const reader of node.outputs.flatMap((name) => index.readersOf(name).slice(0, FARTHEST)))
      if (!seen.has(reader)) {
        seen.add(reader);
        open.push(reader);
      }
  }
  return null;
}

/** What a tensor is made of, itself included; what lies nearest. Who adds and normalises may hand out the sum too. */
function nearAncestors(index: GraphIndex, tensor: string): Set<string> {
  const found = new Set([tensor]);
  for (const name of found) {
    if (found.size > 4 * FARTHEST) break;
    const maker = index.maker(name);
    const beside = maker && /LayerNormalization$/.test(maker.op) ? maker.outputs : [];
    for (const other of [...(maker?.inputs.slice(0, FARTHEST) ?? []), ...beside])
      if (other !== '') found.add(other);
  }
  return found;
}

/** A node on a way, by what every layer's has alike. */
interface Step {
  readonly op: string;
  readonly domain: string;
  /** By which input it is entered, and by which output left. */
  readonly input: number;
  readonly output: number;
}

/**
 * What leaves the last layer: one tensor, or several that are yet to be added, where only a norm reads their sum and the
 * node that does both keeps it to itself. Null where the last layer is not like the one before.
 *
 * @param output the heads' output of the layer before the last
 * @param hidden what the last layer reads
 * @param last the heads' output of the last layer
 */
export function streamAfter(
  index: GraphIndex,
  output: string,
  hidden: string,
  last: string,
): string[] | null {
  const steps = wayTo(index, output, hidden);
  return steps && goAlike(index, last, steps);
}

/** The shortest way from one tensor to another. */
function wayTo(index: GraphIndex, from: string, to: string): Step[] | null {
  const before = new Map<string, { readonly tensor: string; readonly step: Step } | null>([[from, null]]);
  for (const tensor of before.keys()) {
    if (tensor === to || before.size > MOST) break;
    for (const { op, domain, inputs, outputs } of index.readersOf(tensor).slice(0, FARTHEST)) {
      const input = inputs.slice(0, WIDEST).indexOf(tensor);
      outputs.slice(0, WIDEST).forEach((name, output) => {
        const step = { op, domain, input, output };
        if (name !== '' && input >= 0 && !before.has(name)) before.set(name, { tensor, step });
      });
    }
  }
  if (!before.has(to)) return null;
  const steps: Step[] = [];
  for (let at = before.get(to); at; at = before.get(at.tensor)) steps.unshift(at.step);
  return steps;
}

/** Which output of a sum it is: some nodes hand out its norm first. */
function sumPlace({ op }: Node): number {
  return SUM_OF[op] ?? 0;
}

/** A sum, as it is handed out; else both sides, and the bias where there is one. */
function sumTerms(sum: Node): string[] {
  const name = sum.outputs[sumPlace(sum)];
  return name ? [name] : [0, 1, 4].map((place) => sum.inputs[place] ?? '').filter((term) => term !== '');
}

/** Where the same steps lead from another tensor. */
function goAlike(index: GraphIndex, from: string, steps: readonly Step[]): string[] | null {
  let open = [from];
  for (const [i, { op, domain, input, output }] of steps.entries()) {
    const alike = open.flatMap((tensor) =>
      index
        .readersOf(tensor)
        .filter((node) => node.op === op && node.domain === domain && node.inputs[input] === tensor),
    );
    const [first] = alike;
    if (!first) return null;
    if (i === steps.length - 1 && output === sumPlace(first)) return sumTerms(first);
    open = alike
      .map(({ outputs }) => outputs[output] ?? '')
      .filter((name) => name !== '')
      .slice(0, FARTHEST);
  }
  return open.length > 0 ? [open[0]] : null;
}

const WEIGHS =
  /^(MatMul|Gemm|Conv|Einsum|MatMulInteger|MatMulNBits|QLinearMatMul|QGemm|MatMulIntegerToFloat|DynamicQuantizeMatMul)$/;
const PASSES = /^(Cast|Identity|Reshape|Dropout)$/;

/**
 * What leaves a layer that has no like, as one tensor or several to be added. From where the heads' output joins the stream,
 * the sums follow each other: of one side that is the sum before, or its norm, and one that is made of the stream by weights. Null where the last
 * is not normalised as those before it.
 *
 * @param query the queries as they enter the product
 * @param output the heads' output
 */
export function streamAfterOnly(index: GraphIndex, query: string, output: string): string[] | null {
  const first = joining(index, query, output);
  if (!first) return null;
  let { sum } = first;
  let end: string[] | null = sumTerms(sum);
  /** What is made of the stream: the number of the sum that it still is, arranged or normalised at most; else NaN. */
  const made = new Map<string, number>([[first.stream, 0]]);
  let count = 0;
  for (const node of index.graph.nodes) {
    const { op, inputs, outputs } = node;
    const own = inputs.filter((name) => made.has(name));
    if (own.length === 0 || outputs.every((name) => index.isConstant(name))) continue;
    const isNewest = (name: string) => made.get(name) === count;
    const sides = SUMS.test(op) ? own.filter((name) => op === 'Sum' || inputs.indexOf(name) < 2) : [];
    const isNext = count > 0 && sides.some(isNewest) && !sides.every(isNewest);
    const passes = !WEIGHS.test(op) && own.every(isNewest);
    if (isNext) end = alikeAfter(index, sum, sides.find(isNewest)!, node);
    if (isNext || node === sum) {
      sum = node;
      count++;
    }
    for (const name of outputs)
      if (name !== '') made.set(name, isNext || node === sum || passes ? count : NaN);
  }
  return end;
}

/** What leaves a sum, where `stream` is what left the sum before. */
function alikeAfter(index: GraphIndex, before: Node, stream: string, sum: Node): string[] | null {
  const place = before.outputs.indexOf(stream);
  if (place === sumPlace(before)) return sumTerms(sum);
  if (place >= 0) return sum.op === before.op && sum.outputs[place] ? [sum.outputs[place]] : null;
  const steps = wayTo(index, before.outputs[0], stream);
  if (steps?.every(({ op }) => PASSES.test(op))) return sumTerms(sum);
  return steps && goAlike(index, sum.outputs[0], steps);
}
