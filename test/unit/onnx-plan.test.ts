/** What is found in a graph, by structure, and what is left of it when it is written again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  findMasks,
  halvesOf,
  planModel,
  probeFeeds,
  probeGraph,
  probeName,
  readModel,
  rewrite,
} from '../../webview/onnx';
import type { Masks, Model, Plan, Tensor } from '../../webview/onnx';
import { GraphIndex } from '../../webview/onnx/graph';
import { Message } from '../../webview/onnx/wire';
import {
  attention,
  BOOL,
  buildGraph,
  buildModel,
  buildWeight,
  FLOAT,
  INT64,
  type NodeLine,
  weights,
} from '../conformance/graph';

const none: Masks = { causal: 'none', reason: null, patches: [] };

const plain: NodeLine[] = [['masked', 'Identity', ['scores']]];

function read(described: Parameters<typeof buildModel>[0]): Model {
  return readModel(buildModel(described));
}

/** Names of the tensors shown, for one layer whose nodes after the scores are these. */
function shown(nodes: NodeLine[], opset = 18): string[] {
  const layer = attention([]);
  const front = layer.nodes.slice(0, 5);
  return planModel(read({ ...layer, nodes: [...front, ...nodes], opset, outputs: ['y'] })).sites.map(
    ({ name }) => name,
  );
}

test('shown is what meets the values', () => {
  const softmax: NodeLine = ['p', 'Softmax', ['scores']];
  assert.deepEqual(shown([softmax, ['y', 'MatMul', ['p', 'v']]]), ['p']);
  // The guard of scaled_dot_product_attention.
  const guard: NodeLine[] = [
    ['nan', 'IsNaN', ['p']],
    ['safe', 'Where', ['nan', 'zero', 'p']],
    ['y', 'MatMul', ['safe', 'v']],
  ];
  assert.deepEqual(shown([softmax, ['zero', 'Constant', [], { value: scalar(0) }], ...guard]), ['safe']);
  // Casts at the end only lose digits; a reshape leaves the layout of heads.
  assert.deepEqual(shown([softmax, ['half', 'Cast', ['p'], { to: 10 }], ['y', 'MatMul', ['half', 'v']]]), [
    'p',
  ]);
  assert.deepEqual(shown([softmax, ['flat', 'Transpose', ['p']], ['y', 'MatMul', ['flat', 'v']]]), ['p']);
  assert.deepEqual(shown([softmax, ['dropped', 'Dropout', ['p']], ['y', 'MatMul', ['dropped', 'v']]]), [
    'dropped',
  ]);
});

test('no attention: softmaxes that weigh something else', () => {
  const classes: NodeLine[] = [
    ['logits', 'MatMul', ['v', 'wq']],
    ['p', 'Softmax', ['logits']],
    ['y', 'Identity', ['p']],
  ];
  const pooling: NodeLine[] = [
    ['weight', 'MatMul', ['x', 'wq']],
    ['p', 'Softmax', ['weight']],
    ['y', 'MatMul', ['p', 'v']],
  ];
  const mixing: NodeLine[] = [
    ['p', 'Softmax', ['scores']],
    ['y', 'MatMul', ['p', 'wv']],
  ];
  for (const nodes of [classes, pooling, mixing]) assert.deepEqual(shown(nodes), []);
});

test('weights behind casts, transpositions and halves are still weights', () => {
  const half: NodeLine[] = [
    ['wide', 'Cast', ['wq'], { to: FLOAT }],
    ['turned', 'Transpose', ['wide']],
    ['weight', 'MatMul', ['x', 'turned']],
    ['p', 'Softmax', ['weight']],
    ['y', 'MatMul', ['p', 'v']],
  ];
  assert.deepEqual(shown(half), []);
});

test('a softmax over another axis is none', () => {
  const over = (axis: number | null): NodeLine[] => [
    ['p', 'Softmax', ['scores'], axis === null ? {} : { axis }],
    ['y', 'MatMul', ['p', 'v']],
  ];
  assert.deepEqual(shown(over(1)), []);
  assert.deepEqual(shown(over(2)), ['p']);
  assert.deepEqual(shown(over(null), 13), ['p']);
  // Before opset 13 the default was axis 1, and everything from there on was one row.
  assert.deepEqual(shown(over(null), 12), []);
});

