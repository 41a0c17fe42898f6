// Whether one case conforms: everything its folder states is computed by the product's own path and compared.
// Runs in Node and in a page alike.
import type * as ort from 'onnxruntime-web/wasm';
import type { SiteKind, What } from '../../webview/onnx';
import { type Case, type Direction, type Folder, type Place, readCase, readFloats } from './case';
import { asFloats, type Feeds, feed } from './feeds';
import { type Asked, open, type Opened, type Pairs } from './opened';

export type Result = {
  readonly name: string;
  readonly kind: string;
} & (
  | { readonly outcome: 'ok'; readonly error: number; readonly compared: readonly string[] }
  | { readonly outcome: 'failed' | 'skipped'; readonly why: string }
);

/** Probabilities, by the tolerance of the case; whatever else is stated without one of its own. */
const USUAL = 1e-3;
/** What onnxruntime says of numbers that an adapter does not have. */
const NO_HALVES = /requires f16 but the device does not support it/;
/** A score that is masked: exporters differ in how far below, and nobody sees the difference. */
const MASKED = -1e3;

/** Never rejects: whatever goes wrong is the case's failure, in one line. */
export async function checkCase(folder: Folder): Promise<Result> {
  let kind = '?';
  try {
    const stated = await readCase(folder);
    kind = stated.kind;
    const cached = Object.values(stated.inputs).some(
      ({ type, data }) => type === 'bool' && Number(data[0]) === 1,
    );
    const opened = await open(stated.model, { read: (file) => folder.read(file), cached });
    try {
      const comparison = new Comparison(stated, opened);
      const { error, compared } = stated.kind === 'none' ? comparison.none() : await comparison.all();
      return { name: folder.name, kind, outcome: 'ok', error, compared };
    } finally {
      await opened.close();
    }
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const line = (name === 'Error' || name === 'OnnxError' ? message : `${name}: ${message}`).replace(
      /\s+/g,
      ' ',
    );
    if (NO_HALVES.test(line))
      return {
        name: folder.name,
        kind,
        outcome: 'skipped',
        why: 'the adapter has no 16-bit floats (shader-f16)',
      };
    return { name: folder.name, kind, outcome: 'failed', why: line.slice(0, 400) };
  }
}

class Comparison {
  private readonly feeds: Feeds;
  private readonly compared: string[] = [];
  /** Largest error of a probability. */
  private error = 0;

  constructor(
    private readonly stated: Case,
    private readonly opened: Opened,
  ) {
    this.feeds = feed(stated.inputs);
  }

  /** A model without attention: none is found, and a sentence says so. */
  none() {
    const { sites, notes } = this.opened.plan;
    if (sites.length > 0)
      throw new Error(`attention was found where there is none: ${sites.map(({ name }) => name).join(', ')}`);
    if (notes.length === 0) throw new Error('no attention was found, and no sentence says so');
    const { reason = '' } = this.stated;
    if (!notes.some((note) => note.includes(reason)))
      throw new Error(`no sentence says "${reason}", but: ${notes.join(' ')}`);
    return { error: 0, compared: ['none'] };
  }

  async all() {
    this.sitesAreThose();
    const { toggle, gates = [], scales = [] } = this.stated;
    await this.pass('', {});
    if (toggle) {
      const { causal, reason } = this.opened.masks;
      if (toggle.to === 'bidirectional' && causal !== 'patched')
        throw new Error(`the causal mask cannot be opened: ${reason ?? 'none was found'}`);
      await this.pass('_toggled', this.otherMask(toggle.to, toggle.kind));
    }
    if (this.stated.unplaced) await this.pass('_unplaced', { unplaced: true });
    await this.tensors();
    for (const { head, value, logits_file, ...place } of gates) {
      const { kind, layer } = this.siteOf(place);
      const gate = { kind, layer, head, heads: this.stated.heads, value };
      await this.logits(`gate of ${kind} ${layer}.${head}`, logits_file, { gate });
    }
    for (const { value, logits_file, ...place } of scales) {
      const { kind, layer } = this.siteOf(place);
      await this.logits(`scale of ${kind} ${layer}`, logits_file, { scale: { kind, layer, value } });
    }
    const compared = [
      ...new Set([
        ...this.compared,
        ...(gates.length ? ['gates'] : []),
        ...(scales.length ? ['scales'] : []),
      ]),
    ];
    return { error: this.error, compared };
  }

