/**
 * Every message between the host (the extension) and the page (its webview), both ways. Imports nothing.
 *
 * Messages carry text, offsets and the weights of single rows, never a model; a tensor only as the chunks of a file
 * that someone exports. All offsets are UTF-16 units in the *document* as `TextDocument.offsetAt` counts them, not in
 * the file on disk.
 */

/** A half-open range of document offsets. */
export type Span = readonly [start: number, end: number];

/** Which device runs the model; `auto` starts on WASM and moves to WebGPU where that is measurably faster. */
export type Device = 'auto' | 'wasm' | 'webgpu';

/** The text a request is about, and where it came from. */
export interface Subject {
  /** Grows by one with each request; every later message about this text carries it. */
  readonly id: number;
  readonly text: string;
  /** Document offset of the first character of `text`. */
  readonly offset: number;
  /** Line of the document that it lies in, from 0. */
  readonly line: number;
  /** Another part of the document, to be read with the first as a pair; null for one text. */
  readonly second: SecondText | null;
  /** UTF-16 units the user asked for that follow `text`, or the second, and were not sent; 0 when all is whole. */
  readonly omitted: number;
  readonly origin: Origin;
  /** What is read in place of text, which is then empty; null for a text. */
  readonly image: ImageFile | null;
  /** It follows the selection on from the text before: the head, the pin and the scroll position stay. */
  readonly continues: boolean;
}

/** Sentence B, where the text is sentence A. */
export interface SecondText {
  readonly text: string;
  /** Document offset of its first character; null for a text that was typed, which stands in no document. */
  readonly offset: number | null;
  /** Line of the document that it lies in, from 0; 0 for a typed one. */
  readonly line: number;
}

/** An image as it lies on the disk; what it holds is looked at by the page alone. */
interface ImageFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Enough to find the text again after a reload. The page keeps it, and never looks inside. */
export interface Origin {
  readonly uri: string;
  readonly start: number;
  readonly end: number;
  readonly second: Span | null;
}

/** A file of a model: its path inside the model's folder, with forward slashes, and its size in bytes. */
export interface ModelFile {
  readonly path: string;
  readonly size: number;
}

/** The graphs of a model, by their paths: one, or the two halves of an encoder-decoder. */
export type Graphs = { readonly model: string } | { readonly encoder: string; readonly decoder: string };

/** A model in a folder as Hugging Face lays it out (config.json, tokenizer.json, onnx/model.onnx). */
export interface ModelFolder {
  /** Tells models apart that share a folder or a name. */
  readonly id: string;
  readonly name: string;
  /** Webview URI of the folder, without a slash at its end. */
  readonly base: string;
  /** Which version of the weights it holds; null where nobody knows. */
  readonly revision: string | null;
  /** All that may be read of the folder: the host has looked at each, and what a model names besides is not read. */
  readonly files: readonly ModelFile[];
  readonly graphs: Graphs;
  /** Of its graphs and their weights. */
  readonly bytes: number;
  /** The most that the model and a run of it may take in memory, in bytes. */
  readonly memoryLimit: number;
}

/** A model that can be chosen in the panel. */
export interface ModelChoice {
  readonly id: string;
  readonly name: string;
}

export type ToPage =
  | { readonly type: 'show'; readonly subject: Subject; readonly model: ModelFolder; readonly device: Device }
  /** Run another model on the text that is shown. */
  | { readonly type: 'model'; readonly model: ModelFolder }
  /** What can be chosen, in this order, and which of it runs next, by its id: what a panel without a picture shows. */
  | { readonly type: 'models'; readonly models: readonly ModelChoice[]; readonly next: string }
  /** The caret moved in the document: point at the token that holds this offset; `null`, at none. */
  | { readonly type: 'point'; readonly id: number; readonly offset: number | null }
  /** The document no longer holds the text that is shown. */
  | { readonly type: 'stale'; readonly id: number; readonly why: 'edited' | 'closed' }
  /** Edits have moved the text that is shown: where it would be found again. */
  | { readonly type: 'moved'; readonly id: number; readonly origin: Origin }
  /** Escape in the editor: nothing is pinned or pointed at any more. */
  | { readonly type: 'free' }
  | { readonly type: 'visible'; readonly visible: boolean }
  | { readonly type: 'device'; readonly device: Device }
  | { readonly type: 'toggleMask' }
  /** Whether the panel follows the selection; the host knows, and keeps it as a setting. */
  | { readonly type: 'follows'; readonly on: boolean }
  | { readonly type: 'focus' }
  | Ask
  /** An export was given up: nobody will ask for its other chunks. */
  | { readonly type: 'abandon'; readonly file: number };

export type ToHost =
  /** The page can take messages; it is sent again whenever VS Code makes the page anew. */
  | { readonly type: 'ready' }
  /** A token is pointed at: paint what it attends to. `null` when nothing is. */
  | { readonly type: 'reveal'; readonly id: number; readonly reveal: Reveal | null }
  /** Show the same place again: its text has changed, or the last try failed. */
  | { readonly type: 'again' }
  /** The picture that stands is of this subject and model: a newer one was cancelled or failed, or has come after all. */
  | { readonly type: 'standing'; readonly id: number; readonly model: string }
  /** A model was chosen, by its id; `null` asks for one that is not in the list yet. */
  | { readonly type: 'choose'; readonly model: string | null }
  /** Follow the selection from now on, or no longer. */
  | { readonly type: 'follow'; readonly on: boolean }
  /** The button of the empty panel. */
  | { readonly type: 'begin' }
  /** Ask which image is to be shown. */
  | { readonly type: 'image' }
  | Answer
  | { readonly type: 'log'; readonly level: 'info' | 'error'; readonly line: string };

