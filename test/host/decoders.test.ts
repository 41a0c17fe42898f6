/**
 * Decoders as they are exported to be run fast: fused operators with a cache, and two graphs merged behind a branch;
 * opened from a folder, toggled, and read back through Export Attention. And folders whose graph is broken.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../../scripts/npm.mjs';
import { exported, idsOf, isGolden } from './exported';
import { folderWith, type Look, PanelView, showAttention } from './panel';
import { choose, openModel } from './tiny';
import { openWorkbench, type Workbench } from './workbench';

const cases = join(root, 'test/fixtures/onnx');
const vocabulary = 48;

interface Decoder {
  /** Its folder among the fixtures, and the file it is in a model's folder. */
  readonly fixture: string;
  readonly graph: string;
  /** What makes it hard; its file says so. */
  readonly has: string;
}

const decoders: Record<string, Decoder> = {
  grouped: { fixture: 'written-grouped', graph: 'model.onnx', has: 'GroupQueryAttention' },
  optimised: { fixture: 'gpt2-fused-attention', graph: 'model_optimized.onnx', has: 'com.microsoft' },
  merged: { fixture: 'llama-merged-prefill', graph: 'decoder_model_merged.onnx', has: 'use_cache_branch' },
};

/** The case's ids, as a text of words that each stand for one. */
const idsIn = (fixture: string): number[] =>
  JSON.parse(readFileSync(join(cases, fixture, 'case.json'), 'utf8')).inputs.input_ids.data;
const textOf = (fixture: string): string =>
  idsIn(fixture)
    .map((id) => `w${id}`)
    .join(' ');

let folder: string;
let workbench: Workbench;
let panel: PanelView;

/** A model's folder with a word for each id, and nothing in its config. */
async function modelFolder(name: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, 'onnx'), { recursive: true });
  const vocab = Object.fromEntries(Array.from({ length: vocabulary }, (_, id) => [`w${id}`, id]));
  const tokenizer = {
    ...{ version: '1.0', added_tokens: [], normalizer: null, post_processor: null },
    pre_tokenizer: { type: 'WhitespaceSplit' },
    model: { type: 'WordLevel', vocab, unk_token: 'w0' },
  };
  await writeFile(join(path, 'tokenizer.json'), JSON.stringify(tokenizer));
  await writeFile(join(path, 'config.json'), '{}');
  return join(path, 'onnx');
}

before(async () => {
  const texts = Object.entries(decoders).map(([name, { fixture }]) => [`${name}.txt`, textOf(fixture)]);
  folder = await folderWith(Object.fromEntries(texts));
  for (const [name, { fixture, graph }] of Object.entries(decoders))
    await cp(join(cases, fixture, 'model.onnx'), join(await modelFolder(name), graph));
  const whole = await readFile(join(cases, 'llama-merged-prefill', 'model.onnx'));
  await writeFile(join(await modelFolder('cut'), 'model.onnx'), whole.subarray(0, whole.length / 2));
  await cp(join(cases, 'perceptron', 'model.onnx'), join(await modelFolder('inattentive'), 'model.onnx'));
  workbench = await openWorkbench({ folder });
  panel = new PanelView(workbench);
});
after(async () => {
  await workbench?.close();
  await rm(folder, { recursive: true, force: true });
});

for (const [name, { fixture, graph, has }] of Object.entries(decoders))
  test(`${name}: ${has} in ${graph}, under both masks PyTorch's numbers`, async () => {
    assert.ok(readFileSync(join(folder, name, 'onnx', graph)).includes(has));
    const text = textOf(fixture);
    await workbench.openFile(`${name}.txt`);
    await workbench.select(text);
    await workbench.command(showAttention);
    const words = text.replaceAll(' ', '');
    await panel.comes('the text', ({ busy, text }) => !busy && text.replaceAll(' ', '') === words);
    await openModel(workbench, name);
    const is =
      (mask: string) =>
      ({ busy, status }: Look): boolean =>
        !busy &&
        status.startsWith(name) &&
        status.includes('· 2 layers × 4 heads') &&
        status.includes(` ${mask}`);
    assert.equal((await panel.comes('its picture', is('causal'))).causal, true);
    const read = await exported(workbench);
    assert.deepEqual(idsOf(read), idsIn(fixture));
    await isGolden(read, join(cases, fixture, 'golden.f32'));
    await panel.mask.click();
    await panel.comes('the other mask', is('bidirectional'));
    await isGolden(await exported(workbench), join(cases, fixture, 'golden_toggled.f32'));
    await panel.mask.click();
    await panel.comes('the causal mask again', is('causal'));
    await workbench.toDocuments();
    await workbench.page.locator('.editor-instance .monaco-editor.focused').waitFor();
  });

test('a graph that is cut off, and one without attention: one sentence each, and the picture stays', async () => {
  const { text } = (await panel.look())!;
  for (const [name, says] of [
    ['cut', /\.$/],
    ['inattentive', /^The model has no attention that Headlight can show\./],
  ] as const) {
    await openModel(workbench, name);
    const look = await panel.comes(`a sentence about ${name}`, ({ alert, busy }) => alert !== '' && !busy);
    assert.match(look.alert, says);
    assert.equal(look.text, text);
    await choose(panel, 'merged');
    await panel.comes(
      'what stood before',
      ({ alert, status, busy }) => alert === '' && !busy && status.startsWith('merged'),
    );
  }
});
