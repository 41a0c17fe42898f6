/** Files that are no models, or no longer: one clear sentence each, and never anything but an OnnxError. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  findMasks,
  OnnxError,
  planModel,
  probeFeeds,
  probeGraph,
  probeName,
  readModel,
  type Request,
  rewrite,
  type Tensor,
} from '../../webview/onnx';
import { Message } from '../../webview/onnx/wire';
import {
  attention,
  buildGraph,
  buildModel,
  buildWeight,
  FLOAT,
  INT64,
  type NodeLine,
} from '../conformance/graph';

const originals = [
  'nanogpt-dynamo-tril',
  'nanogpt-torchscript-is_causal',
  'qwen3-dynamo-eager-half',
  'traps',
].map((name) => new Uint8Array(readFileSync(`test/fixtures/onnx/${name}/model.onnx`)));

/** And the same without their weights, so that what is changed is nearly always structure. */
const files = [
  ...originals,
  ...originals.slice(0, 3).map((bytes) => {
    const model = readModel(bytes);
    return rewrite(model, planModel(model), { causal: 'none', reason: null, patches: [] }, { logits: true })
      .bytes;
  }),
];

const everything: Request = {
  tensors: (['probabilities', 'scores', 'q', 'k', 'v', 'head_output', 'hidden', 'thumbnails'] as const).map(
    (what) => ({ what }),
  ),
  gates: true,
  scales: true,
};

/** Everything this folder does to a file, with probes made up: their values come from the runtime. */
function goThrough(bytes: Uint8Array): 'read' | 'refused' {
  try {
    const model = readModel(bytes);
    const plan = planModel(model);
    probeFeeds(plan);
    probeGraph(model, plan);
    const size = 5;
    const lower: Tensor = {
      type: 'bool',
      dims: [1, 1, size, size],
      data: Uint8Array.from({ length: size * size }, (_, i) => (i % size <= i / size ? 1 : 0)),
    };
    const masks = findMasks(
      model,
      plan,
      Object.fromEntries(plan.probes.map((_, i) => [probeName(i), lower])),
    );
    rewrite(model, plan, masks, { logits: true });
    rewrite(model, plan, masks, everything);
    return 'read';
  } catch (error) {
    assert.ok(error instanceof OnnxError, `${(error as Error).stack}`);
    assert.match(error.message, /^[A-Z][^\n\r]{10,300}\.$/);
    return 'refused';
  }
}

test('whole files are read', () => {
  for (const bytes of files) assert.equal(goThrough(bytes), 'read');
});

test('truncated anywhere: one sentence', () => {
  fc.assert(
    fc.property(fc.constantFrom(...files), fc.double({ min: 0, max: 1, noNaN: true }), (bytes, part) => {
      goThrough(bytes.subarray(0, Math.floor(part * (bytes.length - 1))));
    }),
    { numRuns: 200 },
  );
  // Cut inside the graph, which is nearly all of the file, it is always noticed.
  for (const bytes of files) assert.equal(goThrough(bytes.subarray(0, bytes.length >> 1)), 'refused');
});

test('bytes changed anywhere: read, or one sentence', () => {
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    to: fc.integer({ min: 0, max: 255 }),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...files),
      fc.array(change, { minLength: 1, maxLength: 12 }),
      (bytes, changes) => {
        const damaged = bytes.slice();
        for (const { at, to } of changes) damaged[Math.floor(at * (bytes.length - 1))] = to;
        goThrough(damaged);
      },
    ),
    { numRuns: 500 },
  );
});

test('a piece left out, doubled or moved: read, or one sentence', () => {
  const place = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.constantFrom(...files), place, place, place, (bytes, first, second, third) => {
      const [a, b, c] = [first, second, third].sort().map((part) => Math.floor(part * bytes.length));
      goThrough(Uint8Array.from([...bytes.subarray(0, a), ...bytes.subarray(b)]));
      goThrough(Uint8Array.from([...bytes.subarray(0, b), ...bytes.subarray(a)]));
      goThrough(Uint8Array.from([...bytes.subarray(0, a), ...bytes.subarray(b, c), ...bytes.subarray(a, b)]));
    }),
    { numRuns: 60 },
  );
});

