// One conformance case: a model, what it is fed, and what another program says its attention is. The folder's format
// is described in test/fixtures/onnx/README.md; cases made elsewhere in it run here unchanged.

/** Where the files of a case are read from: a folder on disk, or one served to a page. */
export interface Folder {
  readonly name: string;
  /** Rejects where there is no such file. */
  read(file: string): Promise<Uint8Array>;
}

export type CaseKind = 'encoder' | 'decoder' | 'encoder-decoder' | 'none';
export type Direction = 'causal' | 'bidirectional';

export interface CaseInput {
  readonly dims: readonly number[];
  readonly type: string;
  readonly data: readonly (number | string | boolean)[];
}

/** Which attention: some cases call that of a single stack by the stack's name, not `self`. */
export interface Place {
  readonly kind: 'self' | 'encoder' | 'decoder' | 'cross';
  readonly layer: number;
}

export interface Case {
  readonly name: string;
  readonly model: Uint8Array;
  readonly kind: CaseKind;
  readonly causal: boolean;
  readonly layers: number;
  readonly heads: number;
  readonly inputs: Readonly<Record<string, CaseInput>>;
  /** `offset` in floats. */
  readonly attention: readonly (Place & { shape: number[]; offset: number })[];
  /** Largest absolute error of a probability. */
  readonly tolerance: number;
  readonly toggle?: { to: Direction; kind?: string };
  readonly logits?: { output: string; shape: number[]; tolerance: number; ignore_padded_positions?: boolean };
  readonly tensors?: readonly (Place & { what: string; shape: number[]; file: string; tolerance?: number })[];
  /** There is golden attention with every token where the first one stands. */
  readonly unplaced?: boolean;
  readonly gates?: readonly (Place & { head: number; value: number; logits_file: string })[];
  readonly scales?: readonly (Place & { value: number; logits_file: string })[];
  /** Of kind none: a part of the sentence that says why. */
  readonly reason?: string;
  readonly folder: Folder;
}

/** Reads case.json and the model, and says in a sentence what is missing. */
export async function readCase(folder: Folder): Promise<Case> {
  const stated = JSON.parse(new TextDecoder().decode(await folder.read('case.json')));
  const missing = ['kind', 'inputs', 'attention'].filter((name) => stated[name] === undefined);
  if (missing.length > 0 && stated.kind !== 'none')
    throw new Error(`case.json says no ${missing.join(', ')}`);
  if (!['encoder', 'decoder', 'encoder-decoder', 'none'].includes(stated.kind))
    throw new Error(`case.json says the kind ${JSON.stringify(stated.kind)}`);
  const model = await folder.read('model.onnx');
  const usual = { inputs: {}, attention: [], causal: false, tolerance: 1e-4 };
  return { ...usual, ...stated, name: folder.name, model, folder };
}

/** A file of little-endian float32. */
export async function readFloats(folder: Folder, file: string): Promise<Float32Array> {
  const bytes = await folder.read(file);
  if (bytes.length % 4 !== 0) throw new Error(`${file} is ${bytes.length} bytes long, not a row of float32`);
  return new Float32Array(bytes.slice().buffer);
}
