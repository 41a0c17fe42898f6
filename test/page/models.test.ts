/** Models from folders: what the page reads of one, its numbers, and changing from one to another. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ModelFolder } from '../../src/protocol';
import { inPanel, modelIn, PanelPage } from './browser';

const folder = 'test/fixtures/models/tiny-gpt2';
const tiny = modelIn(folder);
const half = { ...modelIn(folder, 'onnx/model_fp16.onnx'), name: 'tiny-gpt2 (fp16)' };
const golden = JSON.parse(readFileSync(`${folder}.json`, 'utf8')) as {
  text: string;
  ids: number[];
  layers: number;
  heads: number;
};

/** One row of the golden attention: what `token` attends to. */
function row(mask: 'causal' | 'bidirectional', layer: number, head: number, token: number): Float32Array {
  const bytes = readFileSync(`${folder}.${mask}.f32`);
  const all = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const n = golden.ids.length;
  const start = ((layer * golden.heads + head) * n + token) * n;
  return all.slice(start, start + n);
}

async function assertGolden(panel: PanelPage, mask: 'causal' | 'bidirectional', tolerance = 1e-4) {
  for (let layer = 0; layer < golden.layers; layer++)
    for (let head = 0; head < golden.heads; head++) {
      const name = `Layer ${layer} head ${head}`;
      await panel.page.getByRole('gridcell', { name, exact: true }).click();
      await panel.page.mouse.move(1, 1);
      for (const token of [1, golden.ids.length - 1]) {
        await panel.page.getByRole('listbox', { name: 'Tokens' }).getByRole('option').nth(token).hover();
        await panel.page.waitForSelector(`[role=option].told[data-index="${token}"][data-weight]`);
        const wanted = row(mask, layer, head, token);
        const told = await panel.weights();
        const off = Math.max(...told.map((weight, key) => Math.abs(weight - wanted[key])));
        assert.ok(off <= tolerance, `${mask} ${name}, token ${token}: ${told} is not ${wanted}`);
      }
    }
}

const models = [tiny, half].map(({ id, name }) => ({ id, name }));
const status = (panel: PanelPage) => panel.page.getByRole('status').textContent();
const alertOf = async (panel: PanelPage): Promise<string> => {
  await panel.page.waitForFunction(() => document.querySelector('[role=alert]')!.textContent !== '', null, {
    timeout: 60_000,
  });
  return (await panel.page.locator('[role=alert]').textContent())!;
};

test(
  'a folder whose weights lie in a file of their own: PyTorch’s numbers under both masks',
  inPanel({}, async (panel) => {
    await panel.show(golden.text, { model: tiny });
    assert.match((await status(panel))!, /^tiny-gpt2 · 2 layers × 3 heads +\d+ tokens +causal +WASM/);
    assert.equal((await panel.tokens()).map(({ text }) => text).join(''), golden.text);
    await assertGolden(panel, 'causal');
    await panel.page.getByRole('switch', { name: 'Causal mask' }).click();
    await panel.page.waitForFunction(() =>
      /bidir/.test(document.querySelector('[role=status]')!.textContent!),
    );
    assert.match((await status(panel))!, /bidirectional \(not trained under this mask\)/);
    await assertGolden(panel, 'bidirectional');
  }),
);

