// How many axes tensors have, and how long the axes are that the file fixes: widths and heads, not lengths. One pass
// over the graph; what it cannot tell it leaves open.
import type { Graph, Node } from './model';
import { readInts } from './weight';

/** null: an axis of unknown length. */
type Dims = readonly (number | null)[];

/** No exporter makes tensors of more axes; a made-up file may claim any number, or double it with every node. */
const MOST_AXES = 16;
/** Vectors longer than this are no shapes. */
const LONGEST = 64;

/** Their result has the dims of their first input. */
const SAME =
  /^(Cast|CastLike|Identity|Softmax|LogSoftmax|Relu|Gelu|FastGelu|QuickGelu|BiasGelu|Erf|Tanh|Cos|Sin|Reciprocal|Floor|Ceil|Round|Log|Softplus|Sign|Sigmoid|Sqrt|Neg|Abs|Exp|Pow|Dropout|Clip|Not|IsNaN|QuantizeLinear|DequantizeLinear|LayerNormalization|RMSNormalization|SimplifiedLayerNormalization|SkipLayerNormalization|SkipSimplifiedLayerNormalization|RotaryEmbedding|Trilu|CumSum|ScatterND|ScatterElements|DynamicQuantizeLinear)$/;
const BROADCAST =
  /^(Add|Sub|Mul|Div|Max|Min|Sum|Where|And|Or|Xor|Equal|Greater|GreaterOrEqual|Less|LessOrEqual)$/;
const PRODUCTS =
  /^(MatMul|MatMulInteger|QLinearMatMul|FusedMatMul|DynamicQuantizeMatMul|MatMulIntegerToFloat)$/;

export class Shapes {
  private readonly known = new Map<string, Dims>();
  /** Small vectors of whole numbers, as far as they are known: what shapes are made of. */
  private readonly vectors = new Map<string, Dims>();

  constructor(
    private readonly bytes: Uint8Array,
    graph: Graph,
  ) {
    for (const { name, dims, type, ...rest } of graph.initializers.values()) {
      this.know(name, dims);
      const values = dims.length < 2 ? readInts(bytes, { name, dims, type, ...rest }) : null;
      if (values) this.vectors.set(name, values);
    }
    for (const { name, dims } of [...graph.inputs, ...graph.values.values()])
      if (dims && !this.known.has(name)) this.know(name, numbersOnly(dims));
    for (const node of graph.nodes) this.visit(node);
  }

  /** Null where not even the rank is known. */
  of(tensor: string): Dims | null {
    return this.known.get(tensor) ?? null;
  }

  rank(tensor: string): number | null {
    return this.of(tensor)?.length ?? null;
  }

  /** The length of one axis, which may be counted from the end; null where it is not known. */
  length(tensor: string, axis: number): number | null {
    return this.of(tensor)?.at(axis) ?? null;
  }

  /** The values of a small vector. */
  vector(tensor: string): Dims | null {
    return this.vectors.get(tensor) ?? null;
  }

  private visit(node: Node): void {
    const vector = this.vectorOf(node);
    if (vector && vector.length <= LONGEST) this.vectors.set(node.outputs[0], vector);
    const dims = node.op === 'Split' ? null : this.dimsOf(node);
    const all = node.op === 'Split' ? this.split(node) : [dims, ...beside(node, dims)];
    node.outputs.forEach((output, i) => {
      const dims = all[i];
      const declared = this.known.get(output);
      if (!dims || output === '') return;
      if (declared && declared.length !== dims.length) return;
      this.know(output, declared ? dims.map((dim, axis) => dim ?? declared[axis]) : dims);
    });
  }

  private know(tensor: string, dims: Dims): void {
    if (dims.length <= MOST_AXES) this.known.set(tensor, dims);
  }

