/** Encoder-decoders: three attentions in one grid, source and target, in PyTorch's numbers. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ModelFolder } from '../../src/protocol';
import type { Exports } from '../../src/protocol';
import { violations } from './axe';
import { inPanel, modelIn, PanelPage } from './browser';
import { choose as chooseTab, settled } from './inside';
import { readSafetensors } from '../safetensors';

const folder = 'test/fixtures/models/tiny-bart';
const [encoder, decoder] = ['onnx/encoder_model.onnx', 'onnx/decoder_model.onnx'];
const bart: ModelFolder = { ...modelIn(folder, encoder), graphs: { encoder, decoder } };
const layouts = [
  ['two files', bart],
  ['one file', modelIn(`${folder}-whole`)],
] as const;
const golden = JSON.parse(readFileSync(`${folder}.json`, 'utf8')) as {
  source: string;
  target: string;
  ids: number[];
  targetIds: number[];
  written: number[];
  layers: number;
  heads: number;
};
const [n, m] = [golden.ids.length, golden.targetIds.length];
const sizes = { encoder: [n, n], decoder: [m, m], cross: [m, n] } as const;
type Kind = keyof typeof sizes;
type Mask = 'causal' | 'bidirectional';

/** PyTorch's weights of one kind, [layers, heads, queries, keys]. */
function values(kind: Kind, mask: Mask): Float32Array {
  const bytes = readFileSync(`${folder}.${mask}.f32`);
  const all = new Float32Array(new Uint8Array(bytes).buffer);
  let at = 0;
  for (const one of ['encoder', 'decoder', 'cross'] as const) {
    const size = golden.layers * golden.heads * sizes[one][0] * sizes[one][1];
    if (one === kind) return all.subarray(at, at + size);
    at += size;
  }
  throw new Error(kind);
}

function close(told: ArrayLike<number>, wanted: ArrayLike<number>, what: string): void {
  assert.equal(told.length, wanted.length, what);
  for (let i = 0; i < told.length; i++)
    assert.ok(Math.abs(told[i] - wanted[i]) <= 1e-4, `${what}: ${told[i]} is not ${wanted[i]} at ${i}`);
}

const list = (panel: PanelPage, name: string) => panel.page.getByRole('listbox', { name, exact: true });
const options = (panel: PanelPage, name: string) => list(panel, name).getByRole('option');
const weights = async (panel: PanelPage, name: string): Promise<(number | null)[]> =>
  options(panel, name).evaluateAll((all) =>
    all.map((option) => {
      const told = option.getAttribute('data-weight');
      return told === null ? null : Number(told);
    }),
  );
const status = (panel: PanelPage) => panel.page.getByRole('status').textContent();

async function choose(panel: PanelPage, name: 'Encoder' | 'Decoder' | 'Cross'): Promise<void> {
  await panel.page.getByRole('radiogroup', { name: 'Attention' }).getByRole('radio', { name }).click();
  await panel.settled();
  const says = { Encoder: 'encoder', Decoder: 'decoder', Cross: 'cross-attention' }[name];
  await panel.page.waitForFunction(
    (text) => document.querySelector('[role=status]')!.textContent!.includes(`· ${text}, `),
    says,
  );
}

async function type(panel: PanelPage, text: string): Promise<void> {
  await panel.page.getByRole('textbox', { name: 'Target text' }).fill(text);
  await panel.page.getByRole('button', { name: 'Use this text' }).click();
  const all = () =>
    options(panel, 'Target tokens').evaluateAll((all) =>
      all
        .slice(1)
        .map((option) => option.getAttribute('data-text'))
        .join(''),
    );
  for (let i = 0; i < 100 && (await all()) !== `<s>${text}`; i++) await panel.page.waitForTimeout(100);
  assert.equal(await all(), `<s>${text}`);
  await panel.settled();
}

const ids = (tokens: string) => (JSON.parse(tokens) as { id: number }[]).map(({ id }) => id);

