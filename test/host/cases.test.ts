/**
 * Ten conformance cases in the real webview: exports as people make them, opened from folders, and every weight that
 * "Export Attention" writes against PyTorch's, under both masks. The tokenizer is the test's own: the cases state ids.
 */
import assert from 'node:assert/strict';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../../scripts/npm.mjs';
import { type Case, readCase, readFloats } from '../conformance/case';
import { onDisk } from '../conformance/disk';
import { readSafetensors } from '../safetensors';
import { folderWith, type Look, PanelView, saveAs, showAttention, until } from './panel';
import { openModel, pick } from './tiny';
import { openWorkbench, type Workbench } from './workbench';

/** What each stands for. */
const cases = {
  'bert-torchscript-sdpa': 'an encoder that is told types of tokens',
  'gpt2-dynamo-sdpa': 'a decoder of the newer exporter',
  'gpt2-int8': 'int8',
  'qwen2-int4': 'four bits, and queries that share keys',
  'llama-fp16': 'half precision',
  'written-grouped': 'GroupQueryAttention',
  'written-multi-head-packed': 'MultiHeadAttention',
  'written-onnx-attention': 'Attention of ONNX itself',
  'written-function': 'attention in a local function',
  'llama-merged-prefill': 'a decoder with its past, both ways behind an If',
};

const onnx = (name: string) => join(root, 'test/fixtures/onnx', name);
const caseOf = (name: string) => readCase(onDisk(onnx(name)));
/** What the tokenizer makes the case's ids of. */
const wordsOf = ({ inputs }: Case) => inputs['input_ids']!.data.map((id) => `t${id}`);

let folder: string;
let workbench: Workbench;
let panel: PanelView;
/** The text that is shown. */
let shown = '';

before(async () => {
  const stated = await Promise.all(Object.keys(cases).map(caseOf));
  const texts = new Set(stated.map((each) => wordsOf(each).join(' ')));
  folder = await folderWith({ 'cases.txt': [...texts].join('\n') });
  for (const each of stated) await modelFolder(each);
  workbench = await openWorkbench({ folder });
  panel = new PanelView(workbench);
  await workbench.openFile('cases.txt');
});
after(async () => {
  await workbench?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** A folder as the hub has it: the graph, and a tokenizer that gives the word "t7" the id 7 and adds nothing. */
async function modelFolder({ name, heads }: Case): Promise<void> {
  const at = join(folder, name);
  const vocab = Object.fromEntries(Array.from({ length: 48 }, (_, id) => [`t${id}`, id]));
  await mkdir(join(at, 'onnx'), { recursive: true });
  await cp(join(onnx(name), 'model.onnx'), join(at, 'onnx', 'model.onnx'));
  await writeFile(join(at, 'config.json'), JSON.stringify({ num_attention_heads: heads }));
  await writeFile(
    join(at, 'tokenizer.json'),
    JSON.stringify({
      version: '1.0',
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: { type: 'Whitespace' },
      post_processor: null,
      decoder: null,
      model: { type: 'WordLevel', vocab, unk_token: 't0' },
    }),
  );
}

/** Every weight of every head under the mask that is shown. */
async function exportEquals(stated: Case, { causal }: Look): Promise<void> {
  const mask = causal ? 'causal' : 'bidirectional';
  const file = `${stated.name}.${mask}.safetensors`;
  // From the editor: a webview that gets the focus back after the palette may take it from the box that follows.
  await workbench.page.locator('.tab[aria-label^="cases.txt"]').click();
  await workbench.page.locator('.editor-instance .monaco-editor.focused').waitFor();
  await workbench.command('Headlight: Export Attention');
  await pick(workbench, 'Attention as .safetensors');
  await saveAs(workbench, file);
  // It gets its name when it is whole.
  const written = await until(`${file} is there`, () => readFile(join(folder, file)));
  const { metadata, tensors } = readSafetensors(written);
  assert.deepEqual([metadata['model'], metadata['mask']], [stated.name, mask]);
  const { shape, values } = tensors.get('attention')!;
  const n = wordsOf(stated).length;
  assert.deepEqual(shape, [stated.layers, stated.heads, n, n]);
  const golden = await readFloats(
    onDisk(onnx(stated.name)),
    causal === stated.causal ? 'golden.f32' : 'golden_toggled.f32',
  );
  // The layers of a golden file follow each other, as they do in the export.
  assert.deepEqual(
    stated.attention.map(({ layer, offset }) => [layer, offset]),
    Array.from({ length: stated.layers }, (_, layer) => [layer, layer * stated.heads * n * n]),
  );
  assert.equal(values.length, golden.length);
  const worst = values.reduce((most, weight, i) => Math.max(most, Math.abs(weight - golden[i]!)), 0);
  assert.ok(worst <= stated.tolerance, `${mask}: off by ${worst}`);
}

for (const [name, what] of Object.entries(cases))
  test(`${name}: ${what}`, async () => {
    const stated = await caseOf(name);
    const words = wordsOf(stated);
    const text = words.join(' ');
    // Spaces belong to no token of this tokenizer, and to some token of the model that ships.
    const isRead = (look: Look) => !look.busy && look.text.replaceAll(' ', '') === words.join('');
    const isShown = (look: Look) => isRead(look) && look.status.startsWith(`${name} · 2 layers × 4 heads`);
    // By the model before; what is opened next reads it again.
    if (text !== shown) {
      await workbench.toDocuments();
      await workbench.select(text);
      await workbench.command(showAttention);
      await panel.comes('the text', isRead);
      shown = text;
    }
    await openModel(workbench, name);
    const look = await panel.comes('the model', isShown);
    assert.deepEqual(
      look.tokens.map(({ text }) => text),
      words,
    );
    await exportEquals(stated, look);
    await panel.mask.click();
    const other = await panel.comes(
      'the other mask',
      (now) => isShown(now) && now.status.includes(look.causal ? ' bidirectional' : ' causal'),
    );
    assert.equal(other.causal, !look.causal);
    // Only what the model was made with is what it was trained under.
    assert.equal(other.status.includes('not trained under this mask'), other.causal !== stated.causal);
    await exportEquals(stated, other);
  });
