/** Images: patches as tokens, laid over the image, in PyTorch's numbers. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readSafetensors } from '../safetensors';
import { violations } from './axe';
import { inPanel, modelIn, type PanelPage } from './browser';

const folder = 'test/fixtures/models';
const picture = 'test/fixtures/pixels/lighthouse.png';
const vit = modelIn(`${folder}/tiny-vit`);
const clip = modelIn(`${folder}/tiny-clip`);
const [layers, heads, rows, columns] = [2, 3, 6, 8];
const n = 1 + rows * columns;

function floats(name: string): Float32Array {
  return new Float32Array(new Uint8Array(readFileSync(`${folder}/${name}.f32`)).buffer);
}

function close(told: ArrayLike<number>, wanted: ArrayLike<number>, what: string): void {
  assert.equal(told.length, wanted.length, what);
  for (let i = 0; i < told.length; i++)
    assert.ok(Math.abs(told[i] - wanted[i]) <= 1e-4, `${what}: ${told[i]} is not ${wanted[i]} at ${i}`);
}

/** A row of a head, or a column. */
function weightsOf(all: Float32Array, [layer, head, token]: readonly number[], reversed = false): number[] {
  const at = (layer * heads + head) * n * n;
  return Array.from({ length: n }, (_, i) => all[at + (reversed ? i * n + token : token * n + i)]);
}

const option = ({ page }: PanelPage, token: number) => page.locator(`#token-${token}`);
const status = ({ page }: PanelPage) => page.getByRole('status').textContent();
const says = ({ page }: PanelPage, text: string) =>
  page.waitForFunction(
    (wanted) => document.querySelector('[role=status]')!.textContent!.includes(wanted),
    text,
  );
const told = ({ page }: PanelPage, token: number) =>
  page.locator(`#token-${token}.told[data-weight]`).waitFor();

async function isRow(panel: PanelPage, all: Float32Array, place: readonly number[], reversed = false) {
  const [layer, head, token] = place;
  await panel.page.getByRole('gridcell', { name: `Layer ${layer} head ${head}`, exact: true }).click();
  await panel.page.waitForFunction(
    (name) => document.querySelector('.head h2 strong')!.textContent === name,
    `${layer}.${head}`,
  );
  await panel.page.mouse.move(1, 1);
  await option(panel, token).hover();
  await told(panel, token);
  close(await panel.weights(), weightsOf(all, place, reversed), `${place}`);
}

test(
  'patches are the tokens: names, places, and PyTorch’s weights under both masks and both ways',
  inPanel({ width: 1200, height: 1000 }, async (panel) => {
    await panel.showImage(picture, vit);
    assert.match(
      (await status(panel))!,
      /^tiny-vit · 2 layers × 3 heads +6 × 8 patches, 49 tokens +bidirectional/,
    );
    const tokens = await panel.page
      .getByRole('listbox', { name: 'Tokens', exact: true })
      .getByRole('option')
      .evaluateAll((all) => all.map((one) => ({ ...(one as HTMLElement).dataset, name: one.ariaLabel })));
    assert.equal(tokens.length, n);
    assert.equal(tokens[0].name, '[CLS], special token');
    assert.deepEqual(tokens[1 + 3 * columns + 5], {
      index: String(1 + 3 * columns + 5),
      text: 'row 3 column 5',
      name: 'row 3 column 5',
    });
    const causal = floats('tiny-vit.causal');
    const both = floats('tiny-vit.bidirectional');
    await isRow(panel, both, [0, 1, 20]);
    await isRow(panel, both, [1, 2, 0]);
    await panel.page.getByRole('switch', { name: 'Who attends to me' }).click();
    await isRow(panel, both, [1, 0, 33], true);
    await panel.page.getByRole('switch', { name: 'Who attends to me' }).click();
    await panel.page.getByRole('switch', { name: 'Causal mask' }).click();
    await says(panel, 'causal (not trained under this mask)');
    await panel.settled();
    await isRow(panel, causal, [1, 1, 30]);
    // Nothing is painted anywhere: an image is no document.
    const reveals = (await panel.sent()).filter((message) => message.type === 'reveal');
    assert.ok(reveals.every((message) => message.type === 'reveal' && message.reveal === null));
  }),
);