test('attention within windows is named, and what its stack attends to otherwise is not taken for all of it', () => {
  const layer = attention(plain);
  const sentence =
    'Attention that is computed window by window is not shown, because no matrix of tokens by tokens comes of it (once).';
  // Values are met with those before them and behind them, as LongT5 does it.
  const beside: NodeLine[] = [
    ['p', 'Softmax', ['scores']],
    ['padded', 'Pad', ['v', 'around']],
    ['before', 'Slice', ['padded', 'zero', 'last', 'axis']],
    ['behind', 'Slice', ['padded', 'first', 'end', 'axis']],
    ['pieces', 'Concat', ['before', 'behind'], { axis: 1 }],
    ['y', 'MatMul', ['p', 'pieces']],
  ];
  // Scores are written into other places, as Longformer does it.
  const skewed: NodeLine[] = [
    ['empty', 'ConstantOfShape', ['size']],
    ['placed', 'ScatterND', ['empty', 'places', 'scores']],
    ['p', 'Softmax', ['placed']],
    ['y', 'MatMul', ['p', 'v']],
  ];
  const usual: NodeLine[] = [
    ['p', 'Softmax', ['scores']],
    ['y', 'MatMul', ['p', 'v']],
  ];
  const numbers = BigInt64Array.of(0n);
  const given = { ...layer.weights, ...Object.fromEntries(
    ['around', 'zero', 'last', 'axis', 'first', 'end', 'size', 'places'].map((name) => [name, numbers]),
  ) }; // prettier-ignore
  const planned = (...layers: NodeLine[][]) => {
    const nodes = layers.flatMap((after, i) =>
      [...layer.nodes.slice(0, 5), ...after].map(([output, op, inputs, attributes]): NodeLine => {
        const named = inputs.map((name) =>
          name in given ? name : name !== 'x' ? `${name}${i}` : i > 0 ? `y${i - 1}` : name,
        );
        return [`${output}${i}`, op, named, attributes ?? {}];
      }),
    );
    return planModel(read({ ...layer, weights: given, nodes, outputs: [`y${layers.length - 1}`] }));
  };
  for (const windows of [beside, skewed]) {
    const { sites, notes } = planned(windows);
    assert.deepEqual([sites, notes], [[], [sentence]]);
    const mixed = planned(usual, windows);
    assert.deepEqual(mixed.sites, []);
    assert.deepEqual(mixed.notes, [`${sentence} Nor is what the same stack attends to otherwise (once).`]);
  }
  assert.equal(planned(usual, usual).sites.length, 2);
});

test('what no operator takes apart is named, with the reason', () => {
  const model = (op: string) =>
    read({ inputs: { x: [FLOAT] }, nodes: [['a', op, ['x']], ['b', op, ['a']]], outputs: ['b'] }); // prettier-ignore
  assert.deepEqual(planModel(model('LinearAttention')).notes, [
    'The attention in LinearAttention cannot be shown, because it computes no probabilities at all (2 times).',
  ]);
  assert.deepEqual(planModel(model('com.microsoft.PackedAttention')).notes, [
    'The attention in com.microsoft.PackedAttention cannot be shown, because onnxruntime runs it on other devices only (2 times).',
  ]);
});

