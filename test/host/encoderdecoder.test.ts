/** An encoder-decoder from a folder: its three attentions in the panel, its target, and what an export of it holds. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../../scripts/npm.mjs';
import { exported, idsOf, isGolden } from './exported';
import { folderWith, PanelView, until } from './panel';
import { openModel } from './tiny';
import { openWorkbench, type Workbench } from './workbench';

const fixture = join(root, 'test/fixtures/models/tiny-bart');
const golden = JSON.parse(readFileSync(`${fixture}.json`, 'utf8')) as {
  source: string;
  target: string;
  ids: number[];
  targetIds: number[];
};
const [n, m] = [golden.ids.length, golden.targetIds.length];
const sizes = { encoder: [n, n], decoder: [m, m], cross: [m, n] } as const;

let folder: string;
let workbench: Workbench;
let panel: PanelView;

before(async () => {
  folder = await folderWith({ 'source.txt': golden.source });
  await cp(fixture, join(folder, 'bart'), { recursive: true });
  workbench = await openWorkbench({ folder });
  panel = new PanelView(workbench);
});
after(async () => {
  await workbench?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Weights that the options of a list have, by its exact name; null where they have none. */
const weights = async (list: string): Promise<number[] | null> => {
  const told = await panel.frame
    .getByRole('listbox', { name: list, exact: true })
    .getByRole('option')
    .evaluateAll((options) => options.map((option) => option.getAttribute('data-weight')));
  return told.length > 0 && told.every((weight) => weight !== null) ? told.map(Number) : null;
};

test('Encoder, Decoder and Cross, read back through Export Attention: PyTorch’s numbers', async () => {
  await workbench.openFile('source.txt');
  await workbench.select(golden.source);
  await panel.show(golden.source);
  await openModel(workbench, 'bart');
  const first = await panel.comes(
    'the encoder',
    ({ busy, status }) => !busy && status.startsWith('bart · encoder, 2 layers × 3 heads'),
  );
  assert.equal(first.tokens.length, n);
  await panel.frame.getByRole('textbox', { name: 'Target text' }).fill(golden.target);
  await panel.frame.getByRole('button', { name: 'Use this text' }).click();
  await panel.comes('the target', ({ busy, status }) => !busy && status.includes(`${n} tokens, ${m} target`));

  const read = await exported(workbench);
  const { tensors } = read;
  assert.deepEqual([...tensors.keys()], ['encoder', 'decoder', 'cross']);
  assert.deepEqual(idsOf(read), golden.ids);
  assert.deepEqual(idsOf(read, 'target_tokens'), golden.targetIds);
  for (const kind of ['encoder', 'decoder', 'cross'] as const)
    assert.deepEqual(tensors.get(kind)!.shape, [2, 3, ...sizes[kind]]);
  await isGolden(read, `${fixture}.causal.f32`);

  // What the panel tells are the numbers of the file.
  const tells = [
    ['Encoder', 'encoder', 'Tokens', 'Tokens', 4],
    ['Decoder', 'decoder', 'Target tokens', 'Target tokens', 3],
    ['Cross', 'cross', 'Target tokens', 'Tokens', 5],
  ] as const;
  for (const [name, kind, from, to, index] of tells) {
    await panel.frame.getByRole('radiogroup', { name: 'Attention' }).getByRole('radio', { name }).click();
    const says = kind === 'cross' ? '· cross-attention, ' : `· ${kind}, `;
    await panel.comes(name, ({ busy, status }) => !busy && status.includes(says));
    await panel.cell(1, 2).click();
    const list = panel.frame.getByRole('listbox', { name: from, exact: true });
    await list.locator(`[data-index="${index}"]`).hover();
    const told = await until(`${name} is told`, () => weights(to));
    const [queries, keys] = sizes[kind];
    const start = (5 * queries + index) * keys;
    const { values } = tensors.get(kind)!;
    told.forEach((weight, key) =>
      assert.ok(Math.abs(weight - values[start + key]!) <= 1e-6, `${name} ${key}`),
    );
    await panel.moveAway();
  }

  await panel.mask.click();
  await panel.comes(
    'the other mask',
    ({ busy, status }) => !busy && status.includes('decoder bidirectional'),
  );
  await isGolden(await exported(workbench), `${fixture}.bidirectional.f32`);
});