test(
  'each patch lies over its part of the image; arrows go both ways, a click pins',
  inPanel({ width: 1200, height: 1000 }, async (panel) => {
    await panel.showImage(picture, vit);
    const image = (await panel.page.locator('.sight img').boundingBox())!;
    assert.ok(Math.abs(image.width / image.height - 160 / 120) < 0.02, 'in its own proportions');
    for (const [row, column] of [
      [0, 0],
      [3, 5],
      [5, 7],
    ]) {
      const box = (await option(panel, 1 + row * columns + column).boundingBox())!;
      assert.ok(Math.abs(box.x - image.x - (column * image.width) / columns) < 1.5);
      assert.ok(Math.abs(box.y - image.y - (row * image.height) / rows) < 1.5);
      assert.ok(Math.abs(box.width - image.width / columns) < 1.5);
    }
    await panel.page
      .locator('.sight')
      .hover({ position: { x: (image.width * 5.5) / 8, y: image.height / 4 } });
    await told(panel, 1 + columns + 5);
    const list = panel.page.getByRole('listbox', { name: 'Tokens', exact: true });
    await panel.page.mouse.move(1, 1);
    await list.focus();
    await list.press('Home');
    await told(panel, 0);
    for (const [key, token] of [
      ['ArrowDown', 1],
      ['ArrowRight', 2],
      ['ArrowDown', 2 + columns],
      ['ArrowLeft', 1 + columns],
      ['ArrowLeft', 1 + columns],
      ['ArrowUp', 1],
      ['ArrowUp', 0],
      ['End', n - 1],
      ['ArrowDown', n - 1],
    ] as const) {
      await list.press(key);
      await told(panel, token);
    }
    await list.press('Enter');
    await panel.page.locator(`#token-${n - 1}[aria-selected=true]`).waitFor();
    await panel.page.keyboard.press('Escape');
    await option(panel, 12).click();
    await panel.page.locator('#token-12[aria-selected=true]').waitFor();
    await option(panel, 30).hover();
    await panel.page.getByText('row 1 column 3 looks at').waitFor();
  }),
);

test(
  'an export holds the weights, the places of the patches and a hash of the file',
  inPanel({}, async (panel) => {
    await panel.showImage(picture, vit);
    const { file } = (await panel.ask('file', { format: 'safetensors', version: '0' })) as { file: number };
    const bytes = (await panel.ask('chunk', { file, chunk: 0 })) as Record<string, number>;
    const { tensors, metadata } = readSafetensors(Uint8Array.from(Object.values(bytes)));
    const { shape, values } = tensors.get('attention')!;
    assert.deepEqual(shape, [layers, heads, n, n]);
    close(values, floats('tiny-vit.bidirectional'), 'attention');
    const tokens = JSON.parse(metadata.tokens) as object[];
    assert.deepEqual(tokens[0], { id: 0, text: '[CLS]', start: 0, end: 0, special: true });
    assert.deepEqual(tokens[30], { id: 30, text: 'row 3 column 5', row: 3, column: 5, special: false });
    const hash = await crypto.subtle.digest('SHA-256', new Uint8Array(readFileSync(picture)));
    assert.equal(metadata.image_sha256, Buffer.from(hash).toString('hex'));
    const { text } = (await panel.ask('row', { format: 'TSV', token: 30 })) as { text: string };
    assert.match(
      text,
      /^index\ttoken\trow\tcolumn\tweight\n0\t\[CLS\]\t\t\t[\d.e-]+\n1\trow 0 column 0\t0\t0\t/,
    );
  }),
);

test(
  'one head opened on an image: a row step by step; what is a question to text says so',
  inPanel({ width: 1200, height: 1000 }, async (panel) => {
    await panel.showImage(picture, vit);
    await panel.page.keyboard.press('i');
    await panel.page.getByText('This is the last token, 5,7.').waitFor();
    await panel.page.getByRole('tab', { name: 'Order' }).click();
    await panel.page.getByText('This is a question to a text').waitFor();
    assert.ok((await panel.sent()).every((message) => message.type !== 'log' || message.level === 'info'));
  }),
);