test(
  'the box "Model" lists what there is, and changes to what is chosen',
  inPanel({}, async (panel) => {
    await panel.post({ type: 'models', models, next: half.id });
    const box = panel.page.getByRole('combobox', { name: 'Model' });
    await box.filter({ hasText: '(fp16)' }).waitFor();
    await panel.show(golden.text, { model: tiny });
    await box.click();
    const choices = panel.page.locator('vscode-single-select').first().getByRole('option');
    assert.deepEqual(
      (await choices.allTextContents()).map((name) => name.trim()),
      [...models.map(({ name }) => name), 'Open another…'],
    );
    await choices.nth(1).click();
    const asked = async () => (await panel.sent()).filter((message) => message.type === 'choose');
    assert.deepEqual(await asked(), [{ type: 'choose', model: half.id }]);
    // Until the host has answered it is still the other one.
    assert.match((await box.textContent())!, /tiny-gpt2(?! \()/);

    await panel.post({ type: 'model', model: panel.served(half) });
    await panel.page.waitForFunction(() =>
      /fp16/.test(document.querySelector('[role=status]')!.textContent!),
    );
    await panel.settled();
    assert.match((await status(panel))!, /^tiny-gpt2 \(fp16\) · 2 layers/);
    const standing = (await panel.sent()).filter((message) => message.type === 'standing').at(-1);
    assert.deepEqual(standing, { type: 'standing', id: 1, model: half.id });
    await assertGolden(panel, 'causal', 1e-2);

    await box.click();
    await choices.nth(2).click();
    assert.deepEqual((await asked()).at(-1), { type: 'choose', model: null });
  }),
);

/** The graph with its weights elsewhere: a name as long as the one it replaces. */
function withWeightsAt(place: string): Uint8Array {
  assert.equal(place.length, 'model.onnx_data'.length);
  const bytes = readFileSync(`${folder}/onnx/model.onnx`);
  return new Uint8Array(Buffer.from(bytes.toString('latin1').replaceAll('model.onnx_data', place), 'latin1'));
}

for (const place of ['../../etc/passw', '/etc/passwd.bin', 'C:\\secrets.data', 'onnx//data.onnx'])
  test(`weights at ${place} are not read`, async () => {
    const asked: string[] = [];
    const answer = (path: string) => {
      asked.push(path);
      return path.endsWith('model.onnx') ? withWeightsAt(place) : null;
    };
    await inPanel({ answer }, async (panel) => {
      await panel.show(golden.text, { model: tiny, wait: false });
      assert.equal(
        await alertOf(panel),
        'The model tiny-gpt2 keeps weights outside its folder, where nothing is read.',
      );
      assert.ok(
        asked.every((path) => /^\/($|favicon\.ico$|dist\/|test\/fixtures\/models\/tiny-gpt2\/)/.test(path)),
        `${asked}`,
      );
    })();
  });

test(
  'weights that the host did not list are not read, and a file that grew is not taken',
  inPanel({}, async (panel) => {
    const without = { ...tiny, files: tiny.files.filter(({ path }) => !path.endsWith('_data')) };
    await panel.show(golden.text, { model: without, wait: false });
    assert.match(await alertOf(panel), /tiny-gpt2 cannot be opened: onnx\/model.onnx_data cannot be read/);
    const shorter = (model: ModelFolder) => ({
      ...model,
      id: 'shorter',
      files: model.files.map((file) => ({ ...file, size: file.size - 1 })),
    });
    await panel.show(golden.text, { model: shorter(tiny), wait: false });
    assert.match(await alertOf(panel), /cannot be read/);
    await panel.show(golden.text, { model: tiny });
    assert.match((await status(panel))!, /^tiny-gpt2 · 2 layers/);
  }),
);

test(
  'a text whose whole would be too much is not refused: as much as the model reads is read',
  inPanel({}, async (panel) => {
    // A run over all of it would take hundreds of megabytes.
    const small = { ...tiny, id: 'small', memoryLimit: 60e6 + 2 * tiny.bytes + 40e6 };
    await panel.show('to be or not to be '.repeat(1000), { model: small });
    assert.match((await status(panel))!, /\b64 tokens/);
  }),
);

test(
  'more memory than the limit: refused before anything of the model is fetched, and the next model runs',
  inPanel({}, async (panel) => {
    const asked: string[] = [];
    panel.page.on('request', (request) => asked.push(request.url()));
    await panel.show(golden.text, { model: { ...tiny, id: 'large', bytes: 4e9 }, wait: false });
    assert.equal(
      await alertOf(panel),
      'The model tiny-gpt2 would take about 8.1 GB of memory, and may take 3.0 GB: see the setting "headlight.memoryLimit".',
    );
    assert.ok(!asked.some((url) => url.includes('tiny-gpt2')));
    await panel.show(golden.text, { model: tiny });
    // Two layers of three heads over 64 tokens take little; here they may take less.
    const strict = { ...tiny, id: 'strict', memoryLimit: 60e6 + 2 * tiny.bytes + 10_000 };
    await panel.show(golden.text, { model: strict, wait: false });
    assert.match(await alertOf(panel), /would take about \d+ MB of memory, and may take \d+ MB/);
  }),
);
