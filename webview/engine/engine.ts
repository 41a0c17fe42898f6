/** What the page asks of the worker. Page and worker share this interface; rpc.ts carries it. */
import type { Mask, Matrix, Overview } from '../core/attention';
import type { Single } from '../core/look';
import type { HeadMeasures } from '../core/measures';
import type { Grid, Patch } from '../core/patches';
import type { Part } from '../core/part';
import type { Lengths, Redraw } from '../core/redraw';
import type { RowFeed } from '../core/row';
import type { TextSpan } from '../core/spans';
import type { Spread } from '../core/vector';
import type { SiteKind } from '../onnx/index';
import type { Heap } from './heap';

/** A graph, and the weights that lie outside it, by the names that it has for their files. */
export interface GraphFile {
  readonly graph: Uint8Array<ArrayBuffer>;
  readonly weights: readonly { readonly path: string; readonly data: Uint8Array<ArrayBuffer> }[];
}

/** A Hugging Face model folder, read. What it does not hold is an empty object. */
export interface ModelFiles extends GraphFile {
  readonly config: string;
  readonly tokenizer: string;
  readonly tokenizerConfig: string;
  readonly preprocessor: string;
  /** The other half of an encoder-decoder whose graph is the encoder; null for every other model. */
  readonly decoder: GraphFile | null;
}

/** Longer texts are cut here, however long the model's context: n² grows faster than patience. */
export const MOST_TOKENS = 4096;
/** From so many on, even the first text under a causal mask is read in pieces, for which the model is opened once more. */
export const LONG_TOKENS = 1500;

/** What a model is given to read. */
export type Medium = 'text' | 'image';

export interface ModelInfo {
  /** Its attentions: `self` alone, or those of an encoder-decoder. */
  readonly kinds: readonly SiteKind[];
  /** Of the largest of them. */
  readonly layers: number;
  readonly heads: number;
  /** Of all heads of a layer together, queries of them; 0 where config.json does not say. */
  readonly width: number;
  /** Most tokens the model can read at once, special ones included. */
  readonly context: number;
  /** The same of its training, where its positions are stretched for more; null where they are not. */
  readonly unstretched: number | null;
  /** True where the graph itself hides later tokens. */
  readonly causal: boolean;
  /** Why the other mask cannot be had; null where it can. */
  readonly fixedMask: string | null;
  /** The masks the weights were trained under, as far as is known. */
  readonly trained: readonly Mask[];
}

export interface Token {
  readonly id: number;
  /** In the text that was read, of two the one it is of, UTF-16 units; empty for special tokens, which stand beside it. */
  readonly span: TextSpan;
  /** The text of the span, or the name of a special token. */
  readonly text: string;
  /** True for tokens that the tokenizer adds, such as `<s>`, and for a space of its own before the text. */
  readonly special: boolean;
  /** What BERT calls the token type. */
  readonly type: number;
  /** Of sentence A or of sentence B, where there are two; null for special tokens around them. */
  readonly segment: 0 | 1 | null;
  /** Its place, where it is a patch of an image: then it has no span. */
  readonly patch?: Patch;
}

export interface Reading {
  readonly tokens: readonly Token[];
  /** UTF-16 units of the text that the tokens cover; less than its length where it did not fit the context. */
  readonly covered: number;
  /** The same of the second text; 0 where there is one text. */
  readonly secondCovered: number;
}

/** An image as a model reads it. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** [3, height, width] */
  readonly values: Float32Array<ArrayBuffer>;
}

