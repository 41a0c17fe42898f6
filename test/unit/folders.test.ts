/** How model folders are laid out: variants, pairs, sizes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isPart, looseWeights, variantName, variantsOf } from '../../src/models/layout';

const files = (...paths: string[]) => paths.map((path, i) => ({ path, size: 10 ** i }));
const graphs = (...paths: string[]) => variantsOf(files(...paths)).map((variant) => variant.graphs);

test('as transformers.js lays them out: one model a precision, the plain one first', () => {
  const variants = variantsOf(
    files('config.json', 'onnx/model_q4.onnx', 'onnx/model.onnx', 'onnx/model_fp16.onnx', 'tokenizer.json'),
  );
  assert.deepEqual(
    variants.map((variant) => [variantName(variant.graphs), variant.bytes]),
    [
      ['', 100],
      ['fp16', 1000],
      ['q4', 10],
    ],
  );
});

test('weights beside a graph count with it, and with no other', () => {
  const [plain, half] = variantsOf(
    files(
      'onnx/model.onnx',
      'onnx/model.onnx_data',
      'onnx/model.onnx_data_1',
      'onnx/model_fp16.onnx',
      'onnx/x.bin',
    ),
  );
  assert.deepEqual(
    plain!.files.map(({ path }) => path),
    ['onnx/model.onnx', 'onnx/model.onnx_data', 'onnx/model.onnx_data_1'],
  );
  assert.deepEqual(
    half!.files.map(({ path }) => path),
    ['onnx/model_fp16.onnx'],
  );
});

test('what lies beside a graph under a name of its own may be its weights', () => {
  const all = files(
    ...['config.json', 'README.md', 'pytorch_model.bin', 'model.safetensors', 'weights.bin'],
    ...['odd/graph.onnx', 'odd/weights.bin', 'odd/layer.0.attn.weight', 'odd/LICENSE', 'odd/export.log'],
    ...['odd/other.onnx', 'odd/other.onnx_data'],
  );
  const [graph, other] = variantsOf(all);
  const loose = ['odd/weights.bin', 'odd/layer.0.attn.weight'];
  for (const variant of [graph!, other!])
    assert.deepEqual(
      looseWeights(variant, all).map(({ path }) => path),
      loose,
    );
});

test('an encoder and a decoder are one model; a decoder alone is one; one that needs a past is none', () => {
  assert.deepEqual(
    graphs(
      'onnx/encoder_model.onnx',
      'onnx/decoder_model.onnx',
      'onnx/decoder_model_merged.onnx',
      'onnx/decoder_with_past_model.onnx',
      'onnx/encoder_model_quantized.onnx',
      'onnx/decoder_model_merged_quantized.onnx',
    ),
    [
      { encoder: 'onnx/encoder_model.onnx', decoder: 'onnx/decoder_model.onnx' },
      { encoder: 'onnx/encoder_model_quantized.onnx', decoder: 'onnx/decoder_model_merged_quantized.onnx' },
    ],
  );
  assert.deepEqual(graphs('decoder_model_merged.onnx', 'decoder_with_past_model.onnx'), [
    { model: 'decoder_model_merged.onnx' },
  ]);
  assert.deepEqual(graphs('decoder_with_past_model.onnx'), []);
});

test('a name is not taken for a role that it only begins like', () => {
  assert.deepEqual(graphs('encoder_models.onnx', 'decoder_modeling.onnx'), [
    { model: 'decoder_modeling.onnx' },
    { model: 'encoder_models.onnx' },
  ]);
});

test('of 10,000 odd folders: each graph is in at most one model, and no model holds a file twice or one not there', () => {
  const names = [
    'model',
    'encoder_model',
    'decoder_model',
    'decoder_model_merged',
    'decoder_with_past_model',
    'x',
  ];
  const path = fc
    .tuple(
      fc.constantFrom('', 'onnx/', 'a.b/'),
      fc.constantFrom(...names),
      fc.constantFrom('', '_fp16', '_q4', '_merged'),
      fc.constantFrom('.onnx', '.onnx_data', '.onnx.data', '.ONNX', '.json'),
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 12 }), (paths) => {
      const variants = variantsOf(files(...paths));
      const used = variants.flatMap((variant) => Object.values(variant.graphs));
      assert.equal(new Set(used).size, used.length);
      for (const variant of variants) {
        const own = variant.files.map((file) => file.path);
        assert.equal(new Set(own).size, own.length);
        assert.ok(own.every((one) => paths.includes(one) && !isPart(one)));
        assert.ok(Object.values(variant.graphs).every((graph) => own.includes(graph)));
      }
    }),
    { numRuns: 10_000 },
  );
});
