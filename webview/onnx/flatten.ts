// One flat graph out of whatever an exporter wrapped: local functions are written out where they are called, the
// branch of an If that a condition chooses takes its place, and a Loop or Scan of a known length is unrolled. Only
// control flow that holds attention is touched; the rest runs as it is.
import { BOOL, INT64 } from './element';
import { OnnxError, quoted } from './error';
import { functionKey, type LocalFunction } from './function';
import { isAttentive } from './fused/known';
import { type Given, renameNode } from './graft';
import type { Maker } from './make';
import {
  type Attribute,
  bodiesOf,
  type Closed,
  type Graph,
  type Node,
  type Value,
  type Weight,
} from './model';
import { readInts } from './weight';

/** Files are made that unfold without end; no model has more nodes. */
const MOST_NODES = 100_000;
/** Calls in calls. */
const DEEPEST = 48;
/** More rounds of a loop are no layers. */
const MOST_ROUNDS = 256;

/** The names and nodes of what is copied. */
interface Body {
  readonly nodes: readonly Node[];
  readonly initializers?: ReadonlyMap<string, Weight>;
  readonly values?: ReadonlyMap<string, Value>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * `cached`: the branch to take where an input of the graph decides, as in merged decoders: false reads a text from
 * its start, true goes on from a cache.
 */
export function flatten(
  bytes: Uint8Array,
  graph: Graph,
  functions: ReadonlyMap<string, LocalFunction>,
  make: Maker,
  cached: boolean,
): { graph: Graph; closed: Closed[] } {
  const flattener = new Flattener(bytes, graph, functions, make, cached);
  for (const node of graph.nodes) flattener.place(node, 0);
  const { nodes, initializers, values, closed } = flattener;
  return { graph: { ...graph, nodes, initializers, values }, closed };
}

class Flattener {
  readonly nodes: Node[] = [];
  readonly closed: Closed[] = [];
  readonly initializers: Map<string, Weight>;
  readonly values: Map<string, Value>;
  private placed = 0;
  private readonly makers = new Map<string, Node>();
  private readonly attentive = new Map<LocalFunction, boolean>();

  constructor(
    private readonly bytes: Uint8Array,
    private readonly graph: Graph,
    private readonly functions: ReadonlyMap<string, LocalFunction>,
    private readonly make: Maker,
    private readonly cached: boolean,
  ) {
    this.initializers = new Map(graph.initializers);
    this.values = new Map(graph.values);
    for (const node of graph.nodes) for (const output of node.outputs) this.makers.set(output, node);
  }

  place(node: Node, depth: number): void {
    if (++this.placed > MOST_NODES + this.graph.nodes.length)
      throw new OnnxError('The model unfolds into more nodes than any model has: the file is damaged.');
    const called = this.functions.get(functionKey(node));
    if (called) return this.call(node, called, depth);
    if (node.domain === '' && /^(If|Loop|Scan)$/.test(node.op) && this.holdsAttention(node)) {
      const reason =
        node.op === 'If'
          ? this.branch(node, depth)
          : node.op === 'Loop'
            ? this.loop(node, depth)
            : this.scan(node, depth);
      if (reason === null) return;
      this.closed.push({ what: `the body of ${node.op}`, reason });
    }
    this.push(node);
  }

  private push(node: Node): void {
    this.nodes.push(node);
    for (const output of node.outputs) this.makers.set(output, node);
  }

  private holdsAttention(node: Node, depth = 0): boolean {
    const called = this.functions.get(functionKey(node));
    const inner = bodiesOf(node).flatMap(({ nodes }) => nodes);
    if (!called) return inner.some((one) => isAttentive(one) || this.holdsAttention(one, depth + 1));
    if (depth > DEEPEST) return true; // `call` will say what is wrong
    let known = this.attentive.get(called);
    if (known === undefined) {
      this.attentive.set(called, false);
      known = called.nodes.some((one) => isAttentive(one) || this.holdsAttention(one, depth + 1));
      this.attentive.set(called, known);
    }
    return known;
  }