export interface Sight {
  readonly grid: Grid;
  readonly pixels: Pixels;
  /** What of the image lies under the patches, in the image's own proportions: a PNG. */
  readonly view: Blob;
  /** Of its width to its height. */
  readonly ratio: number;
  /** Of the whole image, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** An image, read. */
export interface ImageReading extends Reading {
  readonly sight: Sight;
}

/** A text, or an image, as a model is fed it. */
export interface Fed {
  /** Of an image, the places of its tokens: it has no ids. */
  readonly ids: readonly number[];
  /** What BERT calls token types: all 0 for most models and for most single texts. */
  readonly types: readonly number[];
  /** What an image's tokens are made of; null for a text. */
  readonly pixels: Pixels | null;
}

export const fedOf = (tokens: readonly Token[], pixels: Pixels | null = null): Fed => ({
  pixels,
  ids: tokens.map(({ id }) => id),
  types: tokens.map(({ type }) => type),
});

/** Ids by themselves. */
export const untyped = (ids: readonly number[]): Fed => ({ ids, types: ids.map(() => 0), pixels: null });

/** The same tokens in other places, or some of them: `places[i]` is the old place of what stands at i. */
export const rearranged = ({ ids, types }: Fed, places: readonly number[]): Fed => ({
  pixels: null,
  ids: places.map((old) => ids[old]),
  types: places.map((old) => types[old]),
});

/** What the decoder of an encoder-decoder is given; spans are in its own text. */
export interface Target extends Pick<Reading, 'tokens' | 'covered'> {
  readonly text: string;
}

interface Run {
  /** In the order of the model's kinds. */
  readonly attentions: readonly {
    readonly kind: SiteKind;
    readonly overview: Overview;
    /** Of every head, row by row of the grid. */
    readonly measures: readonly HeadMeasures[];
  }[];
  /** Milliseconds inside the session. */
  readonly ms: number;
  /** So many tokens were not run: the text before began with them, too. */
  readonly known: number;
}

/** Names runs that are no pictures: those that are timed or compared. Only the last is kept, and each reads all of its text. */
export const ASIDE = '';

/** A run that is changed on purpose, through the whole model. */
export interface Experiment {
  /** Multiplies every score before the mask: √d undoes the model's 1/√d, 1/T is a temperature T. */
  readonly scores: number;
  /** `none` tells every token that it stands first. */
  readonly positions: 'given' | 'none';
  /** Tokens that a query may look back (and on), itself included; null for as far as the mask lets it. */
  readonly window: number | null;
}

export const unchanged: Experiment = { scores: 1, positions: 'given', window: null };

/** Empty where nothing is changed; else what is, in words. */
export function experimentName({ scores, positions, window }: Experiment): string {
  return [
    scores === 1 ? '' : `scores × ${Number(scores.toPrecision(3))}`,
    positions === 'given' ? '' : 'no positions',
    window === null ? '' : `window of ${window}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/** One head, for one token: what it is fed and what it gives. */
export interface HeadInside {
  readonly feed: RowFeed;
  /** [n] The row of probabilities, as the model computed it. */
  readonly weights: Float32Array;
  /** [width] Weights times values. */
  readonly output: Float32Array;
  /** [hidden] The output through the head's part of the output projection; null where that cannot be told. */
  readonly written: Float32Array | null;
}

export interface LayerInside {
  readonly heads: readonly HeadInside[];
  /** Heads of queries that share one head of keys and values: 1 without grouping (Ainslie et al. 2023, GQA). */
  readonly shared: number;
}

/** One token's way through the layers. */
export interface WordInside {
  /** [hidden] each: what each layer reads. */
  readonly hidden: readonly Float32Array[];
  /** Of what each layer reads, over all tokens of the text. */
  readonly spreads: readonly Spread[];
  /** [layers][heads]: what each head adds, [hidden], or its output where the projection cannot be told. */
  readonly written: readonly (readonly Float32Array[])[];
}

/** The encoder or the whole of a model, or its decoder. */
export type GraphPart = 'model' | 'decoder';

/** What a model takes beside its graphs. */
interface OpenFiles extends Omit<ModelFiles, 'graph' | 'decoder'> {
  /** Weights of the decoder that lie outside its graph. */
  readonly decoderWeights: GraphFile['weights'];
  /** Bytes that a run may take. */
  readonly room: number;
}

export interface Engine {
  /** Starts onnxruntime with the given WASM, packed by gzip. Comes first, once. */
  start(packed: ArrayBuffer): Promise<void>;
  /** Takes a graph of the model to be opened. @returns the files that hold its weights, as it names them */
  graph(part: GraphPart, bytes: Uint8Array<ArrayBuffer>): Promise<readonly string[]>;
  /**
   * Plans and rewrites those graphs and makes their sessions; replaces the model opened before. `reads`: what it is opened
   * for; a model of text and images is one or the other at a time.
   */
  open(files: OpenFiles, reads?: Medium): Promise<ModelInfo>;
  /** Tokenises a text, or two as sentence A and B; what does not fit the context is left out and shows in `covered`. */
  read(text: string, second?: string | null): Promise<Reading>;
  /** Takes the bytes of an image file apart, as the model was trained to see it. */
  see(bytes: Uint8Array): Promise<ImageReading>;
  /** One pass through every layer. `key` names the run for `matrix`; the runs of one text are kept, until the next. */
  run(
    text: number,
    key: string,
    fed: Fed,
    mask: Mask,
    experiment?: Experiment,
    /** What the decoder of an encoder-decoder is given. */
    target?: readonly number[] | null,
  ): Promise<Run>;
  /**
   * One matrix of a run, of f32 weights. Null where the run is no longer kept: run again. What is made of all layers comes
   * layer by layer, so that others can be answered between: `before` is what the layers before `layer` gave.
   */
  matrix(
    key: string,
    kind: SiteKind,
    of: Single,
    layer?: number,
    before?: Matrix | null,
  ): Promise<Matrix | null>;
  /** The overview of a run, or of a part of it, redrawn, layer by layer likewise. Null where the run is no longer kept. */
  redrawn(
    key: string,
    kind: SiteKind,
    redraw: Redraw,
    layer: number,
    before: Overview | null,
    part: Part | null,
  ): Promise<Overview | null>;
  /** A text as the decoder of an encoder-decoder reads it: after its start token, less the one that ends it. */
  readTarget(text: string): Promise<Target>;
  /** What an encoder-decoder writes next, greedily; null where the text ends. */
  next(fed: Fed, written: readonly number[]): Promise<number | null>;
  /** The text of what it wrote. */
  written(ids: readonly number[]): Promise<Target>;
  /** What the heads of a layer are fed and give for one query. `target`: what the decoder of an encoder-decoder is given. */
  layer(
    fed: Fed,
    mask: Mask,
    layer: number,
    token: number,
    kind?: SiteKind,
    target?: readonly number[] | null,
  ): Promise<LayerInside>;
  /** One token's way through the layers: of an encoder-decoder, of its encoder. */
  word(fed: Fed, mask: Mask, token: number): Promise<WordInside>;
  /** f32 [heads, keys] a layer: the length of what each key hands over, through the output projection where it can be told. */
  valueLengths(
    fed: Fed,
    mask: Mask,
    experiment?: Experiment,
    kind?: SiteKind,
    target?: readonly number[] | null,
  ): Promise<Lengths>;
  /** What onnxruntime has held of the CPU's memory since the worker began; null before that is started. */
  heap(): Promise<Heap | null>;
}

/** An error whose message is one sentence that a person can act on; anything else is a fault of ours. */
export class EngineError extends Error {
  override readonly name: string = 'EngineError';
}

/** The model reads images, and was given a text: an image can be chosen. */
export class ImageWanted extends EngineError {
  override readonly name = 'ImageWanted';
}
