/** What models and runs take. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mostTokens, openBytes, runBytes } from '../../webview/core/cost';
import { statedDimensions } from '../../webview/core/stated';

test('a config says its dimensions under the names of its architecture', () => {
  const wanted = { layers: 12, heads: 8, width: 768 };
  assert.deepEqual(
    statedDimensions({ num_hidden_layers: 12, num_attention_heads: 8, hidden_size: 768 }),
    wanted,
  );
  assert.deepEqual(statedDimensions({ n_layer: 12, n_head: 8, n_embd: 768 }), wanted);
  assert.deepEqual(statedDimensions({ num_layers: 12, num_heads: 8, d_model: 768 }), wanted);
});

test('what no model is does not count: 10,000 configs that lie', () => {
  const value = fc.oneof(
    fc.integer(),
    fc.double(),
    fc.string(),
    fc.constant(null),
    fc.constant([12]),
    fc.boolean(),
  );
  const config = fc.record({ num_hidden_layers: value, num_attention_heads: value, hidden_size: value });
  fc.assert(
    fc.property(fc.oneof(config, fc.anything()), (given) => {
      const stated = statedDimensions(given);
      if (!stated) return;
      for (const number of Object.values(stated)) assert.ok(Number.isInteger(number) && number > 0);
      assert.ok(Number.isSafeInteger(runBytes(stated, 1024)));
    }),
    { numRuns: 10_000 },
  );
  assert.equal(statedDimensions({ num_hidden_layers: 1e9, num_attention_heads: 8, hidden_size: 768 }), null);
});

test('a run grows with the square of the text, at least by the maps of a layer; a model with its files', () => {
  const small = { layers: 5, heads: 8, width: 256 };
  assert.ok(runBytes(small, 1024) >= 2 * 4 * 8 * 1024 ** 2);
  assert.ok(runBytes(small, 2048) > 3.5 * runBytes(small, 1024));
  assert.equal(openBytes(2e9) - openBytes(1e9), 2e9);
});

test('the most tokens that fit are those whose run fits', () => {
  const some = fc.integer({ min: 1, max: 100 });
  const dimensions = fc.record({ layers: some, heads: some, width: fc.integer({ min: 0, max: 10_000 }) });
  fc.assert(
    fc.property(dimensions, fc.integer({ min: 1e6, max: 4e9 }), (given, bytes) => {
      const most = mostTokens(given, bytes);
      assert.ok(runBytes(given, most) <= bytes * 1.000001 && runBytes(given, most + 1) > bytes * 0.999999);
    }),
  );
});
