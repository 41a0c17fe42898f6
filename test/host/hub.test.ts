/** Models of the hub, from a server on this machine that speaks its API: downloaded, gated, offline, deleted. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sentences } from '../../src/sentences';
import { type HubModel, TestHub } from '../hub/server';
import { hasNews, type Look, PanelView, takeNews, until } from './panel';
import { equalsGolden, fixture, golden, pick, rows } from './tiny';
import { openWorkbench, type Workbench } from './workbench';

let hub: TestHub;
let workbench: Workbench;
let panel: PanelView;

before(async () => {
  hub = await TestHub.start();
  hub.models.push(
    await fromFixture('owner/tiny', 'c'.repeat(40)),
    await fromFixture('owner/closed', 'd'.repeat(40)),
    await fromFixture('owner/gated', 'f'.repeat(40)),
    await oddlyLaidOut('owner/odd', 'e'.repeat(40)),
  );
  workbench = await openWorkbench();
  panel = new PanelView(workbench);
  // A setting of the machine lies with the server; the user's settings of a window do not reach it.
  const machine = join(workbench.editor.dataDir, 'data', 'Machine');
  await mkdir(machine, { recursive: true });
  await writeFile(join(machine, 'settings.json'), JSON.stringify({ 'headlight.hub.endpoint': hub.endpoint }));
  await workbench.openFile('sentences.txt');
  await workbench.select(golden.text);
  await panel.show(golden.text);
});
after(async () => {
  await workbench?.close();
  await hub?.stop();
});

async function fromFixture(id: string, commit: string): Promise<HubModel> {
  const read = async (paths: readonly string[]) =>
    Object.fromEntries(
      await Promise.all(
        paths.map(async (path) => [path, new Uint8Array(await readFile(join(fixture, path)))] as const),
      ),
    );
  return {
    id,
    commit,
    revisions: ['main'],
    large: await read(['onnx/model.onnx', 'onnx/model.onnx_data', 'onnx/model_fp16.onnx']),
    small: await read(['config.json', 'tokenizer.json', 'tokenizer_config.json']),
  };
}

/** The same two folders further in, its weights under a name that says nothing, on a branch of its own. */
async function oddlyLaidOut(id: string, commit: string): Promise<HubModel> {
  const { large, small } = await fromFixture(id, commit);
  const named = Buffer.from(large['onnx/model.onnx']!).toString('latin1');
  // Of the same length, so that the file's own lengths stay true.
  const graph = new Uint8Array(Buffer.from(named.replaceAll('model.onnx_data', 'weights_all.bin'), 'latin1'));
  return {
    ...{ id, commit, revisions: ['main', 'export-2'], small },
    large: { 'exports/two/graph.onnx': graph, 'exports/two/weights_all.bin': large['onnx/model.onnx_data']! },
  };
}

const cacheFolder = () =>
  join(workbench.editor.dataDir, 'data', 'User', 'globalStorage', 'headlight.headlight', 'hub');
const input = () => workbench.page.locator('.quick-input-widget input');

/** "Open Model..." with a name typed. */
async function openFromHub(id: string): Promise<void> {
  // On a busy machine what was asked last can still take the focus from the list, which is then gone.
  await until(
    'its name is asked for',
    async () => {
      await workbench.command('Headlight: Open Model...');
      const way = rows(workbench).filter({ hasText: sentences.ways.hub });
      await way.waitFor({ timeout: 5_000 });
      await workbench.screenshot('hub-open');
      await way.click({ timeout: 5_000 });
      await workbench.page.getByText(sentences.hub.askForId).waitFor({ timeout: 5_000 });
      return true;
    },
    120,
  );
  await input().first().fill(id);
  await input().first().press('Enter');
}

async function isRefused(sentence: string): Promise<void> {
  await until(`it is said: ${sentence}`, () => hasNews(workbench));
  // What was going on meanwhile may still be shown.
  const said = (await takeNews(workbench)).filter((line) => !line.startsWith('Headlight: '));
  assert.deepEqual(said, [sentence]);
}

const shows = (name: string) => (look: Look) =>
  !look.busy && look.status.startsWith(`${name} · 2 layers × 3 heads`) && look.text === golden.text;

test('by name: sizes are listed before anything is downloaded; then its numbers are PyTorch’s', async () => {
  await openFromHub('owner/tiny');
  await rows(workbench).filter({ hasText: 'onnx/model_fp16.onnx' }).waitFor();
  const listed = (await rows(workbench).allInnerTexts()).map((text) => text.trim());
  assert.deepEqual(listed, ['onnx/model.onnx175 KB', 'onnx/model_fp16.onnx130 KB']);
  assert.ok(
    hub.asked.every(({ url }) => url.startsWith('/api/')),
    'only the list was asked for',
  );
  await pick(workbench, 'onnx/model.onnx');
  await panel.comes('the model of the hub', shows('owner/tiny'));
  await equalsGolden(panel, 'causal');
  const folder = join(cacheFolder(), 'models--owner--tiny');
  assert.deepEqual((await readdir(join(folder, 'snapshots', 'c'.repeat(40), 'onnx'))).sort(), [
    'model.onnx',
    'model.onnx_data',
  ]);
  assert.ok(!hub.asked.some(({ url }) => url.includes('fp16')), 'the other variant was not downloaded');
});

