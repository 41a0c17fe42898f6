/** The tensors a graph is fed with, made for whatever inputs it declares. */
import * as ort from 'onnxruntime-web/wasm';
import { EngineError } from './engine';

/** What to feed each known input of an unpadded sequence of one; BERT's token types are all sentence A. */
const VALUE: Record<string, (ids: readonly number[], i: number) => number> = {
  input_ids: (ids, i) => ids[i],
  attention_mask: () => 1,
  position_ids: (_, i) => i,
  token_type_ids: () => 0,
};

/** @throws EngineError for an input that is not known here */
export function feedsFor(inputs: readonly string[], ids: readonly number[]): Record<string, ort.Tensor> {
  const feeds: Record<string, ort.Tensor> = {};
  for (const name of inputs) {
    const value = Object.hasOwn(VALUE, name) && VALUE[name];
    if (!value) throw new EngineError(`The model asks for an input that Headlight cannot fill: ${name}.`);
    const data = BigInt64Array.from(ids, (_, i) => BigInt(value(ids, i)));
    feeds[name] = new ort.Tensor('int64', data, [1, ids.length]);
  }
  return feeds;
}

/** The same input with every number 0. */
export function zeroed(feed: ort.Tensor): ort.Tensor {
  return new ort.Tensor('int64', new BigInt64Array(feed.size), feed.dims);
}

/** float32, for the inputs that multiply. */
export function vector(values: readonly number[]): ort.Tensor {
  return new ort.Tensor('float32', Float32Array.from(values), [values.length]);
}

/** bool[n, n], for the inputs that close and open query-key pairs. */
export function cells(values: Uint8Array, n: number): ort.Tensor {
  return new ort.Tensor('bool', values, [n, n]);
}