  private sitesAreThose(): void {
    const found = this.opened.plan.sites.map((site) => this.nameOf(site)).sort();
    const wanted = this.stated.attention.map((place) => this.nameOf(place)).sort();
    if (found.join() === wanted.join()) return;
    const { notes } = this.opened.plan;
    throw new Error(
      `attention was found at [${found.join(', ')}] and should be at [${wanted.join(', ')}]. ${notes.join(' ')}`,
    );
  }

  /** Where there is one stack, its attention is `self`, whatever it is called in the case. */
  private nameOf({ kind, layer }: Place): string {
    return `${this.stated.kind === 'encoder-decoder' ? kind : 'self'} ${layer}`;
  }

  private siteOf(place: Place) {
    const wanted = this.nameOf(place);
    const site = this.opened.plan.sites.find((site) => this.nameOf(site) === wanted);
    if (!site) throw new Error(`there is no attention ${wanted}`);
    return site;
  }

  private sizeOf(kind: SiteKind): [queries: number, keys: number] {
    const name = this.nameOf({ kind, layer: 0 });
    const shape = this.stated.attention.find((place) => this.nameOf(place) === name)?.shape ?? [];
    if (shape.length < 2) throw new Error(`there is no attention ${name}`);
    const [queries, keys] = shape.slice(-2);
    return [queries, keys];
  }

  /** Queries are the last of the keys where there is a past. */
  private otherMask(to: Direction, stated?: string): Asked {
    const usual = this.stated.kind === 'encoder-decoder' ? 'decoder' : this.opened.plan.sites[0].kind;
    const kind =
      this.stated.kind === 'encoder-decoder' && stated && stated !== 'self' ? (stated as SiteKind) : usual;
    const [queries, keys] = this.sizeOf(kind);
    const backwards: Pairs = (query, key) => key <= query + keys - queries;
    return to === 'causal'
      ? { kind, allow: backwards }
      : { kind, open: (query, key) => !backwards(query, key) };
  }

  private run(asked: Asked) {
    return this.opened.run(this.feeds, { ...asked, size: (kind) => this.sizeOf(kind) });
  }

  /** One run: attention and logits. */
  private async pass(suffix: '' | '_toggled' | '_unplaced', asked: Asked): Promise<void> {
    const { attention, tolerance, logits, folder } = this.stated;
    const { maps, logits: found } = await this.run(asked);
    const golden = await readFloats(folder, `golden${suffix}.f32`);
    for (const { kind, layer, shape, offset } of attention) {
      const size = shape.reduce((product, dim) => product * dim, 1);
      const name = `${this.nameOf({ kind, layer })}${suffix.replace('_', ' ')}`;
      const map = maps[this.opened.plan.sites.indexOf(this.siteOf({ kind, layer }))];
      const error = worst(fitted(map, shape, name), golden.subarray(offset, offset + size));
      if (!(error <= tolerance)) throw new Error(`the attention ${name} is off by ${error.toPrecision(3)}`);
      this.error = Math.max(this.error, error);
    }
    this.compared.push(`attention${suffix}`);
    const file = `logits${suffix}.f32`;
    if (logits && (suffix === '' || (await exists(folder, file))))
      await this.compareLogits(file, found, file);
  }

  private async logits(name: string, file: string, asked: Asked): Promise<void> {
    await this.compareLogits(name, (await this.run(asked)).logits, file);
  }

  private async compareLogits(name: string, found: ort.Tensor, file: string): Promise<void> {
    const { logits, folder } = this.stated;
    const shape = logits?.shape ?? found.dims;
    const golden = await readFloats(folder, file);
    const values = fitted(found, shape, name);
    const kept = logits?.ignore_padded_positions ? this.unpadded(shape) : () => true;
    const error = worst(values, golden, kept);
    const tolerance = logits?.tolerance ?? USUAL;
    if (!(error <= tolerance)) throw new Error(`${name}: the logits are off by ${error.toPrecision(3)}`);
    if (name === file) this.compared.push(file.replace(/\.f32$/, ''));
  }

