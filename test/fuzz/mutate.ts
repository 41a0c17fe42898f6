// Damages ONNX files with knowledge of their format. The same seed gives the same file.
import { type Branch, branches, copy, type Field, type Kind, write } from './tree';

/** mulberry32: 32 bits of state, good enough to choose damage. */
export class Dice {
  constructor(private state: number) {}

  /** In [0, 1). */
  roll(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(count: number): number {
    return Math.floor(this.roll() * count);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
}

const ODD_NUMBERS = [
  0n,
  1n,
  -1n,
  2n,
  7n,
  127n,
  2n ** 31n,
  2n ** 31n - 1n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  10n ** 10n,
  2n ** 69n,
];
const OPERATORS = [
  'Softmax',
  'MatMul',
  'Einsum',
  'Add',
  'Where',
  'Concat',
  'Slice',
  'Reshape',
  'Transpose',
  'Identity',
  'Constant',
  'If',
  'Loop',
  'Scan',
  'Attention',
  'MultiHeadAttention',
  'GroupQueryAttention',
  'QAttention',
  'LinearAttention',
  'SkipLayerNormalization',
  'BiasSoftmax',
  'Cast',
  'Split',
  'Shape',
  '',
];
const text = new TextEncoder();
const ODD_TEXTS = [
  '',
  'x',
  '\0',
  '\u2028',
  'é',
  '../../etc/passwd',
  'local',
  'com.microsoft',
  'headlight_allow',
  'a'.repeat(100_000),
].map((one) => text.encode(one));
const NO_TEXT = Uint8Array.of(0xff, 0xfe, 0xc0);

/** What is damaged: the tree, or the bytes that are written of it. */
type OfTree = (root: Branch, dice: Dice) => void;
type OfBytes = (bytes: Uint8Array, dice: Dice) => Uint8Array;

const of = (root: Branch, kind: Kind) => branches(root).filter((branch) => branch.kind === kind);
const texts = (branch: Branch, ...numbers: number[]) =>
  branch.fields.filter(({ number, value }) => numbers.includes(number) && value instanceof Uint8Array);
const numbers = (branch: Branch, ...wanted: number[]) =>
  branch.fields.filter(({ number, value }) => wanted.includes(number) && typeof value === 'bigint');

function oneOf<T>(dice: Dice, list: readonly T[], change: (one: T) => void): void {
  if (list.length > 0) change(dice.pick(list));
}

export const treeDamage: Readonly<Record<string, OfTree>> = {
  'a tag of another number'(root, dice) {
    oneOf(dice, dice.pick(branches(root)).fields, (field) => (field.number = 1 + dice.below(30)));
  },
  'a tag of another type'(root, dice) {
    oneOf(dice, dice.pick(branches(root)).fields, (field) => (field.wire = dice.below(8)));
  },
  'a length that is not so'(root, dice) {
    const long = branches(root).flatMap(({ fields }) => fields.filter(({ wire }) => wire === 2));
    oneOf(dice, long, (field) => (field.claimed = dice.pick(ODD_NUMBERS)));
  },
  'a number far off'(root, dice) {
    const all = branches(root).flatMap(({ fields }) =>
      fields.filter(({ value }) => typeof value === 'bigint'),
    );
    oneOf(dice, all, (field) => (field.value = dice.pick(ODD_NUMBERS)));
  },
  'dimensions of a weight'(root, dice) {
    oneOf(dice, of(root, 'tensor'), (tensor) => {
      const dims = numbers(tensor, 1);
      if (dice.roll() < 0.5) oneOf(dice, dims, (dim) => (dim.value = dice.pick(ODD_NUMBERS)));
      else tensor.fields.unshift({ number: 1, wire: 0, value: dice.pick(ODD_NUMBERS) });
    });
  },
  'dimensions of a declaration'(root, dice) {
    oneOf(
      dice,
      of(root, 'dim'),
      (dim) => (dim.fields = [{ number: 1, wire: 0, value: dice.pick(ODD_NUMBERS) }]),
    );
  },
  'an element type'(root, dice) {
    const typed = [
      ...of(root, 'tensor').flatMap((one) => numbers(one, 2)),
      ...of(root, 'tensorType').flatMap((one) => numbers(one, 1)),
    ];
    oneOf(dice, typed, (field) => (field.value = BigInt(dice.below(30))));
  },
  'a node that reads what it makes'(root, dice) {
    oneOf(dice, of(root, 'node'), (node) => {
      const [output] = texts(node, 2);
      if (output) oneOf(dice, texts(node, 1), (input) => (input.value = output.value));
    });
  },
  'a node that reads what is made later'(root, dice) {
    const nodes = of(root, 'node');
    oneOf(dice, nodes, (node) => {
      const [output] = texts(dice.pick(nodes), 2);
      if (output) oneOf(dice, texts(node, 1), (input) => (input.value = output.value));
    });
  },
  'a name twice'(root, dice) {
    const named =
      dice.roll() < 0.5
        ? of(root, 'node').flatMap((node) => texts(node, 2))
        : of(root, 'tensor').flatMap((one) => texts(one, 8));
    oneOf(dice, named, (field) => (field.value = dice.pick(named).value));
  },
  'two texts exchanged'(root, dice) {
    const all = branches(root).flatMap(({ fields }) =>
      fields.filter(({ value }) => value instanceof Uint8Array && value.length < 200),
    );
    oneOf(dice, all, (one) => {
      const other = dice.pick(all);
      [one.value, other.value] = [other.value, one.value];
    });
  },
  'an odd text'(root, dice) {
    const all = branches(root).flatMap(({ fields }) =>
      fields.filter(({ value }) => value instanceof Uint8Array),
    );
    oneOf(dice, all, (field) => (field.value = dice.roll() < 0.2 ? NO_TEXT : dice.pick(ODD_TEXTS)));
  },
  'another operator'(root, dice) {
    oneOf(dice, of(root, 'node'), (node) => {
      const operator = { number: 4, wire: 2, value: text.encode(dice.pick(OPERATORS)) };
      node.fields = [...node.fields.filter(({ number }) => number !== 4), operator];
      if (dice.roll() < 0.3) node.fields.push({ number: 7, wire: 2, value: text.encode('com.microsoft') });
    });
  },
  'an input more or less'(root, dice) {
    oneOf(dice, of(root, 'node'), (node) => {
      const inputs = texts(node, 1);
      if (dice.roll() < 0.5) node.fields = node.fields.filter((field) => field !== dice.pick(inputs));
      else oneOf(dice, inputs, (input) => node.fields.unshift({ ...input }));
    });
  },
  'a field left out'(root, dice) {
    oneOf(dice, dice.pick(branches(root)).fields, (field) => remove(root, field));
  },
  'a field twice'(root, dice) {
    const branch = dice.pick(branches(root));
    oneOf(dice, branch.fields, (field) => branch.fields.push({ ...field }));
  },
  'fields in another order'(root, dice) {
    const branch = dice.pick(branches(root));
    branch.fields = branch.fields
      .map((field) => ({ field, place: dice.roll() }))
      .sort((a, b) => a.place - b.place)
      .map(({ field }) => field);
  },
  'a message in the place of another'(root, dice) {
    const holders = branches(root).flatMap(({ fields }) => fields.filter(({ value }) => isBranch(value)));
    oneOf(dice, holders, (field) => {
      const other = dice.pick(holders).value as Branch;
      const same = dice.roll() < 0.8 && (field.value as Branch).kind !== other.kind;
      if (!same) field.value = copy(other);
    });
  },
  'graphs inside graphs'(root, dice) {
    const [graph] = of(root, 'graph');
    if (!graph) return;
    // A copy: a tree that held itself could not be written.
    let body = copy({
      kind: 'graph',
      fields: graph.fields.filter(({ number }) => number !== 5).slice(0, 12),
    });
    for (let depth = dice.below(45); depth > 0; depth--)
      body = { kind: 'graph', fields: [{ number: 1, wire: 2, value: holding(body, dice) }] };
    oneOf(dice, of(graph, 'node'), (node) =>
      node.fields.push(...holding(body, dice).fields.filter(({ number }) => number > 2)),
    );
  },
  'a function that calls itself'(root, dice) {
    const name = text.encode('Self');
    const call: Branch = {
      kind: 'node',
      fields: [
        { number: 1, wire: 2, value: text.encode('x') },
        { number: 2, wire: 2, value: text.encode('y') },
        { number: 4, wire: 2, value: name },
        { number: 7, wire: 2, value: text.encode('local') },
      ],
    };
    const softmax = {
      ...copy(call),
      fields: copy(call)
        .fields.map((field) =>
          field.number === 4
            ? { ...field, value: text.encode('Softmax') }
            : field.number === 2
              ? { ...field, value: text.encode('z') }
              : field,
        )
        .filter(({ number }) => number !== 7),
    };
    root.fields.push({
      number: 25,
      wire: 2,
      value: {
        kind: 'function',
        fields: [
          { number: 1, wire: 2, value: name },
          { number: 4, wire: 2, value: text.encode('x') },
          { number: 5, wire: 2, value: text.encode('y') },
          { number: 7, wire: 2, value: softmax },
          { number: 7, wire: 2, value: call },
          { number: 10, wire: 2, value: text.encode('local') },
        ],
      },
    });
    oneOf(dice, of(root, 'node'), (node) => {
      node.fields = [
        ...node.fields.filter(({ number }) => number !== 4 && number !== 7),
        { number: 4, wire: 2, value: name },
        { number: 7, wire: 2, value: text.encode('local') },
      ];
    });
  },
  'a weight in another file'(root, dice) {
    oneOf(dice, of(root, 'tensor'), (tensor) => {
      tensor.fields.push({ number: 14, wire: 0, value: 1n });
      const entry = (key: string, value: string): Field => ({
        number: 13,
        wire: 2,
        value: {
          kind: 'entry',
          fields: [
            { number: 1, wire: 2, value: text.encode(key) },
            { number: 2, wire: 2, value: text.encode(value) },
          ],
        },
      });
      if (dice.roll() < 0.8) tensor.fields.push(entry('location', dice.pick(['w', '/etc/passwd', '..', ''])));
      if (dice.roll() < 0.5) tensor.fields.push(entry('offset', dice.pick(['-1', '99999999999', 'x'])));
    });
  },
};

export const byteDamage: Readonly<Record<string, OfBytes>> = {
  'cut off'(bytes, dice) {
    return bytes.slice(0, dice.below(bytes.length));
  },
  'bytes changed'(bytes, dice) {
    for (let count = 1 + dice.below(12); count > 0; count--)
      bytes[dice.below(bytes.length)] = dice.below(256);
    return bytes;
  },
  'a piece left out'(bytes, dice) {
    const from = dice.below(bytes.length);
    const to = from + dice.below(Math.min(5000, bytes.length - from));
    return Uint8Array.from([...bytes.subarray(0, from), ...bytes.subarray(to)]);
  },
  'something behind the end'(bytes, dice) {
    const tail = Uint8Array.from({ length: 1 + dice.below(40) }, () => dice.below(256));
    return Uint8Array.from([...bytes, ...tail]);
  },
};

/** File `seed` of all damaged files: one of `originals`, with one to four kinds of damage. */
export function damaged(originals: readonly Branch[], seed: number): { bytes: Uint8Array; damage: string[] } {
  const dice = new Dice(seed);
  const root = copy(dice.pick(originals));
  const damage: string[] = [];
  for (let count = 1 + dice.below(3); count > 0; count--) {
    const name = dice.pick(Object.keys(treeDamage));
    treeDamage[name](root, dice);
    damage.push(name);
  }
  let bytes = write(root);
  if (dice.roll() < 0.2) {
    const name = dice.pick(Object.keys(byteDamage));
    bytes = byteDamage[name](bytes, dice);
    damage.push(name);
  }
  return { bytes, damage };
}

function isBranch(value: Field['value']): value is Branch {
  return typeof value !== 'bigint' && !(value instanceof Uint8Array);
}

function remove(root: Branch, field: Field): void {
  for (const branch of branches(root)) branch.fields = branch.fields.filter((one) => one !== field);
}

/** A node with a graph in an attribute. */
function holding(graph: Branch, dice: Dice): Branch {
  const body: Branch = {
    kind: 'attribute',
    fields: [
      { number: 1, wire: 2, value: text.encode(dice.pick(['then_branch', 'else_branch', 'body'])) },
      { number: 6, wire: 2, value: graph },
      { number: 20, wire: 0, value: 5n },
    ],
  };
  return {
    kind: 'node',
    fields: [
      { number: 1, wire: 2, value: text.encode('x') },
      { number: 2, wire: 2, value: text.encode('y') },
      { number: 4, wire: 2, value: text.encode(dice.pick(['If', 'Loop', 'Scan'])) },
      { number: 5, wire: 2, value: body },
    ],
  };
}
