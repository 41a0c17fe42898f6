/** What Headlight feeds a graph is what PyTorch's own inputs were, for every case whose text is not padded. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { EngineError, untyped } from '../../webview/engine/engine';
import { feederFor } from '../../webview/engine/feeds';
import { planModel, readModel } from '../../webview/onnx';
import { readCase } from './case';
import { casesIn, onDisk } from './disk';

const FIXTURES = process.env.HEADLIGHT_CASES ?? 'test/fixtures/onnx';

describe('feeds', { skip: existsSync(FIXTURES) ? false : 'no cases' }, () => {
  for (const path of casesIn(FIXTURES))
    test(path, async (context) => {
      const { inputs, model, kind } = await readCase(onDisk(path));
      const entries = Object.entries(inputs);
      const filled = entries.some(([name, { dims }]) => /past/.test(name) && !dims.includes(0));
      const padded = inputs.attention_mask?.data.map(Number).includes(0);
      const ids = inputs.input_ids;
      if (!ids || ids.dims[0] !== 1 || filled || padded || kind === 'encoder-decoder' || inputs.pixel_values)
        return context.diagnostic('not one unpadded text');
      const { inputs: declared } = planModel(readModel(model));
      const feed = feederFor(declared, { heads: null, headWidth: null });
      const types = (inputs.token_type_ids ?? inputs.segment_ids)?.data.map(Number);
      const given = untyped(ids.data.map(Number));
      const feeds = feed(Object.keys(inputs), types ? { ...given, types } : given);
      assert.deepEqual(Object.keys(feeds).sort(), Object.keys(inputs).sort());
      for (const [name, { dims, type, data }] of entries) {
        assert.deepEqual([...feeds[name].dims], dims, name);
        assert.equal(feeds[name].type, type);
        assert.deepEqual(Array.from(feeds[name].data as Iterable<number | bigint>, Number), data.map(Number));
      }
    });

  test('an input that nobody knows is named', () => {
    const declared = [{ name: 'mel_spectrum', type: 'float32', dims: [1, 80, 'time'] }];
    assert.throws(
      () => feederFor(declared, { heads: null, headWidth: null })(['mel_spectrum'], untyped([1, 2])),
      (error) => error instanceof EngineError && /cannot fill: mel_spectrum\.$/.test(error.message),
    );
  });

  test('sizes that a graph leaves open come from the config', () => {
    const declared = [
      {
        name: 'past_key_values.0.key',
        type: 'float16',
        dims: ['batch', 'num_heads', 'past_length', 'head_dim'],
      },
      { name: 'past_key_values.0.value', type: 'float32', dims: ['batch * heads', 'past_length', 64] },
      { name: 'past_0', type: 'float32', dims: [2, 'batch', 4, 'past', 16] },
    ];
    const names = declared.map(({ name }) => name);
    const feeds = feederFor(declared, { heads: 3, headWidth: 16 })(names, untyped([1, 2]));
    assert.deepEqual([...feeds['past_key_values.0.key'].dims], [1, 3, 0, 16]);
    assert.deepEqual([...feeds['past_key_values.0.value'].dims], [3, 0, 64]);
    assert.deepEqual([...feeds['past_0'].dims], [2, 1, 4, 0, 16]);
  });
});