  private dimsOf({ op, inputs, attributes }: Node): Dims | null {
    const first = this.of(inputs[0] ?? '');
    if (SAME.test(op)) return first;
    if (BROADCAST.test(op)) return inputs.map((name) => this.of(name)).reduce<Dims | null>(broadcast, []);
    if (PRODUCTS.test(op)) return this.product(op, inputs);
    const axis = attributes.get('axis')?.number ?? 0;
    switch (op) {
      case 'Constant': {
        const count = attributes.get('value_ints')?.numbers?.length;
        return attributes.get('value')?.tensor?.dims ?? (count === undefined ? [] : [count]);
      }
      case 'Shape':
        return [first?.length ?? null];
      case 'Reshape':
        return this.reshaped(first, inputs[1]);
      case 'Transpose':
        return (
          first && (attributes.get('perm')?.numbers?.map((at) => first[at] ?? null) ?? [...first].reverse())
        );
      case 'Expand': {
        return broadcast(first, this.vector(inputs[1]) ?? unknown(this.length(inputs[1], 0)));
      }
      case 'ConstantOfShape':
        return this.vector(inputs[0]) ?? unknown(first?.[0] ?? null);
      case 'Unsqueeze': {
        const axes = attributes.get('axes')?.numbers ?? this.vector(inputs[1] ?? '');
        if (!first || !axes || axes.length > 8) return null;
        const rank = first.length + axes.length;
        const added = axes.map((at) => (at! < 0 ? at! + rank : at));
        const left = [...first];
        return Array.from({ length: rank }, (_, at) => (added.includes(at) ? 1 : (left.shift() ?? null)));
      }
      case 'Squeeze': {
        const axes = attributes.get('axes')?.numbers ?? this.vector(inputs[1] ?? '');
        if (!first || !axes) return null;
        const gone = axes.map((at) => (at! < 0 ? at! + first.length : at));
        return first.filter((_, at) => !gone.includes(at));
      }
      case 'Concat': {
        const parts = inputs.map((name) => this.of(name));
        const rank = parts.find((part) => part)?.length;
        if (rank === undefined) return null;
        const along = axis < 0 ? axis + rank : axis;
        return Array.from({ length: rank }, (_, at) => {
          const lengths = parts.map((part) => part?.[at] ?? null);
          if (at !== along) return lengths.find((length) => length !== null) ?? null;
          return lengths.reduce((sum, length) => (sum === null || length === null ? null : sum + length), 0);
        });
      }
      case 'Gather': {
        const places = this.of(inputs[1]);
        const along = first && axis < 0 ? axis + first.length : axis;
        return first && places && [...first.slice(0, along), ...places, ...first.slice(along + 1)];
      }
      case 'GatherElements':
        return this.of(inputs[1]);
      case 'Slice':
      case 'Pad':
      case 'Tile':
        return first && first.map((_, at) => (op === 'Slice' ? this.cut(inputs, first, at) : null));
      case 'Gemm': {
        const width = this.length(inputs[1], attributes.get('transB')?.number ? 0 : 1);
        return [first?.[attributes.get('transA')?.number ? 1 : 0] ?? null, width];
      }
      case 'MatMulNBits':
        return first && [...first.slice(0, -1), attributes.get('N')?.number ?? null];
      case 'Conv':
        return first && [first[0], this.length(inputs[1], 0), ...first.slice(2).map(() => null)];
      case 'Einsum':
        return this.einsum(attributes.get('equation')?.text ?? '', inputs);
      case 'Flatten':
        return [null, null];
      case 'Range':
        return [null];
      case 'EmbedLayerNormalization':
      case 'QEmbedLayerNormalization':
        return [...(first ?? [null, null]), this.length(inputs[2], 1)];
      case 'ReduceMean':
      case 'ReduceSum':
      case 'ReduceMax':
      case 'ReduceMin':
        return this.reduced(first, inputs, attributes);
      default:
        // All attention keeps batch and tokens; its width is that of the values.
        if (!first || !/Attention$/.test(op)) return null;
        return first.length === 4 ? [...first.slice(0, 3), null] : [first[0], first[1], null];
    }
  }

  private einsum(equation: string, inputs: readonly string[]): Dims | null {
    const [left, right] = equation.replaceAll(' ', '').split('->');
    if (!right || equation.includes('.')) return null;
    const lengths = new Map<string, number | null>();
    left.split(',').forEach((letters, i) => {
      const dims = this.of(inputs[i] ?? '');
      [...letters].forEach((letter, axis) =>
        lengths.set(letter, lengths.get(letter) ?? dims?.[axis] ?? null),
      );
    });
    return [...right].map((letter) => lengths.get(letter) ?? null);
  }

  private reduced(
    first: Dims | null,
    inputs: readonly string[],
    attributes: Node['attributes'],
  ): Dims | null {
    const axes = attributes.get('axes')?.numbers ?? this.vector(inputs[1] ?? '');
    if (!first || !axes) return null;
    const gone = (at: number) => axes.includes(at) || axes.includes(at - first.length);
    const keeps = (attributes.get('keepdims')?.number ?? 1) === 1;
    return keeps ? first.map((dim, at) => (gone(at) ? 1 : dim)) : first.filter((_, at) => !gone(at));
  }

  private product(op: string, inputs: readonly string[]): Dims | null {
    const first = this.of(inputs[0]);
    const second = this.of(op === 'QLinearMatMul' ? inputs[3] : inputs[1]);
    if (!first || !second || first.length < 2 || second.length < 2) return null;
    if (op === 'FusedMatMul') return unknown(Math.max(first.length, second.length));
    const batch = broadcast(first.slice(0, -2), second.slice(0, -2));
    return batch && [...batch, first.at(-2)!, second.at(-1)!];
  }

  private reshaped(from: Dims | null, shape: string): Dims | null {
    const wanted = this.vector(shape);
    if (!wanted) return unknown(this.length(shape, 0));
    const dims = wanted.map((dim, axis) => (dim === 0 ? (from?.[axis] ?? null) : dim === -1 ? null : dim));
    // What is left over is known where the rest is. Batch and tokens, of unknown lengths, stay what they are.
    if (!from || !wanted.includes(-1)) return dims;
    let kept = 0;
    while (kept < from.length && (wanted[kept] === null || wanted[kept] === 0)) kept++;
    const [before, after] = [from.slice(kept), wanted.slice(kept).filter((dim) => dim !== -1)];
    if ([...before, ...after].some((dim) => dim === null || dim === 0)) return dims;
    const product = (lengths: Dims) => lengths.reduce<number>((total, dim) => total * dim!, 1);
    const left = product(before) / product(after);
    return dims.map((dim, axis) => (wanted[axis] === -1 && Number.isInteger(left) ? left : dim));
  }

