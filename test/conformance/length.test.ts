/** Exports of one length, which the file states and may overstate: it is a sentence before anything is run. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as ort from 'onnxruntime-web/wasm';
import { EngineError, MOST_TOKENS } from '../../webview/engine/engine';
import { openModel } from '../../webview/engine/model';
import { attention, buildModel, INT64, type NodeLine, weights } from './graph';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';
// What the build sets for each worker.
Object.assign(globalThis, { HEADLIGHT_WEBGPU: false });

/** One layer over a table of words. */
function opened(length: number | string, room?: number) {
  // A mask to be looked for, so that there is something to probe.
  const layer = attention([
    ['shape', 'Shape', ['scores']],
    ['ones', 'ConstantOfShape', ['shape']],
    ['lower', 'Trilu', ['ones'], { upper: 0 }],
    ['masked', 'Add', ['scores', 'lower']],
  ]);
  const table: NodeLine = ['x', 'Gather', ['words', 'input_ids']];
  const graph = buildModel({
    inputs: { input_ids: [INT64, 1, length] },
    outputs: ['y'],
    nodes: [table, ...layer.nodes],
    weights: { ...layer.weights, words: weights(16 * 4, 9) },
    dims: { ...layer.dims, words: [16, 4] },
  }).slice();
  return openModel(
    {
      ...{ graph, weights: [], decoder: null },
      ...{ config: '{}', tokenizerConfig: '{}', preprocessor: '{}' },
      tokenizer: readFileSync('test/fixtures/models/tiny-gpt2/tokenizer.json', 'utf8'),
    },
    'text',
    room,
  );
}

/** What runs is made by one function of onnxruntime. */
async function sessionsOf(opening: () => Promise<unknown>): Promise<number> {
  const { create } = ort.InferenceSession;
  let count = 0;
  const counted = (...given: Parameters<typeof create>) => (count++, create(...given));
  Object.assign(ort.InferenceSession, { create: counted });
  try {
    await opening();
  } finally {
    Object.assign(ort.InferenceSession, { create });
  }
  return count;
}

test('a length that no run can have is a sentence before the first run', async () => {
  for (const [length, room] of [
    [MOST_TOKENS + 1, Infinity],
    [1e9, Infinity],
    // Far less memory than so many tokens take.
    [1024, 1e6],
  ] as const) {
    const sessions = await sessionsOf(() =>
      assert.rejects(
        opened(length, room),
        (error) =>
          error instanceof EngineError &&
          error.message.startsWith(
            `This model reads exactly ${length} tokens at once, and Headlight can run it on `,
          ),
      ),
    );
    assert.equal(sessions, 0);
  }
});

test('a length that fits is read', async () => {
  const model = await opened(24);
  assert.equal(model.info.context, 24);
  await model.release();
});