test('any bytes: read, or one sentence', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      goThrough(bytes);
    }),
    { numRuns: 500 },
  );
});

const refused: Record<string, [bytes: () => Uint8Array, sentence: RegExp]> = {
  'an empty file': [() => new Uint8Array(), /^The model file is empty\.$/],
  'a web page': [
    () => text('<!DOCTYPE html><html><body>404</body></html>'),
    /^This is not an ONNX model|truncated/,
  ],
  'a pointer of Git LFS': [
    () => text('version https://git-lfs.github.com/spec/v1\noid sha256:0'),
    /not an ONNX|truncated/,
  ],
  'nothing but a version': [
    () => new Message().number(1, 9).finish(),
    /^This is not an ONNX model: it holds no graph\.$/,
  ],
  'a node that reads what it makes': [
    () => graph([['a', 'Add', ['x', 'a']]], 'a'),
    /^The file is damaged: its node for "a" depends on itself\.$/,
  ],
  'a cycle': [
    () =>
      graph(
        [
          ['a', 'Add', ['x', 'c']],
          ['b', 'Neg', ['a']],
          ['c', 'Neg', ['b']],
        ],
        'c',
      ),
    /^The file is damaged: its node for "a" depends on itself\.$/,
  ],
  'a tensor made twice': [
    () =>
      graph(
        [
          ['a', 'Neg', ['x']],
          ['a', 'Abs', ['x']],
        ],
        'a',
      ),
    /^The file is damaged: the tensor "a" is made twice\.$/,
  ],
  'a tensor made by nothing': [
    () => graph([['a', 'Add', ['x', 'ghost']]], 'a'),
    /nothing in it makes the tensor "ghost"/,
  ],
  'an output made by nothing': [
    () => graph([['a', 'Neg', ['x']]], 'b'),
    /nothing in it makes its output "b"/,
  ],
  'a weight of 10 GB in a few bytes': [
    () => weighted(buildWeight('w', Float32Array.of(1), [50000, 50000])),
    /^The file is damaged: the weight "w" should be 10000000000 bytes long and is 4\.$/,
  ],
  'a weight of more elements than there are numbers': [
    () => weighted(buildWeight('w', Float32Array.of(1), [2 ** 40, 2 ** 40])),
    /^The file is damaged: the weight "w" claims the shape 1099511627776 x 1099511627776\.$/,
  ],
  'a graph that claims 10 GB': [
    // Field 7, as bytes, of length 10^10.
    () => Uint8Array.of(0x3a, 0x80, 0xc8, 0xaf, 0xa0, 0x25, 0x0a, 0x00),
    /^The file is truncated or damaged: the model should go on for 10000000000 bytes at byte 6, but 2 are left\.$/,
  ],
  'graphs inside graphs without end': [() => nested(100), /graphs inside graphs/],
};

for (const [name, [bytes, sentence]] of Object.entries(refused))
  test(`refused: ${name}`, () => {
    assert.throws(() => readModel(bytes()), { name: 'OnnxError', message: sentence });
  });

test('bodies nest as deep as any exporter writes them', () => {
  assert.equal(readModel(nested(20)).graph.nodes.length, 1);
});

test('nodes out of order are put in order', () => {
  const model = readModel(
    graph(
      [
        ['c', 'Neg', ['b']],
        ['d', 'Add', ['c', 'a']],
        ['b', 'Neg', ['a']],
        ['a', 'Neg', ['x']],
      ],
      'd',
    ),
  );
  assert.deepEqual(model.graph.nodes.map((node) => node.outputs[0]).join(''), 'abcd');
});

test('thirty thousand nodes in a row and a node with as many inputs exhaust nothing', () => {
  const count = 3e4;
  const nodes: NodeLine[] = [['n0', 'Neg', ['x']]];
  for (let i = 0; i < count; i++) nodes.push([`n${i + 1}`, 'Add', [`n${i}`, 'x']]);
  nodes.push(['all', 'Sum', Array.from({ length: 5 * count }, (_, i) => `n${i % count}`)]);
  const layer = attention([['masked', 'Add', ['scores', 'all']]]);
  const bytes = buildModel({ ...layer, nodes: [...nodes, ...layer.nodes], outputs: ['y'] });
  assert.equal(goThrough(bytes), 'read');
});