  private call(node: Node, called: LocalFunction, depth: number): void {
    const given: Given = (name) => node.attributes.get(name) ?? called.defaults.get(name) ?? null;
    this.graft(called, node.inputs, node.outputs, depth, node, given);
  }

  /** Copies `body` here. Names what it makes anew, and hands its outputs on under the names `outputs`. */
  private graft(
    body: Body,
    inputs: readonly string[],
    outputs: readonly string[],
    depth: number,
    node: Node,
    given: Given | null = null,
  ): void {
    if (depth > DEEPEST)
      throw new OnnxError(
        `The file is damaged: its function or body ${quoted(node.op)} leads into itself, ${depth} deep.`,
      );
    const names = new Map<string, string>();
    body.inputs.forEach((name, i) => names.set(name, inputs[i] ?? ''));
    const own = [...(body.initializers?.keys() ?? []), ...body.nodes.flatMap((one) => one.outputs)];
    for (const name of own) if (name !== '') names.set(name, this.make.name(name));
    for (const [name, weight] of body.initializers ?? []) {
      const renamed = names.get(name)!;
      this.initializers.set(renamed, { ...weight, name: renamed });
    }
    for (const [name, value] of body.values ?? []) {
      const renamed = names.get(name);
      if (renamed) this.values.set(renamed, { ...value, name: renamed });
    }
    for (const one of body.nodes) this.place(renameNode(one, names, given), depth + 1);
    body.outputs.forEach((name, i) => {
      if (outputs[i]) this.push(identity(names.get(name) ?? name, outputs[i]));
    });
  }

  /** These three return why it cannot be done, or null when it is. */
  private branch(node: Node, depth: number): string | null {
    const chosen = this.truth(node.inputs[0]);
    if (chosen === null) return 'which branch runs depends on what is computed';
    const body = node.attributes.get(chosen ? 'then_branch' : 'else_branch')?.bodies?.[0];
    if (!body || body.sparse.size > 0) return 'its branch holds sparse weights, or is not there';
    this.graft(bodyOf(body), [], node.outputs, depth, node);
    return null;
  }

  private loop(node: Node, depth: number): string | null {
    const [trips, condition, ...first] = node.inputs;
    const body = node.attributes.get('body')?.bodies?.[0];
    const rounds = trips ? this.whole(trips) : null;
    if (rounds === null) return 'how often it runs depends on what is computed';
    if (!(rounds >= 1 && rounds <= MOST_ROUNDS)) return `it runs ${rounds} times`;
    if (!body || body.sparse.size > 0 || body.inputs.length !== first.length + 2)
      return 'its body is not one that can be unrolled';
    if ((condition && this.truth(condition) !== true) || !goesOn(this.bytes, body)) return 'it may end early';

    const always = this.make.scalar(BOOL, 1)!;
    let states = first;
    const gathered: string[][] = [];
    for (let round = 0; round < rounds; round++) {
      const count = this.make.scalar(INT64, round)!;
      const outputs = body.outputs.slice(1).map((_, i) => this.make.name(`headlight_round_${i}`));
      this.graft(bodyOf(body), [count, always, ...states], ['', ...outputs], depth, node);
      states = outputs.slice(0, first.length);
      gathered.push(outputs.slice(first.length));
    }
    this.handOn(node, states, gathered);
    return null;
  }

  private scan(node: Node, depth: number): string | null {
    const body = node.attributes.get('body')?.bodies?.[0];
    const scanned = node.attributes.get('num_scan_inputs')?.number ?? 0;
    const first = node.inputs.slice(0, node.inputs.length - scanned);
    const elements = node.inputs.slice(first.length);
    for (const name of [
      'scan_input_axes',
      'scan_output_axes',
      'scan_input_directions',
      'scan_output_directions',
    ])
      if (node.attributes.get(name)?.numbers?.some((value) => value !== 0))
        return 'it goes along another axis or backwards';
    if (!body || body.sparse.size > 0 || body.inputs.length !== node.inputs.length || scanned < 1)
      return 'its body is not one that can be unrolled';
    const rounds = elements.map((name) => this.lengthOf(name)).find((length) => length !== null) ?? null;
    if (rounds === null) return 'how often it runs depends on its input';
    if (!(rounds >= 1 && rounds <= MOST_ROUNDS)) return `it runs ${rounds} times`;

    let states = first;
    const gathered: string[][] = [];
    for (let round = 0; round < rounds; round++) {
      const place = this.make.scalar(INT64, round)!;
      const slices = elements.map((name) =>
        this.flushed(() => this.make.node('Gather', [name, place], { axis: 0 })),
      );
      const outputs = body.outputs.map((_, i) => this.make.name(`headlight_round_${i}`));
      this.graft(bodyOf(body), [...states, ...slices], outputs, depth, node);
      states = outputs.slice(0, first.length);
      gathered.push(outputs.slice(first.length));
    }
    this.handOn(node, states, gathered);
    return null;
  }