/** What an export of the picture holds: a file of one chunk. */
async function exported(panel: PanelPage) {
  const { file } = (await panel.ask('file', { format: 'safetensors', version: '0' })) as { file: number };
  const bytes = (await panel.ask('chunk', { file, chunk: 0 })) as Record<string, number>;
  const read = readSafetensors(Uint8Array.from(Object.values(bytes)));
  return { read, targets: ids(read.metadata.target_tokens) };
}

/** A row is told by pointing in one list; the other one, or the same, has the weights. */
async function isRow(
  panel: PanelPage,
  [kind, mask]: readonly [Kind, Mask],
  [layer, head, index]: readonly [number, number, number],
  [from, to]: readonly [string, string],
  reversed = false,
): Promise<void> {
  const cell = panel.page.getByRole('gridcell', { name: `Layer ${layer} head ${head}`, exact: true });
  await cell.click();
  await options(panel, from).nth(index).hover();
  await list(panel, to).locator('[role=option][data-weight]').first().waitFor();
  const [queries, keys] = sizes[kind];
  const matrix = values(kind, mask).subarray((layer * golden.heads + head) * queries * keys);
  const wanted = reversed
    ? Array.from({ length: queries }, (_, query) => matrix[query * keys + index])
    : matrix.subarray(index * keys, (index + 1) * keys);
  close((await weights(panel, to)) as number[], wanted, `${kind} ${layer}.${head} ${index}`);
  if (from !== to) assert.ok((await weights(panel, from)).every((weight) => weight === null));
}

test('a model of one stack has no choice of attention and no target', () =>
  inPanel({}, async (panel) => {
    await panel.show('The cat sat');
    assert.equal(await panel.page.getByRole('radiogroup', { name: 'Attention' }).count(), 0);
    assert.equal(await list(panel, 'Target tokens').count(), 0);
  })());

for (const [name, model] of layouts)
  test(
    `${name}: encoder, decoder and cross are PyTorch’s, forwards and reversed, under both masks of the decoder`,
    inPanel({ height: 1200 }, async (panel) => {
      await panel.show(golden.source, { model });
      const told = (await status(panel))!;
      assert.ok(told.startsWith(`${model.name} · encoder, 2 layers × 3 heads`), told);
      assert.match(told, /13 tokens, 13 target tokens/);
      const kinds = panel.page.getByRole('radiogroup', { name: 'Attention' }).getByRole('radio');
      assert.deepEqual(await kinds.evaluateAll((all) => all.map((one) => one.parentElement!.textContent)), [
        'Encoder',
        'Decoder',
        'Cross',
      ]);
      await type(panel, golden.target);
      assert.match((await status(panel))!, /13 tokens, 6 target tokens +decoder causal/);
      const shown = await options(panel, 'Target tokens').evaluateAll((all) =>
        all.map((option) => ({ ...(option as HTMLElement).dataset })),
      );
      assert.deepEqual(
        shown.map(({ index, text }) => [index, text]),
        ['</s>', '<s>', 'It', ' was', ' the', ' cat'].map((text, i) => [String(i), text]),
      );
      assert.deepEqual(
        [shown[2].start, shown[2].end, shown[5].end],
        ['0', '2', String(golden.target.length)],
      );
      const tokens = ['Tokens', 'Tokens'] as const;
      const targets = ['Target tokens', 'Target tokens'] as const;
      for (const mask of ['causal', 'bidirectional'] as const) {
        if (mask === 'bidirectional') {
          await panel.page.getByRole('switch', { name: 'Causal mask' }).click();
          await panel.page.waitForFunction(() =>
            /decoder bidir/.test(document.querySelector('[role=status]')!.textContent!),
          );
        }
        await choose(panel, 'Encoder');
        await isRow(panel, ['encoder', mask], [1, 2, 4], tokens);
        await choose(panel, 'Decoder');
        await isRow(panel, ['decoder', mask], [0, 1, 3], targets);
        await isRow(panel, ['decoder', mask], [1, 0, 5], targets);
        assert.ok((await weights(panel, 'Tokens')).every((weight) => weight === null));
        await choose(panel, 'Cross');
        await isRow(panel, ['cross', mask], [0, 2, 5], ['Target tokens', 'Tokens']);
        await isRow(panel, ['cross', mask], [1, 1, 2], ['Target tokens', 'Tokens']);
        await panel.page.getByRole('switch', { name: 'Who attends to me' }).click();
        await isRow(panel, ['cross', mask], [1, 1, 7], ['Tokens', 'Target tokens'], true);
        await panel.page.getByRole('switch', { name: 'Who attends to me' }).click();
        await isRow(panel, ['cross', mask], [0, 0, 1], ['Target tokens', 'Tokens']);
      }
    }),
  );