test('the branch of an If that an input chooses takes its place', () => {
  const layer = attention(plain);
  const body = (output: string, from: string) =>
    buildGraph({ inputs: {}, outputs: [output], nodes: layer.nodes.map(([name, op, inputs, attributes]): NodeLine => [
      name === 'y' ? output : name,
      op,
      inputs.map((input) => (input === 'x' ? from : input)),
      attributes ?? {},
    ]) }); // prettier-ignore
  const bytes = buildModel({
    ...layer,
    inputs: { ...layer.inputs, z: [FLOAT, 'batch', 'tokens', 4], which: [BOOL] },
    nodes: [['out', 'If', ['which'], { then_branch: body('y1', 'z'), else_branch: body('y2', 'x') }]],
    outputs: ['out'],
  });
  for (const [cached, input] of [
    [false, 'x'],
    [true, 'z'],
  ] as const) {
    const model = readModel(bytes, { cached });
    const plan = planModel(model);
    assert.deepEqual(plan.notes, []);
    assert.deepEqual(
      plan.sites.map(({ kind, layer }) => [kind, layer]),
      [['self', 0]],
    );
    assert.deepEqual(rewrite(model, plan, none, { logits: true }).inputs, [input]);
  }
});

test('a branch that the data choose is named', () => {
  const layer = attention(plain);
  const body = buildGraph({ ...layer, inputs: {}, weights: {}, outputs: ['y'] });
  const model = read({
    ...layer,
    inputs: { ...layer.inputs, limit: [FLOAT] },
    nodes: [
      ['which', 'IsNaN', ['limit']],
      ['y0', 'If', ['which'], { then_branch: body, else_branch: body }],
    ],
    outputs: ['y0'],
  });
  assert.deepEqual(model.graph.nodes[1].captures, ['x', 'wq', 'wk', 'wv']);
  assert.deepEqual(planModel(model).notes, [
    'The attention in the body of If cannot be shown, because which branch runs depends on what is computed (once).',
  ]);
});

test('layers are numbered by depth, whatever the order in the file', () => {
  const { plan } = twoLayers();
  assert.deepEqual(
    plan.sites.map(({ layer, kind, name }) => [layer, kind, name]),
    [
      [0, 'self', 'p'],
      [1, 'self', 'p2'],
    ],
  );
});

/** One layer of attention, its tensors named by a suffix, from one stream to another. */
function layer(suffix: string, from: string, keys = from): NodeLine[] {
  return attention(plain).nodes.map(([output, op, inputs, attributes]) => [
    output + suffix,
    op,
    inputs.map((input) =>
      input === 'x' ? (output === 'q' ? from : keys) : input.startsWith('w') ? input : input + suffix,
    ),
    attributes ?? {},
  ]);
}

/** Of an encoder, from x, and a decoder, from z. */
function translator(nodes: readonly NodeLine[], output: string): Model {
  return read({
    ...attention(plain),
    inputs: { x: [FLOAT, 1, 'source', 4], z: [FLOAT, 1, 'target', 4] },
    nodes: [...nodes],
    outputs: [output],
  });
}

test('encoder, decoder and cross attention are told apart', () => {
  const model = translator([...layer('_e', 'x'), ...layer('_d', 'z'), ...layer('_c', 'y_d', 'y_e')], 'y_c');
  const plan = planModel(model);
  assert.deepEqual(
    plan.sites.map(({ kind, name }) => `${kind} ${name}`),
    ['encoder p_e', 'decoder p_d', 'cross p_c'],
  );
  // Lengths differ: each kind has a mask input of its own.
  const rewritten = rewrite(model, plan, none);
  const wheres = readModel(rewritten.bytes).graph.nodes.filter(({ op }) => op === 'Where');
  assert.deepEqual(
    wheres.map(({ inputs }) => inputs[1]),
    ['masked_e', 'masked_d', 'masked_c'],
  );
});

test('an encoder-decoder is cut where the encoder goes across, into two graphs', () => {
  const across = [...layer('_d', 'z'), ...layer('_c', 'y_d', 'states')];
  const model = translator([...layer('_e', 'x'), ['states', 'Tanh', ['y_e']], ...across], 'y_c');
  const halves = halvesOf(model, planModel(model))!;
  const ends = ({ graph }: Model) => [graph.inputs, graph.outputs].map((all) => all.map(({ name }) => name));
  assert.deepEqual(ends(halves.encoder), [['x'], ['states']]);
  assert.deepEqual(ends(halves.decoder), [['states', 'z'], ['y_c']]);
  assert.deepEqual(
    [halves.encoder, halves.decoder].map((half) =>
      planModel(half).sites.map(({ kind, name }) => `${kind} ${name}`),
    ),
    [['self p_e'], ['decoder p_d', 'cross p_c']],
  );
  // What is written of a half declares what it is given.
  const written = readModel(rewrite(halves.decoder, planModel(halves.decoder), none).bytes);
  assert.deepEqual(written.graph.inputs[0].dims?.at(-1), 4);
});

