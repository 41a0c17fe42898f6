/** What exporters wrap is unwrapped: functions, branches, loops. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OnnxError, planModel, readModel } from '../../webview/onnx';
import {
  attention,
  buildFunction,
  buildGraph,
  buildModel,
  FLOAT,
  INT64,
  type NodeLine,
} from '../conformance/graph';

const layer = attention([['masked', 'Identity', ['scores']]]);
const sitesOf = (bytes: Uint8Array) =>
  planModel(readModel(bytes)).sites.map(({ kind, layer, name }) => `${kind} ${layer} ${name}`);

test('a local function is written out where it is called, each time under names of its own', () => {
  const call = buildFunction('local', 'Layer', ['x', 'wq', 'wk', 'wv'], ['y'], layer.nodes);
  const nodes: NodeLine[] = [
    ['a', 'local.Layer', ['x', 'wq', 'wk', 'wv']],
    ['b', 'local.Layer', ['a', 'wq', 'wk', 'wv']],
  ];
  const bytes = buildModel({ ...layer, nodes, outputs: ['b'], functions: [call] });
  const model = readModel(bytes);
  assert.deepEqual(sitesOf(bytes), ['self 0 p_1', 'self 1 p_2']);
  assert.ok(model.graph.nodes.every(({ domain }) => domain === ''));
});

test('functions call functions, and give them attributes', () => {
  const inner = buildFunction(
    'local',
    'Weigh',
    ['s'],
    ['p'],
    [['p', 'Softmax', ['s'], { axis: { from: 'along' } }]],
  );
  const nodes = layer.nodes.map((node): NodeLine =>
    node[0] === 'p' ? ['p', 'local.Weigh', ['masked'], { along: -1 }] : node,
  );
  const outer = buildFunction('local', 'Layer', ['x', 'wq', 'wk', 'wv'], ['y'], nodes);
  const bytes = buildModel({
    ...layer,
    nodes: [['a', 'local.Layer', ['x', 'wq', 'wk', 'wv']]],
    outputs: ['a'],
    functions: [inner, outer],
  });
  const softmax = readModel(bytes).graph.nodes.find(({ op }) => op === 'Softmax')!;
  assert.equal(softmax.attributes.get('axis')!.number, -1);
  assert.equal(sitesOf(bytes).length, 1);
});

test('a function that leads into itself is refused', () => {
  const call = (name: string, other: string) =>
    buildFunction('local', name, ['x'], ['y'], [['y', `local.${other}`, ['x']]]);
  for (const functions of [[call('A', 'A')], [call('A', 'B'), call('B', 'A')]])
    assert.throws(
      () => readModel(buildModel({ ...layer, nodes: [['y', 'local.A', ['x']]], outputs: ['y'], functions })),
      /^OnnxError: The file is damaged: its function or body "[AB]" leads into itself/,
    );
});

test('functions that unfold without end are refused', () => {
  const twice = (name: string, other: string) =>
    buildFunction('local', name, ['x'], ['y'], [['a', other, ['x']], ['y', other, ['a']]]); // prettier-ignore
  const functions = Array.from({ length: 40 }, (_, i) => twice(`F${i}`, i === 0 ? 'Neg' : `local.F${i - 1}`));
  const bytes = buildModel({ ...layer, nodes: [['y', 'local.F39', ['x']]], outputs: ['y'], functions });
  assert.throws(() => readModel(bytes), OnnxError);
});

test('a loop of a known length is unrolled', () => {
  const body = buildGraph({
    inputs: { i: [INT64], go: [9], h: [FLOAT, 1, 'tokens', 4] },
    nodes: [
      ['go_on', 'Identity', ['go']],
      ...layer.nodes.map(([output, op, inputs, attributes]): NodeLine => [
        output,
        op,
        inputs.map((input) => (input === 'x' ? 'h' : input)),
        attributes ?? {},
      ]),
      ['out', 'Identity', ['p']],
    ],
    outputs: ['go_on', 'y', 'out'],
  });
  const bytes = (trips: string) =>
    buildModel({
      ...layer,
      inputs: { ...layer.inputs, given: [INT64] },
      nodes: [['last, all', 'Loop', [trips, '', 'x'], { body }]],
      weights: { ...layer.weights, three: BigInt64Array.of(3n) },
      outputs: ['last', 'all'],
    });
  assert.equal(sitesOf(bytes('three')).length, 3);
  assert.deepEqual(planModel(readModel(bytes('given'))).notes, [
    'The attention in the body of Loop cannot be shown, because how often it runs depends on what is computed (once).',
  ]);
});

test('a scan over stacked weights is unrolled', () => {
  const body = buildGraph({
    inputs: { h: [FLOAT, 1, 'tokens', 4], wq: [FLOAT, 4, 4], wk: [FLOAT, 4, 4], wv: [FLOAT, 4, 4] },
    nodes: layer.nodes.map(([output, op, inputs, attributes]): NodeLine => [
      output,
      op,
      inputs.map((input) => (input === 'x' ? 'h' : input)),
      attributes ?? {},
    ]),
    outputs: ['y'],
  });
  const stacked = Object.fromEntries(
    Object.entries(layer.weights!).map(([name, data]) => [
      name,
      Float32Array.from([...data, ...data] as number[]),
    ]),
  );
  const bytes = buildModel({
    ...layer,
    nodes: [['last', 'Scan', ['x', 'wq', 'wk', 'wv'], { body, num_scan_inputs: 3 }]],
    weights: stacked,
    dims: { wq: [2, 4, 4], wk: [2, 4, 4], wv: [2, 4, 4] },
    outputs: ['last'],
  });
  assert.equal(sitesOf(bytes).length, 2);
});
