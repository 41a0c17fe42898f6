/** What the page gives to take away: figures that are well-formed and true, rows, and files whatever happens meanwhile. */
import assert from 'node:assert/strict';
import { writeFile, mkdir } from 'node:fs/promises';
import { test } from 'node:test';
import { PNG } from 'pngjs';
import type { Answer, CopiedRow, FigureWish, FileOffer, Questions } from '../../src/protocol';
import { ramp, scaled } from '../../webview/core/colour';
import { visible } from '../../webview/core/names';
import { readSafetensors } from '../safetensors';
import type { PanelPage } from './browser';
import { inPanel } from './browser';
import { golden } from './golden';

const hostile = `<script>alert("&")</script> ]]> 'x' \u0000\u0007 🔦 日本語 {`;

let questions = 0;

/** Asks the page as the host does. @throws Error with the sentence of a refusal */
async function ask<Q extends keyof Questions>(
  { page }: PanelPage,
  name: Q,
  asked: Questions[Q]['asked'],
): Promise<Questions[Q]['answer']> {
  const question = ++questions;
  const answer = await page.evaluate(
    async ({ question, ...message }) => {
      const from = window.sent.length;
      window.postMessage({ type: 'ask', question, ...message }, '*');
      for (;;) {
        await new Promise((next) => setTimeout(next, 5));
        const found = window.sent
          .slice(from)
          .find((one) => one.type === 'answer' && one.question === question) as Answer | undefined;
        if (!found) continue;
        // Bytes do not come through to Node as they are.
        const { ok } = found as { ok?: unknown };
        if (!(ok instanceof Uint8Array)) return found;
        let text = '';
        for (let at = 0; at < ok.length; at += 8192)
          text += String.fromCharCode(...ok.subarray(at, at + 8192));
        return { ...found, ok: { base64: btoa(text) } };
      }
    },
    { question, name, asked },
  );
  if ('refused' in answer) throw new Error(answer.refused);
  const ok = answer.ok as { base64?: string } | null;
  return (ok?.base64 === undefined ? ok : Buffer.from(ok.base64, 'base64')) as Questions[Q]['answer'];
}

async function chunks(panel: PanelPage, { file }: FileOffer, from = 0): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for (let chunk = from; ; chunk++) {
    const bytes = await ask(panel, 'chunk', { file, chunk });
    if (!bytes) return Buffer.concat(all);
    assert.ok(bytes.length <= 8e6);
    all.push(bytes);
  }
}

async function figure(panel: PanelPage, wish: FigureWish): Promise<Buffer> {
  const offer = await ask(panel, 'file', wish);
  const bytes = await chunks(panel, offer);
  assert.equal(bytes.length, offer.bytes);
  assert.equal(offer.exact, true);
  await mkdir('.cache/pictures', { recursive: true });
  const { of, format, theme, millimetres } = wish;
  await writeFile(`.cache/pictures/figure-${++figures}-${of}-${millimetres}-${theme}.${format}`, bytes);
  return bytes;
}
let figures = 0;

/** What a browser makes of an SVG: its texts and elements; one that is not well-formed has a `parsererror`. */
async function parsed({ page }: PanelPage, svg: Buffer) {
  return page.evaluate((text) => {
    const document = new DOMParser().parseFromString(text, 'image/svg+xml');
    const all = [...document.querySelectorAll('*')];
    return {
      root: document.documentElement.tagName,
      width: document.documentElement.getAttribute('width'),
      names: all.map(({ localName }) => localName),
      attributes: all.flatMap((element) => element.getAttributeNames()),
      texts: [...document.querySelectorAll('text')].map(({ textContent }) => textContent!),
      images: [...document.querySelectorAll('image')].map((image) => image.getAttribute('href')!),
    };
  }, svg.toString());
}

const wish: FigureWish = { format: 'svg', of: 'look', theme: 'light', millimetres: 85 };