test('what takes more of its encoder than one tensor is not cut', () => {
  const nodes = [
    ...layer('_e', 'x'),
    ...layer('_f', 'y_e'),
    ...layer('_d', 'z'),
    ...layer('_c', 'y_d', 'y_f'),
  ];
  const model = translator([...nodes, ['out', 'Add', ['y_c', 'y_e']]], 'out');
  assert.equal(halvesOf(model, planModel(model)), null);
  const single = twoLayers();
  assert.equal(halvesOf(single.model, single.plan), null);
});

test('what leaves a layer that is alone: its last sum, or the norm of it where sums are normalised', () => {
  const layer = attention(plain);
  const norm = (output: string, input: string): NodeLine => [output, 'LayerNormalization', [input, 'scale']];
  const ends = (queried: string, nodes: NodeLine[]) => {
    const heads = layer.nodes.map(([output, op, inputs, attributes]): NodeLine => [
      output,
      op,
      inputs.map((name) => (name === 'x' ? queried : name)),
      attributes ?? {},
    ]);
    const all: NodeLine[] = [
      norm('n', 'x'),
      ...heads,
      ['o', 'MatMul', ['y', 'wo']],
      ...nodes,
      norm('last', 'z'),
    ];
    const more = { wo: weights(16, 4), wh: weights(16, 5), scale: weights(4, 6) };
    const described = { ...layer, nodes: all, weights: { ...layer.weights, ...more } };
    const dims = { ...layer.dims, wo: [4, 4], wh: [4, 4], scale: [4] };
    return planModel(read({ ...described, dims, outputs: ['last'] })).ends;
  };
  const found = [{ kind: 'self', layer: 1, terms: ['z'] }];
  const before: NodeLine[] = [
    ['a', 'Add', ['x', 'o']],
    norm('m', 'a'),
    ['h', 'MatMul', ['m', 'wh']],
    ['z', 'Add', ['a', 'h']],
  ];
  assert.deepEqual(ends('n', before), found);
  const behind: NodeLine[] = [
    ['s', 'Add', ['x', 'o']],
    norm('a', 's'),
    ['h', 'MatMul', ['a', 'wh']],
    ['t', 'Add', ['a', 'h']],
    norm('z', 't'),
  ];
  assert.deepEqual(ends('x', behind), found);
  const abreast: NodeLine[] = [
    ['h', 'MatMul', ['n', 'wh']],
    ['a', 'Add', ['x', 'o']],
    ['z', 'Add', ['a', 'h']],
  ];
  assert.deepEqual(ends('n', abreast), found);
  assert.deepEqual(ends('n', [['z', 'Add', ['x', 'o']]]), found);
});

test('what leads nowhere is left away', () => {
  const layer = attention(plain);
  const model = read({
    ...layer,
    inputs: { ...layer.inputs, unused: [INT64, 'batch'] },
    nodes: [...layer.nodes, ['logits', 'MatMul', ['y', 'head']], ['loss', 'Neg', ['y']]],
    weights: { ...layer.weights, head: weights(4000, 5), orphan: weights(4, 6) },
    dims: { ...layer.dims, head: [4, 1000] },
    outputs: ['logits', 'loss'],
  });
  const plan = planModel(model);
  const bare = rewrite(model, plan, none);
  const { graph } = readModel(bare.bytes);
  assert.deepEqual(
    graph.nodes.map(({ op }) => op),
    ['MatMul', 'MatMul', 'Transpose', 'MatMul', 'Identity', 'Where', 'Softmax'],
  );
  assert.deepEqual([...graph.initializers.keys()].sort(), ['headlight_number', 'wk', 'wq']);
  assert.deepEqual(bare.inputs, ['x']);
  assert.deepEqual(
    graph.inputs.map(({ name }) => name),
    ['x', 'headlight_allow'],
  );
  assert.deepEqual(bare.maskInputs, [{ kind: 'self', allow: 'headlight_allow', open: null }]);
  const full = rewrite(model, plan, none, { logits: true });
  assert.equal(full.logits, 'logits');
  const outputs = readModel(full.bytes).graph.outputs.map(({ name }) => name);
  assert.deepEqual(outputs, ['p', 'logits']);
});