test(
  'across, a token of either side can be pointed at, pinned and moved to by keys',
  inPanel({ height: 1200 }, async (panel) => {
    await panel.show(golden.source, { model: bart });
    await type(panel, golden.target);
    await choose(panel, 'Cross');
    const turned = (on: boolean) =>
      panel.page
        .locator(`[role=switch][aria-checked=${on}]`)
        .filter({ hasText: 'Who attends to me' })
        .waitFor();
    await isRow(panel, ['cross', 'causal'], [1, 1, 7], ['Tokens', 'Target tokens'], true);
    // The direction turns with the side that is pointed at.
    await turned(true);
    await options(panel, 'Target tokens').nth(3).click();
    await turned(false);
    await panel.page.locator('#target-3[aria-selected=true]').waitFor();
    await options(panel, 'Tokens').nth(5).hover();
    await panel.page.waitForTimeout(200);
    assert.ok(
      (await weights(panel, 'Target tokens')).every((weight) => weight === null),
      'the pin stays',
    );
    assert.equal(await options(panel, 'Target tokens').nth(3).getAttribute('aria-selected'), 'true');
    await list(panel, 'Target tokens').press('ArrowRight');
    await panel.page.locator('#target-4.told').waitFor();
    await list(panel, 'Tokens').press('End');
    await panel.page.locator(`#token-${n - 1}.told`).waitFor();
    await panel.page.keyboard.press('Escape');
    await panel.page.waitForFunction(() => !document.querySelector('.told'));
    // What is told to the host is of the document: across, the source.
    await options(panel, 'Target tokens').nth(5).hover();
    await panel.page.waitForTimeout(200);
    const reveal = (await panel.sent()).filter((message) => message.type === 'reveal').at(-1)!;
    assert.ok(reveal.type === 'reveal' && reveal.reveal);
    assert.deepEqual(reveal.reveal.token, [0, 0]);
    const row = values('cross', 'causal').subarray((4 * m + 5) * n, (4 * m + 6) * n);
    const strongest = Math.max(...row.subarray(1, n - 1));
    assert.ok(Math.abs(reveal.reveal.weights[0] - strongest) <= 1e-4);
  }),
);

/** PyTorch's, by head [layers, heads, keys]: the length of what each key hands over; the last of what is told of a kind. */
function lengths(kind: Kind): Float32Array {
  const all = new Float32Array(new Uint8Array(readFileSync(`${folder}.causal.inside.f32`)).buffer);
  const [count, d] = [golden.layers * golden.heads, 8];
  let at = 0;
  for (const one of ['encoder', 'decoder', 'cross'] as const) {
    const [queries, keys] = sizes[one];
    at += count * (2 * queries * d + 2 * keys * d + golden.heads * d + keys);
    if (one === kind) return all.subarray(at - count * keys, at);
  }
  throw new Error(kind);
}