  /** Whether an element of the logits [batch, tokens, ...] belongs to a token that is no padding. */
  private unpadded(shape: readonly number[]): (at: number) => boolean {
    const [batch, tokens] = shape;
    const row = shape.slice(2).reduce((product, dim) => product * dim, 1);
    const names =
      this.stated.kind === 'encoder-decoder' ? /^decoder_attention_mask$/ : /^(attention|input)_mask$/;
    const mask = Object.entries(this.feeds).find(([name]) => names.test(name))?.[1];
    if (!mask || mask.dims.length !== 2 || mask.dims[0] !== batch || mask.dims[1] < tokens) return () => true;
    const before = mask.dims[1] - tokens;
    return (at) => {
      const token = Math.floor(at / row);
      const cell = Math.floor(token / tokens) * mask.dims[1] + before + (token % tokens);
      return Number(mask.data[cell]) !== 0;
    };
  }

  private async tensors(): Promise<void> {
    const looks = new Map<string, Awaited<ReturnType<Opened['look']>>>();
    for (const { what, shape, file, tolerance = USUAL, ...place } of this.stated.tensors ?? []) {
      // Behind the last layer there is one more hidden state.
      const { layer } = place;
      const { kind } = this.siteOf(what === 'hidden' ? { ...place, layer: 0 } : place);
      const name = `${what} ${this.nameOf(place)}`;
      const size = (kind: SiteKind) => this.sizeOf(kind);
      let look = looks.get(what);
      if (!look) looks.set(what, (look = await this.opened.look(this.feeds, what as What, { size })));
      const found = look.find((one) => one.kind === kind && one.layer === layer);
      if (!found) throw new Error(`${name} cannot be had`);
      const values = fitted(found.tensor, shape, name);
      const golden = await readFloats(this.stated.folder, file);
      const error =
        what === 'scores' ? worst(values.map(atLeast), golden.map(atLeast)) : worst(values, golden);
      if (!(error <= tolerance)) throw new Error(`${name} is off by ${error.toPrecision(3)}`);
      this.compared.push(what);
    }
  }
}

/** Far below is far enough: masks add their own lowest number. */
function atLeast(score: number): number {
  return Math.max(score, MASKED);
}

async function exists(folder: Folder, file: string): Promise<boolean> {
  return folder.read(file).then(
    () => true,
    () => false,
  );
}

/**
 * The values as float32, where the shape is that wanted. Two axes may be one ([batch * heads, query, key]), and heads
 * that share keys may come once for all that share them.
 */
function fitted(tensor: ort.Tensor, shape: readonly number[], name: string): Float32Array {
  const values = asFloats(tensor);
  const size = shape.reduce((product, dim) => product * dim, 1);
  const sameEnd = tensor.dims.slice(-2).join() === shape.slice(-2).join();
  if (values.length === size && (sameEnd || tensor.dims.length !== shape.length || shape.length < 3))
    return values;
  const [batch, heads, ...rest] = shape;
  const shared = tensor.dims[1];
  if (
    shape.length === 4 &&
    tensor.dims.length === 4 &&
    sameEnd &&
    heads % shared === 0 &&
    tensor.dims[0] === batch
  ) {
    const matrix = rest[0] * rest[1];
    const repeated = new Float32Array(size);
    for (let i = 0; i < batch * heads; i++) {
      const from = (Math.floor(i / heads) * shared + Math.floor((i % heads) / (heads / shared))) * matrix;
      repeated.set(values.subarray(from, from + matrix), i * matrix);
    }
    return repeated;
  }
  throw new Error(`${name} is [${tensor.dims.join(', ')}] and should be [${shape.join(', ')}]`);
}

/** The largest difference; NaN counts as infinitely large. */
function worst(
  found: Float32Array,
  golden: Float32Array,
  kept: (at: number) => boolean = () => true,
): number {
  if (found.length !== golden.length)
    throw new Error(`${found.length} values were found where ${golden.length} are stated`);
  let most = 0;
  for (let i = 0; i < found.length; i++) {
    if (!kept(i)) continue;
    const error = found[i] === golden[i] ? 0 : Math.abs(found[i] - golden[i]);
    if (!(error <= most)) most = Number.isNaN(error) ? Infinity : error;
  }
  return most;
}
