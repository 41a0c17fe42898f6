// What is kept of an ONNX file: names, types and byte ranges. Weights are never looked at.
// The messages and their field numbers are those of onnx/onnx.proto.
import type { Range } from './wire';

export interface Model {
  /** The whole file. Nothing here copies from it, so it must not change. */
  readonly bytes: Uint8Array;
  readonly irVersion: number;
  /** Opset version by domain; the default domain is ''. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: Graph;
  /** Model-local functions, as `domain.name`, that hold a softmax or a fused attention. */
  readonly attentiveFunctions: readonly string[];
  /** Fields of the ModelProto other than the graph, with their tags, to be written again as they are. */
  readonly rest: readonly Range[];
  /** Files beside this one that hold weights. */
  readonly externalPaths: readonly string[];
  /** Every name of a tensor in the file, so that a new one can be told apart. */
  readonly names: ReadonlySet<string>;
}

export interface Graph {
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<string, Weight>;
  /** Sparse initializers by name, with their tags. */
  readonly sparse: ReadonlyMap<string, Range>;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly values: ReadonlyMap<string, Value>;
}

export interface Node {
  readonly op: string;
  /** '' for ai.onnx. */
  readonly domain: string;
  /** '' stands for an optional input that is not there. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Names that bodies of control flow take from around them. */
  readonly captures: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** Nodes inside bodies, at any depth. */
  readonly inner: readonly Node[];
  readonly range: Range;
}

export interface Attribute {
  /** `i`, where it has one. */
  readonly number?: number;
  /** `s`, where it has one and it is text. */
  readonly text?: string;
  /** `t`, where it has one. */
  readonly tensor?: Weight;
}

/** The head of a TensorProto. */
export interface Weight {
  readonly name: string;
  readonly type: number;
  readonly dims: readonly number[];
  /** The message, without its tag. */
  readonly range: Range;
  /** The elements as little-endian bytes in this file, where they are stored so. */
  readonly raw: Range | null;
  /** The elements lie in another file. */
  readonly external: boolean;
}

/** A ValueInfoProto. A dim is a number, the name of a symbol, or null. */
export interface Value {
  readonly name: string;
  /** Element type, 0 if not said or not a tensor. */
  readonly type: number;
  readonly dims: readonly (number | string | null)[] | null;
  /** The message, without its tag. */
  readonly range: Range;
}