test(
  'weighed by value: what is drawn goes by what each token hands over, and no number does',
  inPanel({ height: 1200 }, async (panel) => {
    await panel.show(golden.source, { model: bart });
    await type(panel, golden.target);
    await panel.page.getByRole('button', { name: 'View' }).click();
    await panel.page.getByRole('switch', { name: 'Weigh by value' }).click();
    const [layer, head, token] = [1, 2, 4];
    for (const [kind, name, from] of [
      ['encoder', 'Encoder', 'Tokens'],
      ['cross', 'Cross', 'Target tokens'],
    ] as const) {
      await choose(panel, name);
      await panel.page.getByRole('gridcell', { name: `Layer ${layer} head ${head}`, exact: true }).click();
      await options(panel, from).nth(token).hover();
      const [queries, keys] = sizes[kind];
      const at = layer * golden.heads + head;
      const row = values(kind, 'causal')
        .subarray((at * queries + token) * keys)
        .subarray(0, keys);
      const own = lengths(kind).subarray(at * keys, (at + 1) * keys);
      const total = row.reduce((sum, weight, key) => sum + weight * own[key], 0);
      const drawn = [...row].map((weight, key) => Math.sqrt((weight * own[key]) / total));
      const off = async () => {
        const said = (await panel.sent()).filter((message) => message.type === 'reveal').at(-1)?.reveal;
        if (!said || said.weights.length === 0) return 'nothing is revealed';
        for (const [i, weight] of said.weights.entries()) {
          const key = row.findIndex((one) => Math.abs(one - weight) < 1e-5);
          if (key < 0) return `${kind}: ${weight} is no weight of this row`;
          if (Math.abs(said.strengths[i] - drawn[key]) > 1e-3)
            return `${kind} ${key}: drawn as ${said.strengths[i]}, not as ${drawn[key]}`;
        }
        return null;
      };
      for (let i = 0; i < 50 && (await off()) !== null; i++) await panel.page.waitForTimeout(100);
      assert.equal(await off(), null);
    }
  }),
);

for (const [name, model] of layouts)
  test(
    `${name}: the target is copied at first, and written by the model on demand, as PyTorch writes it`,
    inPanel({ height: 1200 }, async (panel) => {
      await panel.show(golden.source, { model });
      const text = panel.page.getByRole('textbox', { name: 'Target text' });
      assert.equal(await text.inputValue(), golden.source);
      await panel.page.getByRole('button', { name: 'Generate' }).click();
      await panel.page.waitForFunction(
        (was) => document.querySelector<HTMLTextAreaElement>('[aria-label="Target text"]')!.value !== was,
        golden.source,
        { timeout: 60_000 },
      );
      await panel.settled();
      const row = (await panel.ask('row', { format: 'JSON', token: 0 })) as { text: string } | undefined;
      assert.ok(row, 'a row of what it wrote can be copied');
      assert.deepEqual((await exported(panel)).targets.slice(0, golden.written.length), golden.written);
      await panel.page.getByRole('button', { name: 'Copy the source' }).click();
      await panel.page.waitForFunction(
        (was) => document.querySelector<HTMLTextAreaElement>('[aria-label="Target text"]')!.value === was,
        golden.source,
      );
    }),
  );

test(
  'a typed target comes back after a reload',
  inPanel({ height: 1200 }, async (panel) => {
    await panel.show(golden.source, { model: bart });
    await type(panel, golden.target);
    await panel.reload();
    await panel.show(golden.source, { model: bart });
    assert.match((await status(panel))!, /13 tokens, 6 target tokens/);
    const text = panel.page.getByRole('textbox', { name: 'Target text' });
    assert.equal(await text.inputValue(), golden.target);
  }),
);