test('what there is none of', async () => {
  await openFromHub('owner/none');
  const { host } = new URL(hub.endpoint);
  await isRefused(sentences.hub.problems['not found']('owner/none', host));
});

async function giveToken(id: string, token: string): Promise<void> {
  await workbench.page.getByText(sentences.hub.tokenFor(id)).waitFor();
  await input().first().fill(token);
  await input().first().press('Enter');
}

test('a gated model, whose files are listed for everyone: the token is asked for before they come', async () => {
  hub.token = 'hf_secret';
  hub.asked.length = 0;
  await openFromHub('owner/gated');
  await pick(workbench, 'onnx/model_fp16.onnx');
  await giveToken('owner/gated', 'hf_secret');
  await panel.comes('the gated model', shows('owner/gated (fp16)'));
  assert.ok(hub.asked.some(({ host }) => host === 'store'));
  for (const { host, authorization } of hub.asked)
    if (host === 'store') assert.equal(authorization, undefined);
});

test('a hub that hides even the list: the token is asked for, kept, and stays with the hub', async () => {
  // What was given before is forgotten.
  await panel.moveAway();
  await workbench.command('Headlight: Manage Models...');
  await workbench.page.locator('.quick-input-titlebar .codicon-key').click();
  await workbench.page.getByText(sentences.hub.tokenPrompt).waitFor();
  await input().first().press('Enter');
  await input().first().waitFor({ state: 'hidden' });
  hub.gated = 'all';
  hub.asked.length = 0;
  await openFromHub('owner/closed');
  await giveToken('owner/closed', 'hf_secret');
  await pick(workbench, 'onnx/model_fp16.onnx');
  await panel.comes('the gated model', shows('owner/closed (fp16)'));
  assert.ok(hub.asked.some(({ host }) => host === 'store'));
  for (const { host, authorization } of hub.asked)
    if (host === 'store') assert.equal(authorization, undefined);
  // Kept: the next one is not asked for. Another file, so that its picture can be told from the one before.
  await openFromHub('owner/closed');
  await pick(workbench, 'onnx/model.onnx');
  await panel.comes('the other file of the same model', shows('owner/closed'));
});

test('on another branch, in a folder further in, its weights under an odd name', async () => {
  await openFromHub('owner/odd');
  await workbench.page
    .locator(`.quick-input-widget input[placeholder="${sentences.hub.chooseRevision}"]`)
    .waitFor();
  await until('its branches are listed', async () => {
    const listed = await rows(workbench).allInnerTexts();
    return listed.join() === 'main,export-2';
  });
  await pick(workbench, 'export-2');
  await rows(workbench).filter({ hasText: 'exports/two/graph.onnx' }).waitFor();
  await pick(workbench, 'exports/two/graph.onnx');
  await panel.comes('the odd model', shows('owner/odd (graph)'));
  await equalsGolden(panel, 'causal');
});

test('cancelled while the branches are asked for: nothing goes on as if the main one had been chosen', async () => {
  hub.fault = ({ url }) => url.endsWith('/refs');
  await openFromHub('owner/odd');
  await until('the branches are asked for', async () => hub.asked.at(-1)?.url.endsWith('/refs'));
  await workbench.page.locator('[id="status.notifications"] a').click();
  await workbench.page
    .locator('.notifications-center.visible')
    .getByRole('button', { name: 'Cancel' })
    // Newest first; that of the files, which are listed already, can still be there.
    .first()
    .click();
  await until('it is said that it was cancelled', async () =>
    (await workbench.notifications()).includes(sentences.hub.problems.cancelled('owner/odd')),
  );
  assert.equal(await rows(workbench).filter({ visible: true }).count(), 0, 'no model is offered');
  await workbench.command('Notifications: Clear All Notifications');
  hub.fault = () => false;
});

test('without the hub what was downloaded is there, also after a reload', async () => {
  await hub.stop();
  await openFromHub('owner/tiny');
  await panel.comes('the model on the disk', shows('owner/tiny'));
  await workbench.reload();
  await panel.comes('the same after the reload', shows('owner/tiny'), 90);
});

/** "Manage Models..." and the bin of a model. */
async function deleteModel(id: string): Promise<void> {
  await workbench.command('Headlight: Manage Models...');
  const row = rows(workbench).filter({ hasText: id });
  await row.waitFor();
  assert.match((await row.textContent())!, new RegExp(`${id}\\s*\\d+ KB`));
  await row.hover();
  await workbench.screenshot('hub-manage');
  await row.locator('.quick-input-list-entry-action-bar .action-label').click();
  await workbench.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Delete' }).click();
}

test('a model that cannot be deleted: it is said, and stays to be chosen', async () => {
  const locks = join(cacheFolder(), '.locks');
  await rm(locks, { recursive: true });
  await writeFile(locks, 'no folder');
  await deleteModel('owner/closed');
  await isRefused(sentences.manage.notDeleted('owner/closed'));
  assert.ok((await readdir(cacheFolder())).includes('models--owner--closed'));
  const offered = panel.frame.locator('vscode-single-select').first().locator('vscode-option');
  assert.ok((await offered.allTextContents()).includes('owner/closed'));
  await rm(locks);
});

test('the manager lists what is there with its size, and deletes it', async () => {
  await deleteModel('owner/tiny');
  await until('it is gone', async () => !(await readdir(cacheFolder())).includes('models--owner--tiny'));
  assert.ok((await readdir(cacheFolder())).includes('models--owner--closed'));
});