test(
  'the figure of a head: labels as text, a rectangle a pair, nothing that runs',
  inPanel({}, async (panel) => {
    await panel.show(hostile);
    const tokens = await panel.tokens();
    const { root, width, names, attributes, texts, images } = await parsed(
      panel,
      await figure(panel, { ...wish, millimetres: 175 }),
    );
    assert.equal(root, 'svg');
    assert.equal(width, '175mm');
    assert.ok(!names.includes('parsererror') && !names.includes('script'));
    assert.deepEqual(
      [...new Set(names)].filter(
        (name) => !/^(svg|title|desc|defs|pattern|line|rect|text|image|polygon)$/.test(name),
      ),
      [],
    );
    assert.ok(!attributes.some((name) => /^on/.test(name)));
    assert.ok(texts.some((text) => /^Head \d\.\d$/.test(text)));
    assert.ok(texts.includes(`headlight-small, causal mask, ${tokens.length} tokens`));
    // One along each side for every token, also where its text is of markup, or of what no font shows.
    for (const { text } of tokens) {
      const label = visible(text);
      const labels = texts.filter((one) => one === label || one === `${label}…`);
      const same = tokens.filter((other) => visible(other.text) === label);
      assert.ok(labels.length >= 2 * same.length, JSON.stringify(label));
    }
    assert.equal(images.length, 1, 'the ramp only');
    assert.ok(names.filter((name) => name === 'rect').length > tokens.length);
  }),
);

test(
  'as pixels it is the same: 300 dpi, the colours of the weights',
  inPanel({}, async (panel) => {
    const { text } = golden('cat');
    await panel.show(text);
    const n = (await panel.tokens()).length;
    for (const theme of ['light', 'dark'] as const) {
      const svg = (await figure(panel, { ...wish, theme, millimetres: 175 })).toString();
      const bytes = await figure(panel, { ...wish, theme, format: 'png', millimetres: 175 });
      const at = bytes.indexOf('pHYs');
      assert.equal(bytes.readUInt32BE(at + 4), 11811);
      const png = PNG.sync.read(bytes);
      assert.equal(png.width, Math.round((175 / 25.4) * 300));
      // The frame of the matrix is the first one that is drawn.
      const [, ...numbers] = /x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" fill="none"/.exec(
        svg,
      )!;
      const [x, y, width] = numbers.map(Number) as [number, number, number];
      const head = await panel.page.locator('.head h2 strong').textContent();
      const [layer, number] = head!.split('.').map(Number) as [number, number];
      for (let query = 0; query < n; query++)
        for (let key = 0; key <= query; key++) {
          const weight = golden('cat').row('causal', layer, number, query)[key]!;
          // Pictures are made of bytes: the weight is rounded to one, and what is golden may round to the next.
          const byte = Math.round(weight * 255);
          const near = [byte - 1, byte, byte + 1].map((one) => ramp(theme, scaled(one / 255, 'square root')));
          const middle = (i: number) => ((i + 0.5) * width) / n;
          const pixel = (Math.round(((y + middle(query)) * 300) / 72) * png.width + Math.round(((x + middle(key)) * 300) / 72)) * 4; // prettier-ignore
          const is = [...png.data.subarray(pixel, pixel + 3)];
          const fits = near.some((colour) => colour.join() === is.join());
          assert.ok(fits, `${theme} ${query} ${key}: ${is.join()} for a weight of ${weight}`);
        }
    }
  }),
);

test(
  'all heads, and a long text: each heat map is one image',
  inPanel({}, async (panel) => {
    await panel.show(golden('python').text.repeat(3));
    const n = (await panel.tokens()).length;
    assert.ok(n > 64);
    const grid = await parsed(panel, await figure(panel, { ...wish, of: 'heads', millimetres: 175 }));
    assert.equal(grid.images.length, 41);
    const one = await parsed(panel, await figure(panel, wish));
    assert.equal(one.images.length, 2);
    const heat = PNG.sync.read(Buffer.from(one.images[0]!.split(',')[1]!, 'base64'));
    assert.ok(heat.width === n && heat.height === n, `a pixel a pair, not ${heat.width} for ${n}`);
    for (const theme of ['light', 'dark'] as const) {
      await figure(panel, { ...wish, of: 'heads', theme, format: 'png' });
      await figure(panel, { ...wish, theme, format: 'png', millimetres: 175 });
    }
  }),
);