/** What the host can ask the page, each question by its name: what it says, and what it is answered with. */
export interface Questions {
  /** What of the picture that stands could be exported. */
  readonly exports: { readonly asked: null; readonly answer: Exports };
  /** Make a file of the picture that stands; nothing is computed yet. */
  readonly file: { readonly asked: FileWish; readonly answer: FileOffer };
  /** The file's next bytes, at most 8 MB, counted from 0; null after the last. */
  readonly chunk: {
    readonly asked: { readonly file: number; readonly chunk: number };
    readonly answer: Uint8Array | null;
  };
  /** A token's row as text; null for the one that the panel tells, or told last. */
  readonly row: {
    readonly asked: { readonly format: RowFormat; readonly token: number | null };
    readonly answer: CopiedRow;
  };
  /** Point at the token that holds this offset, and say what it attends to; null where there is no such token. */
  readonly card: {
    readonly asked: { readonly id: number; readonly offset: number };
    readonly answer: Card | null;
  };
  /** What a report says of the page: versions, device and sizes, by name; never text. */
  readonly facts: { readonly asked: null; readonly answer: readonly Fact[] };
}

/** A question carries an id, and always settles. */
export type Ask = {
  readonly [Q in keyof Questions]: {
    readonly type: 'ask';
    readonly question: number;
    readonly name: Q;
    readonly asked: Questions[Q]['asked'];
  };
}[keyof Questions];

/** With what was asked for, or with one sentence that says why not. */
export type Answer = { readonly type: 'answer'; readonly question: number } & (
  { readonly ok: unknown } | { readonly refused: string }
);

/** What stands, and how large its files would be in bytes. */
export interface Exports {
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** What is looked at: "head 5.1", or an average. */
  readonly look: string;
  readonly safetensors: number;
  /** About: numbers have no fixed length there. */
  readonly json: number;
}

export type FileWish = TensorWish | FigureWish;

export interface TensorWish {
  readonly format: 'safetensors' | 'json';
  /** Of Headlight. */
  readonly version: string;
}

export interface FigureWish {
  readonly format: 'svg' | 'png';
  /** What is looked at, or the whole grid. */
  readonly of: 'look' | 'heads';
  readonly theme: 'light' | 'dark';
  /** How wide it is: 85 is a column of a paper, 175 its full width. */
  readonly millimetres: number;
}

export type RowFormat = 'TSV' | 'JSON' | 'Markdown' | 'Python' | 'NumPy';

export interface CopiedRow {
  readonly text: string;
  /** Which row it is, for a person: "token 7 of head 5.1". */
  readonly of: string;
}

export interface FileOffer {
  readonly file: number;
  readonly bytes: number;
  /** Whether that is the size, and not only about the size. */
  readonly exact: boolean;
}

export type Fact = readonly [name: string, value: string];

/** A token as it is written for people, its white space made visible, and where it stands. */
export interface Named {
  readonly name: string;
  readonly place: Span | Elsewhere;
}

/** Where a token is that has no place in the document: `<s>` and `[SEP]` stand for no text; a text can be typed, or written by the model. */
export type Elsewhere = 'no text' | 'second text' | 'target';

/** What the hover card says of a token: its strongest links, strongest first. */
export interface Card extends Named {
  /** What is looked at, as "head 5.1", and under which mask; null for what compares both. */
  readonly look: string;
  readonly mask: string | null;
  /** Whether the links are those that attend to the token, in place of those it attends to. */
  readonly reversed: boolean;
  /** With the f32 values in focus. */
  readonly links: readonly (Named & { readonly weight: number })[];
}

/** One row of attention, strongest first; what weighs nothing is left out. */
export interface Reveal {
  /** Empty where it stands in no document. */
  readonly token: Span;
  readonly spans: readonly Span[];
  /** What each span is attended with, as the model gave it; of two runs the difference, which may be negative. */
  readonly weights: readonly number[];
  /** The same on the scale the panel is drawn with, 0 to 1. */
  readonly strengths: readonly number[];
}

/** What the page keeps across a reload (well under 100 KB; of texts only what was typed in the panel, never weights). */
export interface Kept {
  readonly origin: Origin | null;
  readonly view: unknown;
  /** What is read beside the text. */
  readonly wishes?: unknown;
}

/** One handler for each message: a message without one does not compile. */
export type Handlers<M extends { readonly type: string }> = {
  readonly [T in M['type']]: (message: Extract<M, { readonly type: T }>) => void;
};

/** Calls the handler of a message; anything that is not a known message is ignored. */
export function dispatch<M extends { readonly type: string }>(handlers: Handlers<M>, message: unknown): void {
  const type = (message as M | null)?.type;
  if (typeof type !== 'string' || !Object.hasOwn(handlers, type)) return;
  (handlers[type as M['type']] as (message: M) => void)(message as M);
}
