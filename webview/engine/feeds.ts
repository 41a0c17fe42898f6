/** The tensors a graph is fed with, made for whatever inputs it declares: one unpadded sequence or one image, read at once. */
import * as ort from 'onnxruntime-web/wasm';
import { halfBits } from '../onnx/index';
import type { Input } from '../onnx/index';
import { EngineError } from './engine';
import type { Fed } from './engine';

/** Sizes that config.json tells, for pasts whose graph does not. */
interface Sizes {
  /** Heads of keys and values. */
  readonly heads: number | null;
  /** Numbers a head has for each token. */
  readonly headWidth: number | null;
}

/** What fills an input: its dims, and what stands at each place. */
interface Filling {
  readonly dims: readonly number[];
  readonly value: (i: number) => number;
}

/** Makes the feeds of a run: those of the inputs that are named, of all that the graph declares. */
type Feeder = (names: readonly string[], fed: Fed) => Record<string, ort.Tensor>;

/** The feeder throws EngineError for an input that is not known here, and for another length than a fixed one. */
export function feederFor(declared: readonly Input[], sizes: Sizes): Feeder {
  return (names, fed) => {
    const feeds: Record<string, ort.Tensor> = {};
    for (const input of declared) {
      if (!names.includes(input.name)) continue;
      const filling = fillingOf(input, fed, sizes);
      const tensor = filling && tensorOf(input.type, filling);
      if (!tensor)
        throw new EngineError(`The model asks for an input that Headlight cannot fill: ${input.name}.`);
      feeds[input.name] = tensor;
    }
    return feeds;
  };
}

function fillingOf(input: Input, { ids, types, pixels }: Fed, sizes: Sizes): Filling | null {
  const { type, dims } = input;
  // Encoder-decoders say whose ids and whose mask it is.
  const name = input.name.replace(/^(en|de)coder_/, '');
  const n = ids.length;
  const row = (value: (i: number) => number): Filling => ({
    dims: [...dims.slice(0, -2).map(one), 1, n],
    value,
  });
  const single = (value: number): Filling => ({ dims: dims.map(() => 1), value: () => value });
  switch (name) {
    case 'input_ids':
      return pixels ? null : row((i) => ids[i]);
    case 'pixel_values':
      return pixels && { dims: [1, 3, pixels.height, pixels.width], value: (i) => pixels.values[i] };
    case 'pixel_mask': // of images of several sizes: nothing is padded
      return pixels && { dims: [1, pixels.height, pixels.width], value: () => 1 };
    case 'interpolate_pos_encoding':
      return single(0);
    case 'attention_mask':
      // Of four axes it is [batch, heads, query, key]: added to the scores, or true where a pair is open.
      if (dims.length === 4) return { dims: [1, 1, n, n], value: () => (type.startsWith('float') ? 0 : 1) };
      return row(() => 1);
    case 'token_type_ids':
    case 'segment_ids':
      return row((i) => types[i]);
    case 'position_ids':
      return row((i) => i % n); // of pictures and text there are three rows, alike where there is no picture
    case 'cache_position':
      return { dims: [n], value: (i) => i };
    case 'use_cache_branch':
      return single(0);
    case 'num_logits_to_keep':
    case 'logits_to_keep':
      return single(0); // all
    // GroupQueryAttention's own: the last place of each sequence, and the length of the longest.
    case 'seqlens_k':
      return single(n - 1);
    case 'total_sequence_length':
      return single(n);
    case 'past_sequence_length':
      return single(0);
  }
  if (/^past|^cache|\bpast_key|\bpast_value/.test(name) && dims.length > 2)
    return { dims: dims.map((dim, axis) => pastSize(dim, axis, dims.length, sizes)), value: () => 0 };
  return null;
}

const one = (dim: number | string | null): number => (typeof dim === 'number' && dim > 0 ? dim : 1);

/** An empty past: nothing has been read before. What is not its length is as the graph or the config says. */
function pastSize(dim: number | string | null, axis: number, rank: number, sizes: Sizes): number {
  if (typeof dim === 'number' && dim > 0) return dim;
  const symbol = String(dim ?? '');
  // Fused attention keeps keys and values in one: [2, batch, heads, past, width].
  if (/batch/.test(symbol) && !/head/.test(symbol)) return 1;
  if (axis === 0) return /head/.test(symbol) ? (sizes.heads ?? 1) : 1;
  if (/past|seq|cache|length/.test(symbol)) return 0;
  if (/head/.test(symbol) && !/dim|size|width/.test(symbol)) return sizes.heads ?? 1;
  return axis === rank - 1 ? (sizes.headWidth ?? 0) : 0;
}

/** Null for an element type that no input here has. */
function tensorOf(type: string, { dims, value }: Filling): ort.Tensor | null {
  const values = { length: dims.reduce((product, dim) => product * dim, 1) };
  const at = (_: unknown, i: number) => value(i);
  switch (type) {
    case 'int64':
      return new ort.Tensor(
        type,
        BigInt64Array.from(values, (_, i) => BigInt(value(i))),
        dims,
      );
    case 'int32':
      return new ort.Tensor(type, Int32Array.from(values, at), dims);
    case 'float32':
      return new ort.Tensor(type, Float32Array.from(values, at), dims);
    case 'bool':
      return new ort.Tensor(type, Uint8Array.from(values, at), dims);
    case 'float16':
      return new ort.Tensor(
        type,
        Uint16Array.from(values, (_, i) => halfBits(value(i))),
        dims,
      );
    default:
      return null;
  }
}

/** The same input with every number 0. */
export function zeroed(feed: ort.Tensor): ort.Tensor {
  return new ort.Tensor('int64', new BigInt64Array(feed.size), feed.dims);
}

/** bool without axes, for the input that is on or off. */
export function truth(value: boolean): ort.Tensor {
  return new ort.Tensor('bool', Uint8Array.of(value ? 1 : 0), []);
}

/** float32, for the inputs that multiply. */
export function vector(values: readonly number[]): ort.Tensor {
  return new ort.Tensor('float32', Float32Array.from(values), [values.length]);
}

/** bool[queries, keys], for the inputs that close and open query-key pairs. */
export function cells(values: Uint8Array, queries: number, keys = queries): ort.Tensor {
  return new ort.Tensor('bool', values, [queries, keys]);
}