  /** What a Slice leaves of an axis. */
  private cut(inputs: readonly string[], from: Dims, axis: number): number | null {
    const axes = this.vector(inputs[3] ?? '');
    if (!axes) return null;
    const place = axes.findIndex((one) => one === axis || one === axis - from.length);
    const whole = from[axis];
    if (place < 0 || whole === null) return whole;
    const [start, end] = [inputs[1], inputs[2]].map((name) => this.vector(name)?.[place] ?? null);
    if (start === null || end === null || inputs[4]) return null;
    const bound = (at: number) => Math.min(whole, Math.max(0, at < 0 ? at + whole : at));
    return Math.max(0, bound(end) - bound(start));
  }

  private split({ inputs, outputs, attributes }: Node): (Dims | null)[] {
    const from = this.of(inputs[0]);
    if (!from) return [];
    const axis = attributes.get('axis')?.number ?? 0;
    const along = axis < 0 ? axis + from.length : axis;
    const sizes = attributes.get('split')?.numbers ?? this.vector(inputs[1] ?? '');
    const whole = from[along] ?? null;
    return outputs.map((_, i) =>
      from.map((dim, at) => {
        if (at !== along) return dim;
        return sizes
          ? (sizes[i] ?? null)
          : whole !== null && whole % outputs.length === 0
            ? whole / outputs.length
            : null;
      }),
    );
  }

  private vectorOf({ op, inputs, attributes }: Node): Dims | null {
    const [first, second] = inputs.map((name) => this.vector(name));
    switch (op) {
      case 'Constant': {
        const tensor = attributes.get('value')?.tensor;
        if (tensor) return tensor.dims.length < 2 ? readInts(this.bytes, tensor) : null;
        const number = attributes.get('value_int')?.number;
        return number === undefined ? (attributes.get('value_ints')?.numbers ?? null) : [number];
      }
      case 'Shape': {
        const dims = this.of(inputs[0]);
        return (
          dims &&
          dims.slice(attributes.get('start')?.number ?? 0, attributes.get('end')?.number ?? dims.length)
        );
      }
      case 'Gather':
        return first && second ? second.map((at) => (at === null ? null : (first.at(at) ?? null))) : null;
      case 'Concat': {
        const parts = inputs.map((name) => this.vector(name) ?? (this.isSingle(name) ? [null] : null));
        return parts.every((part) => part !== null) ? parts.flat() : null;
      }
      case 'Slice': {
        const [from, to] = [second?.[0], this.vector(inputs[2] ?? '')?.[0]];
        const step = this.vector(inputs[4] ?? '')?.[0] ?? 1;
        return first && typeof from === 'number' && typeof to === 'number' && step === 1
          ? first.slice(from, to)
          : null;
      }
      case 'Cast':
      case 'Identity':
      case 'Unsqueeze':
      case 'Squeeze':
        return first ?? null;
      case 'Reshape':
        return first?.length === 1 ? first : null;
      case 'Add':
      case 'Sub':
      case 'Mul':
      case 'Div':
        return first && second && (first.length === second.length || second.length === 1)
          ? first.map((value, i) => arithmetic(op, value, second[i] ?? second[0]))
          : null;
      default:
        return null;
    }
  }

  /** A number or a vector of one. */
  private isSingle(name: string): boolean {
    const dims = this.of(name);
    return dims !== null && (dims.length === 0 || (dims.length === 1 && dims[0] === 1));
  }
}

/** Of the second output on, given the first. */
function beside({ op }: Node, first: Dims | null): (Dims | null)[] {
  // How many tokens each sequence has, and the sum that was normalised.
  if (/^Q?EmbedLayerNormalization$/.test(op)) return [[null], first];
  // Mean and spread, which nobody reads, and the sum.
  return /^Skip(Simplified)?LayerNormalization$/.test(op) ? [null, null, first] : [];
}

function arithmetic(op: string, a: number | null, b: number | null): number | null {
  if (a === null || b === null) return null;
  if (op === 'Add') return a + b;
  if (op === 'Sub') return a - b;
  if (op === 'Mul') return a * b;
  return b === 0 ? null : Math.trunc(a / b);
}

function broadcast(a: Dims | null, b: Dims | null): Dims | null {
  if (!a || !b) return null;
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a.length - rank + i, b.length - rank + i];
    const [m, n] = [x < 0 ? 1 : a[x], y < 0 ? 1 : b[y]];
    if (m === 1) return n;
    return n === 1 || n === null ? m : n;
  });
}

function unknown(rank: number | null): Dims | null {
  return rank !== null && rank <= MOST_AXES ? Array.from({ length: rank }, () => null) : null;
}

function numbersOnly(dims: readonly (number | string | null)[]): Dims {
  return dims.map((dim) => (typeof dim === 'number' && dim > 0 ? dim : null));
}