test(
  'a model of text and images reads either: each of its stacks is PyTorch’s',
  inPanel({ width: 1200, height: 1000 }, async (panel) => {
    const { text, ids } = JSON.parse(readFileSync(`${folder}/tiny-clip.json`, 'utf8')) as {
      text: string;
      ids: number[];
    };
    const holds = async (name: string, size: number) => {
      const { file } = (await panel.ask('file', { format: 'safetensors', version: '0' })) as { file: number };
      const bytes = (await panel.ask('chunk', { file, chunk: 0 })) as Record<string, number>;
      const { shape, values } = readSafetensors(Uint8Array.from(Object.values(bytes))).tensors.get(
        'attention',
      )!;
      assert.deepEqual(shape, [2, 2, size, size]);
      close(values, floats(name), name);
    };
    await panel.showImage(picture, clip);
    assert.match((await status(panel))!, /4 × 4 patches, 17 tokens +bidirectional/);
    await holds('tiny-clip.image', 17);
    // The middle of the image, as wide as it is high.
    const image = (await panel.page.locator('.sight img').boundingBox())!;
    assert.ok(Math.abs(image.width / image.height - 1) < 0.02);
    await panel.show(text, { model: clip });
    await says(panel, `${ids.length} tokens   causal`);
    await holds('tiny-clip.text', ids.length);
    assert.equal(await panel.page.locator('.sight').count(), 0);
  }),
);

test(
  'what cannot be shown is one sentence that says what to do, and the picture stays',
  inPanel({}, async (panel) => {
    await panel.showImage(picture, vit);
    const before = await status(panel);
    const refused = async (wanted: RegExp) => {
      await panel.page.waitForFunction(
        (pattern) => new RegExp(pattern).test(document.querySelector('[role=alert]')!.textContent!),
        wanted.source,
      );
      assert.equal(await status(panel), before);
    };
    const png = readFileSync(picture);
    await panel.showImage(png.subarray(0, 900), vit, false);
    await refused(/^The image cannot be decoded: the file is damaged\.$/);
    await panel.showImage(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), vit, false);
    await refused(/^This file is no image that Headlight reads: .*PNG.*\.$/);
    const bomb = Buffer.from(png);
    bomb.writeUInt32BE(60_000, 16);
    bomb.writeUInt32BE(60_000, 20);
    await panel.showImage(bomb, vit, false);
    await refused(/^The image has 60000 × 60000 pixels, and up to 64 million are read: save it smaller\.$/);
    await panel.show('A text', { model: vit, wait: false });
    await refused(/^This model reads images, not text: choose an image, or another model\.$/);
    await panel.page.getByRole('button', { name: 'Choose an image…' }).first().click();
    assert.ok((await panel.sent()).some(({ type }) => type === 'image'));
    await panel.showImage(picture, modelIn('media/models/headlight-small'), false);
    await refused(/^This model reads text, not images: with Open Model .*, or show a text\.$/);
    await panel.showImage(picture, vit);
    assert.match((await status(panel))!, /^tiny-vit/);
  }),
);

for (const kind of ['png', 'jpg', 'progressive.jpg', 'webp', 'lossless.webp', 'extended.webp', 'gif', 'bmp'])
  test(
    `an image of another kind is read: ${kind}`,
    inPanel({}, async (panel) => {
      await panel.showImage(`test/fixtures/pixels/tiny.${kind}`, vit);
      assert.match((await panel.page.locator('.image-bar').textContent())!, /7 × 5 pixels/);
    }),
  );

for (const [theme, width] of [
  ['dark', 1200],
  ['light', 660],
  ['high-contrast', 420],
  ['high-contrast-light', 1200],
] as const)
  test(
    `axe finds nothing: ${theme} at ${width}`,
    inPanel({ theme, width, height: 1000 }, async (panel) => {
      await panel.showImage(picture, vit);
      assert.deepEqual(await violations(panel.page), []);
      await option(panel, 29).click();
      await told(panel, 29);
      assert.deepEqual(await violations(panel.page), []);
      if (process.env.HEADLIGHT_SHOTS)
        await panel.page.screenshot({
          path: `${process.env.HEADLIGHT_SHOTS}/image-${theme}-${width}.png`,
          fullPage: true,
        });
    }),
  );
