/** On WebGPU, here in software: the same numbers, and the status says which device ran. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { golden } from '../page/golden';
import { changeSettings, folderWith, PanelView, selectAll } from './panel';
import { openWorkbench, type Workbench } from './workbench';

let folder: string;
let workbench: Workbench;
let panel: PanelView;

before(async () => {
  folder = await folderWith({ 'golden.txt': golden('cat').text });
  workbench = await openWorkbench({ folder, webgpu: true, settings: { 'headlight.device': 'webgpu' } });
  panel = new PanelView(workbench);
});
after(async () => {
  await workbench?.close();
  await rm(folder, { recursive: true, force: true });
});

/** A few rows, as PyTorch has them. */
async function equalsGolden(): Promise<void> {
  const expected = golden('cat');
  const [layer, head] = (await panel.look())!.head.split('.').map(Number);
  for (const query of [0, 5, expected.n - 1]) {
    const wanted = expected.row('causal', layer!, head!, query);
    const row = await panel.pointAt(query);
    const off = Math.max(...row.map((weight, key) => Math.abs(weight - wanted[key]!)));
    assert.ok(off < 1e-4, `head ${layer}.${head}, token ${query}: off by ${off}`);
  }
}

test('the setting webgpu runs the model on WebGPU', async () => {
  await workbench.openFile('golden.txt');
  await selectAll(workbench);
  const { status, alert } = await panel.show(golden('cat').text);
  assert.match(status, /WebGPU, \d+ ms$/);
  assert.equal(alert, '');
  await equalsGolden();
});

test('a change of the setting runs it again on WASM', async () => {
  await changeSettings(workbench, { 'headlight.device': 'wasm' });
  await panel.comes('WASM', ({ busy, status }) => !busy && /WASM, \d+ ms( for the last \d+)?$/.test(status));
  await equalsGolden();
});