test(
  'a row as text: the token told, or the one told last',
  inPanel({}, async (panel) => {
    await panel.show(golden('python').text);
    await assert.rejects(ask(panel, 'row', { format: 'TSV', token: null }), /Point at a token first/);
    const offered = () => panel.page.evaluate(() => document.body.dataset['vscodeContext']);
    await panel.page.getByRole('option').nth(3).hover();
    await panel.page.waitForSelector('.token.told');
    assert.equal(await offered(), '{"token":3}');
    await panel.page.mouse.move(1, 1);
    await panel.show('a text of its own');
    assert.equal(await offered(), '{}', 'a token of an earlier text is offered to no menu');
    await assert.rejects(ask(panel, 'row', { format: 'TSV', token: null }), /Point at a token first/);
    await panel.show(golden('python').text);
    await panel.page.locator('[role=option][data-index="9"]').hover();
    const weights = await panel.weights();
    await panel.page.mouse.move(1, 1);
    const rows = new Map<string, CopiedRow>();
    for (const format of ['TSV', 'JSON', 'Markdown', 'Python', 'NumPy'] as const)
      rows.set(format, await ask(panel, 'row', { format, token: null }));
    assert.match(rows.get('TSV')!.of, /^token 9, .+, in head \d\.\d$/);
    const lines = rows.get('TSV')!.text.trimEnd().split('\n');
    assert.equal(lines[0], 'index\ttoken\tstart\tend\tweight');
    const near = (got: number, index: number) => assert.ok(Math.abs(got - weights[index]!) < 1e-6);
    lines.slice(1).forEach((line, i) => near(Number(line.split('\t')[4]), i));
    assert.equal(lines.length, weights.length + 1);
    const json = JSON.parse(rows.get('JSON')!.text) as {
      token: { index: number };
      weights: { weight: number }[];
    };
    assert.equal(json.token.index, 9);
    json.weights.forEach(({ weight }, i) => near(weight, i));
    assert.match(rows.get('Python')!.text, /^tokens = \["<s>", .*\]\nweights = \[.*\]\n$/);
  }),
);

test(
  'a file survives another text, another mask and the end of the worker; a chunk is given once',
  inPanel({}, async (panel) => {
    const expected = golden('python');
    await panel.show(expected.text);
    const offer = await ask(panel, 'file', { format: 'safetensors', version: '1.2.3' });
    await panel.show('another text, of which nothing is kept that the first one needs');
    await panel.page.getByRole('switch', { name: 'Causal mask' }).click();
    await panel.settled();
    await assert.rejects(ask(panel, 'chunk', { file: offer.file, chunk: 1 }));
    // While the model runs again for the file, its worker fails.
    await panel.page.evaluate(() => {
      const post = Worker.prototype.postMessage;
      Worker.prototype.postMessage = function (this: Worker, ...args: Parameters<typeof post>) {
        const sent = post.apply(this, args);
        if ((args[0] as { method: string }).method === 'run') {
          Worker.prototype.postMessage = post;
          document.body.dataset.failed = 'yes';
          this.dispatchEvent(new ErrorEvent('error', { message: 'failed', cancelable: true }));
        }
        return sent;
      } as typeof post;
    });
    const file = await chunks(panel, offer);
    assert.equal(await panel.page.locator('body').getAttribute('data-failed'), 'yes');
    const { metadata, tensors } = readSafetensors(file);
    assert.equal(metadata['mask'], 'causal');
    assert.equal(metadata['headlight'], '1.2.3');
    const { values } = tensors.get('attention')!;
    const { layers, heads, n } = expected;
    for (let layer = 0, at = 0; layer < layers; layer++)
      for (let head = 0; head < heads; head++)
        for (let query = 0; query < n; query++)
          for (const weight of expected.row('causal', layer, head, query))
            assert.ok(Math.abs(values[at++]! - weight) < 1e-4);
    await assert.rejects(ask(panel, 'chunk', { file: offer.file, chunk: 0 }));
  }),
);