  /** What a loop leaves behind: its last states, and what each round gave, one after the other. */
  private handOn(node: Node, states: readonly string[], gathered: readonly string[][]): void {
    node.outputs.forEach((output, i) => {
      if (output === '') return;
      if (i < states.length) this.push(identity(states[i], output));
      else
        this.flushed(() => {
          const rows = gathered.map((round) => this.make.unsqueeze(round[i - states.length], 0));
          return this.make.node('Concat', rows, { axis: 0 }, output);
        });
    });
  }

  /** Places what `build` makes. */
  private flushed(build: () => string): string {
    const name = build();
    for (const node of this.make.nodes.splice(0)) this.push(node);
    return name;
  }

  private lengthOf(name: string): number | null {
    const weight = this.initializers.get(name) ?? this.makers.get(name)?.attributes.get('value')?.tensor;
    return weight?.dims[0] ?? null;
  }

  /** A single number that is known without running the graph. */
  private whole(name: string): number | null {
    return constant(this.bytes, name, (one) => this.initializers.get(one) ?? this.makers.get(one) ?? null);
  }

  private truth(name: string): boolean | null {
    const value = constant(this.bytes, name, (one) => {
      if (this.initializers.has(one)) return this.initializers.get(one)!;
      if (this.graph.inputs.some((input) => input.name === one)) return Number(this.cached);
      return this.makers.get(one) ?? null;
    });
    return value === null ? null : value !== 0;
  }
}

/** Follows a number to where it is stored. */
function constant(
  bytes: Uint8Array,
  name: string,
  look: (name: string) => Weight | Node | number | null,
): number | null {
  let negated = false;
  for (let step = 0; step < 64; step++) {
    const found = look(name);
    if (found === null) return null;
    let value: number | null | undefined;
    if (typeof found === 'number') value = found;
    else if ('op' in found) {
      if (found.op === 'Constant') {
        const tensor = found.attributes.get('value')?.tensor;
        value = found.attributes.get('value_int')?.number ?? (tensor && readInts(bytes, tensor)?.[0]);
      } else if (/^(Identity|Cast|Squeeze|Unsqueeze|Reshape|Not)$/.test(found.op)) {
        if (found.op === 'Not') negated = !negated;
        name = found.inputs[0];
        continue;
      }
    } else value = readInts(bytes, found)?.[0];
    if (value === undefined || value === null) return null;
    return negated ? Number(value === 0) : value;
  }
  return null;
}

/** Whether a loop's body never ends it: its condition goes out as it came in, or is true. */
function goesOn(bytes: Uint8Array, { nodes, initializers, outputs, inputs }: Graph): boolean {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const look = (name: string) =>
    name === inputs[1].name ? 1 : (initializers.get(name) ?? makers.get(name) ?? null);
  return outputs.length > 0 && constant(bytes, outputs[0].name, look) === 1;
}

function bodyOf({ nodes, initializers, values, inputs, outputs }: Graph): Body {
  const names = (list: readonly Value[]) => list.map(({ name }) => name);
  return { nodes, initializers, values, inputs: names(inputs), outputs: names(outputs) };
}

function identity(from: string, to: string): Node {
  return {
    op: 'Identity',
    domain: '',
    inputs: [from],
    outputs: [to],
    captures: [],
    attributes: new Map<string, Attribute>(),
  };
}
