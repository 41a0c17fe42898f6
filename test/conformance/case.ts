// One conformance case: a model, what it is fed, and what another program says its attention is. The folder's format
// is described in test/fixtures/onnx/README.md; cases made elsewhere in it run here unchanged.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFloats } from './tensors';

export interface Case {
  readonly name: string;
  readonly model: Uint8Array;
  readonly kind: 'encoder' | 'decoder' | 'encoder-decoder' | 'none';
  readonly causal: boolean;
  readonly layers: number;
  readonly heads: number;
  readonly inputs: Readonly<Record<string, { dims: number[]; type: string; data: number[] }>>;
  readonly attention: readonly { kind: string; layer: number; shape: number[]; offset: number }[];
  /** Largest absolute error of a probability. */
  readonly tolerance: number;
  readonly toggle?: { to: 'causal' | 'bidirectional'; kind: string };
  readonly logits?: { output: string; shape: number[]; tolerance: number; ignore_padded_positions?: boolean };
  /** Little-endian float32 files of the folder, by name. */
  golden(file: string): Float32Array;
}

/** Every folder under `root` that holds a case. */
export function casesIn(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .map((name) => join(root, name))
    .filter((folder) => existsSync(join(folder, 'case.json')))
    .sort();
}

export function readCase(folder: string): Case {
  const golden = (file: string) => readFloats(folder, file);
  const model = new Uint8Array(readFileSync(join(folder, 'model.onnx')));
  return { ...JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')), name: folder, model, golden };
}