test('a scale that is made in many steps is told at once, each step using the one before twice', () => {
  const steps = 200;
  const sums = Array.from({ length: steps }, (_, i): NodeLine => [
    `s${i + 1}`,
    i % 2 === 0 ? 'Add' : 'Mul',
    [`s${i}`, `s${i}`],
  ]);
  const layer = attention(plain);
  const scaled = (of: NodeLine[], by: string) => {
    const nodes = layer.nodes.map(([output, op, inputs, attributes = {}]): NodeLine => {
      return [output, op, output === 'scores' ? ['qs', 'kt'] : inputs, attributes];
    });
    const given = { ...layer.weights, s0: Float32Array.of(0.5) };
    const all: NodeLine[] = [...of, ...nodes.slice(0, 1), ['qs', 'Mul', ['q', by]], ...nodes.slice(1)];
    const { sites } = planModel(read({ ...layer, weights: given, nodes: all, outputs: ['y'] }));
    return sites[0].products[0].operands[0].factors;
  };
  const by = `s${steps}`;
  assert.deepEqual(scaled(sums, by), [{ op: 'Mul', by }]);
  // One that what is read has a part in is none, however late that shows.
  const data: NodeLine = ['s1', 'ReduceMax', ['x']];
  assert.deepEqual(scaled([data, ...sums.slice(1)], by), []);
});

test('the output projection is told where nothing but an arrangement lies before it', () => {
  const layer = attention(plain);
  const projection = (between: NodeLine[], from: string) => {
    const nodes: NodeLine[] = [...layer.nodes, ...between, ['out', 'MatMul', [from, 'wo']]];
    const given = { ...layer.weights, wo: weights(16, 4), half: Float32Array.of(0.5) };
    const dims = { ...layer.dims, wo: [4, 4] };
    return planModel(read({ ...layer, weights: given, dims, nodes, outputs: ['out'] })).sites[0].projection;
  };
  const wo = { weight: 'wo', turned: false };
  assert.deepEqual(projection([], 'y'), wo);
  assert.deepEqual(projection([['z', 'Transpose', ['y'], { perm: [0, 1, 2] }]], 'z'), wo);
  // What a head writes is then not its output times its part of the weight (Qwen3-Next gates it by what is read).
  const gate: NodeLine[] = [
    ['g', 'Sigmoid', ['q']],
    ['z', 'Mul', ['y', 'g']],
  ];
  assert.equal(projection(gate, 'z'), null);
  assert.equal(projection([['z', 'Div', ['y', 'half']]], 'z'), null);
});

test('inputs that nothing asked for needs are not there to be fed', () => {
  const { model, plan } = twoLayers();
  const only = (layer: number) =>
    rewrite(model, plan, none, { tensors: [{ what: 'q', layers: [layer] }], gates: true, scales: true });
  const [first, second] = [only(0), only(1)];
  assert.deepEqual([first.maskInputs[0].allow, first.gateInputs, first.scaleInputs], [null, [], []]);
  assert.equal(second.maskInputs[0].allow, 'headlight_allow');
  for (const one of [second.gateInputs, second.scaleInputs])
    assert.deepEqual(
      one.map(({ layer }) => layer),
      [0],
    );
});

