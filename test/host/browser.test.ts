/** The browser entry: the package without its Node entry runs in VS Code's worker extension host. */
import assert from 'node:assert/strict';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { workbenchUrl } from '../../scripts/editor.mjs';
import { painted } from './paint';
import { sentences } from '../../src/sentences';
import { assertTiles, hasNews, PanelView, takeNews, until } from './panel';
import { pick, rows } from './tiny';
import { openWorkbench, type Workbench } from './workbench';

const sentence = 'She walked to the bank of the river and sat down';

let workbench: Workbench;
let panel: PanelView;
/** What the package holds, with nothing left in it that Node could run. */
let variant: string;

before(async () => {
  workbench = await openWorkbench();
  panel = new PanelView(workbench);
  const { editor, folder, page } = workbench;
  const extensions = join(editor.dataDir, 'extensions');
  const installed = (await readdir(extensions)).find((name) => name.startsWith('headlight.'))!;
  variant = `${folder}-browser-entry`;
  await cp(join(extensions, installed), variant, { recursive: true });
  const manifest = JSON.parse(await readFile(join(variant, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  assert.equal(manifest.browser, './dist/extension.browser.js');
  delete manifest.main;
  // As it stands VS Code would prefer the host beside the server, where there is nothing to run any more.
  manifest.extensionKind = ['web'];
  await writeFile(join(variant, 'package.json'), JSON.stringify(manifest));
  await rm(join(variant, 'dist', 'extension.js'));
  // An extension under development takes the place of the one installed.
  await page.goto(workbenchUrl(editor, { folder, developmentPath: variant }));
  await page.locator('.monaco-workbench .part.statusbar').waitFor();
});
after(async () => {
  await workbench?.close();
  if (variant) await rm(variant, { recursive: true, force: true });
});

test('attention is shown, pointed at and painted from the worker extension host', async () => {
  await workbench.openFile('sentences.txt');
  await workbench.select(sentence);
  const look = await panel.show(sentence);
  const text = await readFile(join(workbench.folder, 'sentences.txt'), 'utf8');
  assertTiles(look, sentence, text.indexOf(sentence));
  assert.match(look.status, /WASM, \d+ ms( for the last \d+)?$/);

  const row = await panel.pointAt(look.tokens.length - 1);
  assert.ok(Math.abs(row.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-5);
  await until('the document is painted', async () => (await painted(workbench)).length > 1);

  // The page took its files from the variant: it is this one that runs.
  const base = await panel.frame.locator('body').getAttribute('data-base');
  assert.match(base!, /-browser-entry\/dist$/);
});

test('where nothing can be kept, the hub is refused before a name is asked for', async () => {
  await workbench.command('Headlight: Open Model...');
  await rows(workbench).first().waitFor();
  const listed = (await rows(workbench).allInnerTexts()).join('\n');
  assert.ok(!listed.includes('Xenova/'), 'nothing of the hub is offered');
  assert.ok(listed.includes(sentences.hub.nowhere));
  await pick(workbench, sentences.ways.hub);
  // VS Code has news of its own here, of extensions that do not run in a browser.
  await until(
    'it is said',
    async () => (await hasNews(workbench)) && (await takeNews(workbench)).includes(sentences.hub.nowhere),
  );
});