test('thousands of softmaxes behind one sum of many exhaust nothing', () => {
  const count = 1e4;
  const layer = attention([['masked', 'Add', ['scores', 'all']]]);
  const nodes: NodeLine[] = [
    ...Array.from({ length: count }, (_, i): NodeLine => [`n${i}`, 'Neg', ['x']]),
    ['all', 'Sum', Array.from({ length: count }, (_, i) => `n${i}`)],
    ...layer.nodes,
    ...Array.from({ length: 1200 }, (_, i): NodeLine[] => [
      [`s${i}`, 'Add', ['scores', 'all']],
      [`p${i}`, 'Softmax', [`s${i}`]],
      [`y${i}`, 'MatMul', [`p${i}`, 'v']],
    ]).flat(),
  ];
  assert.equal(goThrough(buildModel({ ...layer, nodes, outputs: ['y'] })), 'read');
});

test('a shape that claims to have more axes than an array can hold exhausts nothing', () => {
  for (const operator of ['ConstantOfShape', 'Expand', 'Reshape']) {
    const layer = attention([['masked', 'Add', ['scores', 'claimed']]]);
    const inputs = operator === 'ConstantOfShape' ? ['axes'] : ['x', 'axes'];
    const bytes = buildModel({
      ...layer,
      inputs: { ...layer.inputs, axes: [INT64, 2 ** 40] },
      nodes: [['claimed', operator, inputs], ...layer.nodes],
      outputs: ['y'],
    });
    assert.equal(goThrough(bytes), 'read');
  }
});

test('axes that double with every node exhaust nothing', () => {
  const nodes = Array.from({ length: 60 }, (_, i): NodeLine => {
    const before = i === 0 ? 'x' : `a${i - 1}`;
    return [`a${i}`, 'Gather', [before, before]];
  });
  const bytes = buildModel({ inputs: { x: [FLOAT, 2, 2, 2] }, nodes, outputs: ['a59'] });
  assert.equal(goThrough(bytes), 'read');
});

test('names in any script are kept', () => {
  const [odd, joined] = ['Größe/注意力', '👩‍🚀 ɣ'];
  const model = readModel(
    buildModel({ inputs: { [odd]: [FLOAT] }, nodes: [[joined, 'Neg', [odd]]], outputs: [joined] }),
  );
  assert.deepEqual([model.graph.nodes[0].inputs, model.graph.nodes[0].outputs], [[odd], [joined]]);
});

test('a graph that comes in two parts is one graph', () => {
  const first = buildModel({ inputs: { x: [FLOAT] }, nodes: [['a', 'Neg', ['x']]], outputs: ['a'] });
  const second = new Message().message(
    7,
    buildGraph({ inputs: {}, nodes: [['b', 'Neg', ['a']]], outputs: ['b'] }),
  );
  const model = readModel(Uint8Array.from([...first, ...second.finish()]));
  assert.deepEqual(
    model.graph.outputs.map(({ name }) => name),
    ['a', 'b'],
  );
});

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

function graph(nodes: NodeLine[], output: string): Uint8Array {
  return buildModel({ inputs: { x: [FLOAT] }, nodes, outputs: [output] });
}

function weighted(weight: Message): Uint8Array {
  return new Message()
    .number(1, 9)
    .message(8, new Message().number(2, 18))
    .message(7, new Message().message(5, weight))
    .finish();
}

function nested(depth: number): Uint8Array {
  let nodes: NodeLine[] = [['a', 'Neg', ['x']]];
  for (let i = 0; i < depth; i++)
    nodes = [['a', 'If', ['x'], { then_branch: buildGraph({ inputs: {}, nodes, outputs: ['a'] }) }]];
  return graph(nodes, 'a');
}