test('large weights, also in Constants and in float_data, lie in the original bytes', () => {
  const layer = attention([
    ['bias', 'Constant', [], { value: buildWeight('', weights(1024, 9), [32, 32]) }],
    ['masked', 'Add', ['scores', 'bias']],
  ]);
  const typed = new Float32Array(300).fill(0.5);
  const floats = new Message().number(1, 300).number(2, FLOAT).text(8, 'typed');
  floats.bytes(4, new Uint8Array(typed.buffer));
  const described = {
    ...layer,
    nodes: [...layer.nodes, ['z', 'Add', ['y', 'typed']] as NodeLine],
    outputs: ['z'],
  };
  const bytes = new Message()
    .number(1, 9)
    .message(8, new Message().number(2, 18))
    .message(7, buildGraph(described).message(5, floats))
    .finish();
  const model = readModel(bytes);
  const { bytes: small, external } = rewrite(model, planModel(model), none, { logits: true });
  assert.ok(small.length < 2000);
  assert.equal(external[0].data, bytes);
  const again = readModel(small);
  assert.deepEqual(again.externalPaths, [external[0].path]);
  for (const name of ['bias', 'typed']) assert.ok(again.graph.initializers.get(name)!.external);
  const text = new TextDecoder('latin1').decode(small);
  const offsets = [...text.matchAll(/offset\x12.(\d+)/g)].map(([, digits]) => Number(digits));
  const view = new DataView(bytes.buffer);
  assert.deepEqual(
    offsets.map((offset) => view.getFloat32(offset, true)).sort(),
    [0.5, weights(1, 9)[0]].sort(),
  );
});

test('new names keep clear of the names in the file', () => {
  const layer = attention([
    ['headlight_scores', 'Neg', ['scores']],
    ['headlight_allow', 'Neg', ['headlight_scores']],
    ['masked', 'Neg', ['headlight_allow']],
  ]);
  const model = read({ ...layer, outputs: ['y'] });
  const { maskInputs, bytes } = rewrite(model, planModel(model), none);
  assert.equal(maskInputs[0].allow, 'headlight_allow_1');
  assert.equal(readModel(bytes).graph.nodes.length, 9);
});

test('weights declared as inputs are inputs only where an old file must declare them', () => {
  const declared = (irVersion: number) => {
    const layer = attention(plain);
    const inputs = { ...layer.inputs, wq: [FLOAT, 4, 4] as [number, ...number[]] };
    const model = read({ ...layer, inputs, irVersion, outputs: ['y'] });
    const { bytes, inputs: fed } = rewrite(model, planModel(model), none);
    assert.deepEqual(fed, ['x']);
    return readModel(bytes).graph.inputs.map(({ name }) => name);
  };
  assert.deepEqual(declared(3), ['x', 'wq', 'headlight_allow']);
  assert.deepEqual(declared(9), ['x', 'headlight_allow']);
});

test('the values of a layer wait for its thumbnail, so that no layer keeps its map for the end', () => {
  const { model, plan } = twoLayers();
  const { bytes, outputs } = rewrite(model, plan, none, { tensors: [{ what: 'thumbnails' }] });
  const { graph } = readModel(bytes);
  const index = new GraphIndex(graph);
  const small = index.ancestors([outputs[0].name]);
  const expand = graph.nodes.find(({ op, outputs }) => op === 'Expand' && outputs[0] === 'y')!;
  // Its shape is made of the size of a tensor that the thumbnail alone is made of.
  const sizes = graph.nodes.filter(({ op }) => op === 'Shape').map(({ inputs }) => inputs[0]);
  const waited = [...index.ancestors([expand.inputs[1]])].map((name) => index.maker(name)?.inputs[0] ?? '');
  assert.ok(
    waited.some((name) => sizes.includes(name) && small.has(name) && !index.ancestors(['p']).has(name)),
  );
});

