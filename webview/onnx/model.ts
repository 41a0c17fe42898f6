// What is kept of an ONNX file: names, types and byte ranges. Weights are never looked at.
// The messages and their field numbers are those of onnx/onnx.proto.
import type { Range } from './wire';

export interface Model {
  /** The whole file. Nothing here copies from it, so it must not change. */
  readonly bytes: Uint8Array;
  readonly irVersion: number;
  /** Opset version by domain; the default domain is ''. */
  readonly opsets: ReadonlyMap<string, number>;
  /** One flat graph in an order in which it can run, its fused attention taken apart (flatten.ts, decompose.ts). */
  readonly graph: Graph;
  /** What holds attention and could not be opened. */
  readonly closed: readonly Closed[];
  /** Fields of the ModelProto to be written again as they are, with their tags. */
  readonly rest: readonly Range[];
  /** Files beside this one that hold weights. */
  readonly externalPaths: readonly string[];
  /** Every name of a tensor in the file, so that a new one can be told apart. */
  readonly names: ReadonlySet<string>;
}

/** An operator whose attention stays inside, and the reason, which goes on a sentence: "..., because {reason}". */
export interface Closed {
  readonly what: string;
  readonly reason: string;
}

export interface Graph {
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<string, Weight>;
  /** Sparse initializers by name, without their tags. */
  readonly sparse: ReadonlyMap<string, Range>;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly values: ReadonlyMap<string, Value>;
  /** Names that a body takes from around it; none for a whole graph. */
  readonly captures: readonly string[];
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
}

/** One value is set, unless it is of a kind that nothing here looks at. */
export interface Attribute {
  /** `i` */
  readonly number?: number;
  /** `f` */
  readonly float?: number;
  /** `s`, where it is short ASCII. */
  readonly text?: string;
  /** `ints` */
  readonly numbers?: readonly number[];
  /** `t` */
  readonly tensor?: Weight;
  /** `g` or `graphs` */
  readonly bodies?: readonly Graph[];
  /** `ref_attr_name`: in a function, the attribute of its call that gives the value. */
  readonly given?: string;
  /** The message in the file, without its tag; null where the attribute is new or changed. */
  readonly range: Range | null;
}

/** The head of a TensorProto. */
export interface Weight {
  readonly name: string;
  readonly type: number;
  readonly dims: readonly number[];
  /** The message, without its tag; or the elements of a new weight, little-endian. */
  readonly range: Range | Uint8Array;
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
  /** The message, without its tag: in the file, or of a new value. */
  readonly range: Range | Uint8Array;
}

/** The graphs inside a node: bodies of control flow. */
export function bodiesOf({ attributes }: Node): Graph[] {
  return [...attributes.values()].flatMap(({ bodies }) => bodies ?? []);
}
