// Cases that properties of any model are tried on: both exporters, masks in every form, padding, a window, shared keys,
// a fixed length.
import { type Case, readCase } from './case';
import { onDisk } from './disk';

const NAMES = [
  'qwen3-dynamo-sdpa',
  'qwen3-dynamo-eager-half',
  'llama-torchscript-sdpa-padded',
  'gpt2-dynamo-sdpa',
  'gpt2-torchscript-eager-padded',
  'bert-dynamo-eager-padded',
  'bert-torchscript-sdpa',
  'nanogpt-dynamo-tril',
  'nanogpt-torchscript-is_causal',
  'nanogpt-fixed-length',
];

export function variedCases(): Promise<Case[]> {
  return Promise.all(NAMES.map((name) => readCase(onDisk(`test/fixtures/onnx/${name}`))));
}
