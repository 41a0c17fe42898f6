// Makes nodes and small weights that a file does not have, under names that nothing in it has.
import { FLOAT, INT64, scalarBytes } from './element';
import type { Attribute, Node, Weight } from './model';

/** Values of attributes: whole numbers are ints; a float says so. */
type Attributes = Readonly<Record<string, number | string | readonly number[] | { float: number }>>;

export class Maker {
  readonly nodes: Node[] = [];
  readonly weights: Weight[] = [];
  private readonly known = new Map<string, string>();
  /** Every name that is in use. */
  readonly names: Set<string>;
  private readonly next = new Map<string, number>();

  /** `opset`: of the default domain, which says how axes are given. */
  constructor(
    taken: Iterable<string>,
    readonly opset: number,
  ) {
    this.names = new Set(taken);
  }

  /** A name that nothing in the model has. */
  name(wanted: string): string {
    let name = wanted;
    let next = this.next.get(wanted) ?? 1;
    while (this.names.has(name)) name = `${wanted}_${next++}`;
    this.next.set(wanted, next);
    this.names.add(name);
    return name;
  }

  /** Adds a node of one output, and returns the output's name: `output`, or a new one. */
  node(op: string, inputs: readonly string[], attributes: Attributes = {}, output?: string): string {
    const name = output ?? this.name(`headlight_${op.toLowerCase()}`);
    const made = Object.entries(attributes).map(([key, value]): [string, Attribute] => {
      if (typeof value === 'number') return [key, { number: value, range: null }];
      if (typeof value === 'string') return [key, { text: value, range: null }];
      return [key, 'float' in value ? { ...value, range: null } : { numbers: value, range: null }];
    });
    const attribute = new Map(made);
    this.nodes.push({ op, domain: '', inputs, outputs: [name], captures: [], attributes: attribute });
    return name;
  }

  /** A weight of one element and no axes; null for an element type that cannot hold it. */
  scalar(type: number, value: number): string | null {
    const bytes = scalarBytes(type, value);
    return bytes && this.weight(`${type} ${value}`, 'number', type, [], bytes);
  }

  /** A vector of int64: shapes, axes, places. */
  ints(values: readonly number[]): string {
    const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    return this.weight(`[${values.join()}]`, 'numbers', INT64, [values.length], bytes);
  }

  /** A vector of float32. */
  floats(values: readonly number[]): string {
    const bytes = new Uint8Array(Float32Array.from(values).buffer);
    return this.weight(`floats ${values.join()}`, 'numbers', FLOAT, [values.length], bytes);
  }

  /** The length of one axis, as a vector of one. */
  length(tensor: string, axis: number): string {
    return this.node('Gather', [this.node('Shape', [tensor]), this.ints([axis])], { axis: 0 });
  }

  /** [a, b, ...] of numbers and of vectors by name. */
  shape(...parts: readonly (number | string)[]): string {
    if (parts.every((part) => typeof part === 'number')) return this.ints(parts as number[]);
    const names = parts.map((part) => (typeof part === 'number' ? this.ints([part]) : part));
    return this.node('Concat', names, { axis: 0 });
  }

  /** In a shape, 0 keeps the axis as it is and -1 takes what is left. */
  reshape(tensor: string, ...shape: readonly (number | string)[]): string {
    return this.node('Reshape', [tensor, this.shape(...shape)]);
  }

  transpose(tensor: string, perm: readonly number[]): string {
    return this.node('Transpose', [tensor], { perm });
  }

  /** Of one axis, what lies in [from, to); both are numbers or vectors of one. */
  slice(tensor: string, axis: number, from: number | string, to: number | string): string {
    const place = (at: number | string) => (typeof at === 'number' ? this.ints([at]) : at);
    return this.node('Slice', [tensor, place(from), place(to), this.ints([axis])]);
  }

  unsqueeze(tensor: string, axis: number, output?: string): string {
    if (this.opset < 13) return this.node('Unsqueeze', [tensor], { axes: [axis] }, output);
    return this.node('Unsqueeze', [tensor, this.ints([axis])], {}, output);
  }

  cast(tensor: string, to: number, output?: string): string {
    return this.node('Cast', [tensor], { to }, output);
  }

  private weight(key: string, wanted: string, type: number, dims: number[], bytes: Uint8Array): string {
    let name = this.known.get(key);
    if (name === undefined) {
      name = this.name(`headlight_${wanted}`);
      this.known.set(key, name);
      this.weights.push({ name, type, dims, range: bytes, raw: null, external: false });
    }
    return name;
  }
}