test(
  'inside: one row of each attention, its last step the weights that are told; what cannot be asked says why',
  inPanel({ height: 1200 }, async (panel) => {
    const { page } = panel;
    await panel.show(golden.source, { model: bart });
    await type(panel, golden.target);
    await page.getByRole('button', { name: 'Inside' }).click();
    const inside = page.locator('.inside');
    const answered = () => settled(panel);
    const tab = (name: string) => chooseTab(panel, name);
    for (const [kind, from, to] of [
      ['Encoder', 'Tokens', 'Tokens'],
      ['Decoder', 'Target tokens', 'Target tokens'],
      ['Cross', 'Target tokens', 'Tokens'],
    ] as const) {
      await tab('One row');
      await choose(panel, kind);
      await options(panel, from).nth(3).click();
      const asks = (await options(panel, from).nth(3).getAttribute('data-text'))!.trim();
      await list(panel, from).getByRole('option', { selected: true }).waitFor();
      await answered();
      await inside.locator('.query b').filter({ hasText: asks }).waitFor();
      await list(panel, to).locator('[role=option][data-weight]').first().waitFor();
      const more = inside.getByRole('button', { name: /^Show the other/ });
      if (await more.isVisible()) await more.click();
      const told = (await weights(panel, to)) as number[];
      const steps = await inside.locator('.row tbody .weight .digits').allTextContents();
      assert.equal(steps.length, told.length, kind);
      steps.forEach((step, key) => assert.ok(Math.abs(Number(step) - told[key]) <= 6e-4, `${kind} ${key}`));
      await tab('The whole layer');
      assert.equal(await inside.locator('.layer tbody tr').count(), golden.heads);
      assert.match((await inside.locator('.layer p').textContent())!, new RegExp(`^What .*${asks} gets`));
      await tab('The price');
      await inside.getByText(/lengths of two texts/).waitFor();
      await tab('Order');
      // As written, shuffled, and without positions.
      if (kind === 'Encoder') assert.equal(await inside.locator('.patterns canvas').count(), 3);
      else await inside.getByText(/choose “Encoder” above/).waitFor();
      await options(panel, from).nth(3).click();
    }
    await tab('One row');
    await inside.getByLabel('÷ √d').uncheck();
    await inside.getByRole('button', { name: 'Through the whole model' }).click();
    await page.waitForFunction(() =>
      document.querySelector('[role=status]')!.textContent!.includes('changed on purpose: scores × 2.83'),
    );
    assert.deepEqual(await violations(page), []);
  }),
);

test(
  'an export has three tensors, all of them PyTorch’s',
  inPanel({}, async (panel) => {
    await panel.show(golden.source, { model: bart });
    await type(panel, golden.target);
    const { tensors } = (await panel.ask('exports', null)) as Exports;
    assert.deepEqual(
      tensors.map(({ name, shape }) => [name, ...shape]),
      (['encoder', 'decoder', 'cross'] as const).map((kind) => [kind, 2, 3, ...sizes[kind]]),
    );
    const { read, targets } = await exported(panel);
    for (const kind of ['encoder', 'decoder', 'cross'] as const)
      close(read.tensors.get(kind)!.values, values(kind, 'causal'), kind);
    assert.deepEqual(ids(read.metadata.tokens), golden.ids);
    assert.deepEqual(targets, golden.targetIds);
  }),
);

for (const theme of ['dark', 'light', 'high-contrast'] as const)
  test(
    `axe finds nothing: ${theme}`,
    inPanel({ theme, width: theme === 'light' ? 1200 : 660, height: 1200 }, async (panel) => {
      await panel.show(golden.source, { model: bart });
      await type(panel, golden.target);
      for (const kind of ['Encoder', 'Decoder', 'Cross'] as const) {
        await choose(panel, kind);
        await options(panel, kind === 'Encoder' ? 'Tokens' : 'Target tokens')
          .nth(3)
          .click();
        assert.deepEqual(await violations(panel.page), []);
        if (process.env.HEADLIGHT_SHOTS)
          await panel.page.screenshot({ path: `${process.env.HEADLIGHT_SHOTS}/${theme}-${kind}.png` });
        await options(panel, kind === 'Encoder' ? 'Tokens' : 'Target tokens')
          .nth(3)
          .click();
      }
    }),
  );