test('what WebGPU computes too roughly or wrongly is named, to stay on the CPU', () => {
  const layer = attention(plain);
  const delicate = (before: NodeLine, channels = 4) => {
    const nodes: NodeLine[] = [before, ...layer.nodes.map(([output, op, inputs]): NodeLine => [
      output,
      op,
      inputs.map((input) => (input === 'x' ? 'z' : input)),
    ])]; // prettier-ignore
    const model = read({
      ...layer,
      nodes,
      weights: { ...layer.weights, w: weights(4 * channels * 3, 5) },
      dims: { ...layer.dims, w: [4, channels, 3] },
      outputs: ['y'],
    });
    return rewrite(model, planModel(model), none).delicate.length;
  };
  assert.equal(delicate(['z', 'Sin', ['x']]), 1);
  assert.equal(delicate(['z', 'Erf', ['x']]), 0);
  for (const [channels, count] of [
    [3, 0],
    [6, 1],
    [8, 0],
    [9, 1],
  ])
    assert.equal(delicate(['z', 'Conv', ['x', 'w']], channels), count, `${channels} channels`);
});

test('a plan is plain data', () => {
  const { plan } = twoLayers();
  assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan);
});

test('probes: the masks of all layers, the probabilities of the first', () => {
  const { model, plan } = twoLayers();
  assert.deepEqual(plan.probes, ['mask', 'bigger', 'p']);
  const { bytes, inputs } = probeGraph(model, plan);
  const { graph } = readModel(bytes);
  assert.deepEqual(
    graph.outputs.map(({ name }) => name),
    ['headlight_probe_0', 'headlight_probe_1', 'headlight_probe_2'],
  );
  assert.ok(!graph.nodes.some(({ outputs }) => outputs[0] === 'p2'));
  assert.deepEqual(inputs, ['x', 'big']);
  const feeds = probeFeeds(plan);
  assert.deepEqual(feeds.x.dims, [1, 7, 4]);
});

test('masks: none, patched, and why not', () => {
  const { model, plan } = twoLayers();
  const size = 4;
  const square = (type: string, value: (query: number, key: number) => number): Tensor => ({
    type,
    dims: [1, size, size],
    data: Float32Array.from({ length: size * size }, (_, i) => value(Math.floor(i / size), i % size)),
  });
  const lower = square('float32', (query, key) => (key > query ? 0 : 0.5));
  const full = square('float32', () => 0.25);
  const added = square('float32', (query, key) => (key > query ? -Infinity : 0));
  const slanted = square('float32', (query, key) => (key > query ? -1e9 : 1 + key - query));
  const find = (...values: Tensor[]) =>
    findMasks(model, plan, Object.fromEntries(values.map((value, i) => [probeName(i), value])));
  assert.deepEqual(find(full, full, full), none);
  assert.deepEqual(find(added, full, lower), {
    causal: 'patched',
    reason: null,
    patches: [{ kind: 'self', tensor: 'mask', form: 'add', type: FLOAT }],
  });
  // Both are causal: the one that the other is made of is patched.
  assert.deepEqual(
    find(added, added, lower).patches.map(({ tensor }) => tensor),
    ['bigger'],
  );
  assert.match(find(slanted, full, lower).reason!, /^its causal mask "mask" is mixed with other numbers/);
  assert.match(find().reason!, /^the model could not be run on a short text/);
  assert.match(find(full, full, lower).reason!, /^the causal mask of layer 0 was not found/);
  // A sign of distances looks like a mask, but nothing is masked by it.
  assert.equal(find(added, full, full).causal, 'none');
});

function scalar(value: number): Message {
  return buildWeight('', Float32Array.of(value));
}

/** Two layers under one mask `mask`, made of an input `big`; the second layer stands first in the file. */
function twoLayers(): { model: Model; plan: Plan } {
  const first = attention([['masked', 'Add', ['scores', 'mask']]]);
  const second = first.nodes.map(([output, op, inputs, attributes]): NodeLine => [
    `${output}2`,
    op,
    inputs.map((input) => (input === 'x' ? 'y' : /^w|mask$/.test(input) ? input : `${input}2`)),
    attributes ?? {},
  ]);
  const model = read({
    ...first,
    inputs: { ...first.inputs, big: [FLOAT, 'tokens', 'tokens'] },
    nodes: [...second, ['mask', 'Mul', ['bigger', 'bigger']], ['bigger', 'Neg', ['big']], ...first.nodes],
    outputs: ['y2'],
  });
  return { model, plan: planModel(model) };
}
