/** Two texts read as a pair: sentence A and B, their token types and places, and which pairs of them are drawn. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Card } from '../../src/protocol';
import { readSafetensors } from '../safetensors';
import { violations } from './axe';
import { inPanel, modelIn, PanelPage } from './browser';

const folder = 'test/fixtures/models/tiny-bert';
const bert = modelIn(folder);
const golden = JSON.parse(readFileSync(`${folder}.json`, 'utf8')) as {
  a: string;
  b: string;
  ids: number[];
  types: number[];
  offsets: [number, number][];
  layers: number;
  heads: number;
};
const n = golden.ids.length;
/** Of [CLS] A [SEP] B [SEP], as the tokenizer has it. */
const [a, b] = [
  { from: 1, to: 7 },
  { from: 8, to: 11 },
];
type Mask = 'causal' | 'bidirectional';

/** PyTorch's row of weights. */
function row(mask: Mask, layer: number, head: number, token: number): Float32Array {
  const all = new Float32Array(new Uint8Array(readFileSync(`${folder}.${mask}.f32`)).buffer);
  const at = ((layer * golden.heads + head) * n + token) * n;
  return all.subarray(at, at + n);
}

function close(told: ArrayLike<number>, wanted: ArrayLike<number>, what: string): void {
  assert.equal(told.length, wanted.length, what);
  for (let i = 0; i < told.length; i++)
    assert.ok(Math.abs(told[i] - wanted[i]) <= 1e-4, `${what}: ${told[i]} is not ${wanted[i]} at ${i}`);
}

/** Shows the pair as two selections, A at 100 and B at 200. */
const showPair = (panel: PanelPage) =>
  panel.show(golden.a, { offset: 100, second: { text: golden.b, offset: 200, line: 0 }, model: bert });

async function readAs(panel: PanelPage, text: string, tokens: number): Promise<void> {
  await panel.page.getByRole('button', { name: 'Second text' }).click();
  await panel.page.getByRole('textbox', { name: 'Second text' }).fill(text);
  await panel.page.getByRole('button', { name: 'Read as a pair' }).click();
  await countIs(panel, tokens);
}

async function countIs(panel: PanelPage, tokens: number): Promise<void> {
  await panel.page.waitForFunction(
    (count) => document.querySelectorAll('[aria-label=Tokens] [role=option]').length === count,
    tokens,
  );
  await panel.settled();
}

async function point(panel: PanelPage, layer: number, head: number, token: number): Promise<number[]> {
  await panel.page.getByRole('gridcell', { name: `Layer ${layer} head ${head}`, exact: true }).click();
  await panel.page.locator(`#token-${token}`).hover();
  await panel.page.locator(`#token-${token}.told`).waitFor();
  return panel.weights();
}

async function pairs(panel: PanelPage, name: string): Promise<void> {
  if (!(await panel.page.getByRole('group', { name: 'View' }).isVisible()))
    await panel.page.getByRole('button', { name: 'View' }).click();
  await panel.page.getByRole('combobox', { name: 'Pairs' }).click();
  await panel.page.getByRole('option', { name, exact: true }).click();
}

const lastReveal = async (panel: PanelPage) =>
  (await panel.sent()).flatMap((message) => (message.type === 'reveal' ? [message.reveal] : [])).at(-1)!;

async function exported(panel: PanelPage) {
  const { file } = (await panel.ask('file', { format: 'safetensors', version: '0' })) as { file: number };
  const bytes = (await panel.ask('chunk', { file, chunk: 0 })) as Record<string, number>;
  return readSafetensors(Uint8Array.from(Object.values(bytes)));
}

interface About {
  id: number;
  start: number;
  end: number;
  segment: 'A' | 'B' | null;
  type: number;
}

test(
  'two selections are PyTorch’s pair, with its token types, under both masks',
  inPanel({ height: 1200 }, async (panel) => {
    await showPair(panel);
    const status = (await panel.page.getByRole('status').textContent())!;
    assert.match(status, /^tiny-bert · 2 layers × 3 heads +12 tokens \(6 of A, 3 of B\) +bidirectional/);
    const tokens = await panel.tokens();
    golden.offsets.forEach(([start, end], i) => {
      const offset = i < b.from ? 100 : 200;
      if (start < end) assert.deepEqual([tokens[i].start, tokens[i].end], [offset + start, offset + end]);
      else assert.equal(tokens[i].start, tokens[i].end);
    });
    assert.deepEqual([tokens[7].start, tokens[11].start], [100 + golden.a.length, 200 + golden.b.length]);
    assert.match(
      (await panel.page.locator('.second').textContent())!,
      /selected; told apart by \[SEP\] and token types/,
    );
    close(await point(panel, 1, 2, 9), row('bidirectional', 1, 2, 9), 'B');
    const { spans } = (await lastReveal(panel))!;
    assert.ok(spans.some(([start]) => start < 150) && spans.some(([start]) => start >= 200));
    close(await point(panel, 0, 1, 3), row('bidirectional', 0, 1, 3), 'A');
    await panel.page.getByRole('switch', { name: 'Causal mask' }).click();
    await panel.page.waitForFunction(() =>
      / causal/.test(document.querySelector('[role=status]')!.textContent!),
    );
    await panel.settled();
    close(await point(panel, 1, 0, 10), row('causal', 1, 0, 10), 'causal');

    const { metadata, tensors } = await exported(panel);
    const about = JSON.parse(metadata.tokens) as About[];
    assert.deepEqual(
      about.map(({ id }) => id),
      golden.ids,
    );
    assert.deepEqual(
      about.map(({ type }) => type),
      golden.types,
    );
    assert.deepEqual(
      about.map(({ segment }) => segment),
      about.map((_, i) => (a.from <= i && i < a.to ? 'A' : b.from <= i && i < b.to ? 'B' : null)),
    );
    assert.equal(metadata.second_text, 'selected');
    const all = new Float32Array(new Uint8Array(readFileSync(`${folder}.causal.f32`)).buffer);
    close(tensors.get('attention')!.values, all, 'the file');
  }),
);

test(
  'a second text that is typed is the same pair; it stands in no document, and can be taken away',
  inPanel({ height: 1200 }, async (panel) => {
    await panel.show(golden.a, { offset: 100, model: bert });
    assert.equal((await panel.tokens()).length, 8);
    await readAs(panel, golden.b, n);
    close(await point(panel, 1, 2, 9), row('bidirectional', 1, 2, 9), 'B');
    const tokens = await panel.tokens();
    assert.deepEqual([tokens[8].start, tokens[8].end], golden.offsets[8]);
    const reveal = (await lastReveal(panel))!;
    assert.ok(reveal.spans.length > 0 && reveal.spans.every(([start]) => start >= 100));
    assert.equal(reveal.token[0], reveal.token[1], 'what was typed is painted nowhere');
    // A caret at the offsets of B in its own text is in the document's first characters, and points at A's token.
    await panel.post({ type: 'point', id: 1, offset: 101 });
    await panel.page.locator('#token-1.told').waitFor();
    // Nor does a link lead there: the card says what its tokens are of, and that special ones are of nothing.
    const elsewhere: Record<string, Set<string>> = { 'no text': new Set(), 'second text': new Set() };
    for (const { start } of tokens.slice(a.from, a.to)) {
      const { links } = (await panel.ask('card', { id: 1, offset: start })) as Card;
      for (const { name, place } of links) if (typeof place === 'string') elsewhere[place].add(name);
    }
    assert.ok(elsewhere['no text'].has('[SEP]'));
    assert.ok([...elsewhere['no text']].every((name) => /^\[(CLS|SEP)\]$/.test(name)));
    const typed = tokens.slice(b.from, b.to).map(({ text }) => text.trim());
    assert.ok(elsewhere['second text'].size > 0);
    assert.ok([...elsewhere['second text']].every((name) => typed.some((text) => name.endsWith(text))));
    const { metadata } = await exported(panel);
    assert.equal(metadata.second_text, 'typed');
    // Another text is read with the same second one.
    await panel.page.mouse.move(1, 1);
    await panel.show('The cat sat', { offset: 100, model: bert });
    await countIs(panel, 9);
    await panel.page.getByRole('button', { name: 'Read one text' }).click();
    await countIs(panel, 5);
    assert.equal(await panel.page.getByRole('textbox', { name: 'Second text' }).count(), 0);
  }),
);

test(
  'whose tokens attend to whose: what is drawn and painted, and no number',
  inPanel({ height: 1200 }, async (panel) => {
    await panel.show(golden.a, { offset: 100, model: bert });
    await panel.page.getByRole('button', { name: 'View' }).click();
    assert.equal(
      await panel.page.getByRole('combobox', { name: 'Pairs' }).count(),
      0,
      'one text has no pairs',
    );
    await showPair(panel);
    await countIs(panel, n);
    const numbers = await point(panel, 1, 2, 9);
    await panel.page.locator('#token-9').click();
    const all = (await lastReveal(panel))!;
    const within: Record<string, (start: number) => boolean> = {
      'B to A': (start) => start < 150,
      'B to B': (start) => start >= 200,
    };
    for (const [name, is] of Object.entries(within)) {
      await pairs(panel, name);
      await panel.page.waitForFunction((count) => {
        const last = window.sent.filter((message) => message.type === 'reveal').at(-1)!;
        return last.reveal !== null && last.reveal.spans.length < count;
      }, all.spans.length);
      const some = (await lastReveal(panel))!;
      assert.ok(some.spans.length > 0 && some.spans.every(([start]) => is(start)), name);
      assert.deepEqual(await panel.weights(), numbers, name);
      some.spans.forEach((span, i) => {
        const at = all.spans.findIndex(([start]) => start === span[0]);
        assert.equal(some.strengths[i], all.strengths[at]);
      });
      const painted = await panel.page
        .locator('[aria-label=Tokens] [role=option]')
        .evaluateAll((options) =>
          options.map((option) => (option as HTMLElement).style.backgroundColor !== ''),
        );
      painted.forEach((is, i) =>
        assert.ok(!is || (name === 'B to A' ? i >= a.from && i < a.to : i >= b.from && i < b.to)),
      );
    }
    await pairs(panel, 'A to B');
    await panel.page.waitForFunction(
      () => window.sent.filter((message) => message.type === 'reveal').at(-1)!.reveal!.spans.length === 0,
    );
    assert.deepEqual(await panel.weights(), numbers);
    assert.match(
      (await panel.page.locator('.links').textContent())!,
      /looks at nothing that is drawn of A to B/,
    );
    // With the first token hidden, rows of what is left are as strong as without the choice.
    await pairs(panel, 'B to A');
    await panel.page.getByRole('switch', { name: 'Hide first token' }).click();
    await panel.page.waitForFunction(
      () => window.sent.filter((message) => message.type === 'reveal').at(-1)!.reveal!.spans.length > 0,
    );
    const hidden = (await lastReveal(panel))!;
    hidden.strengths.forEach((strength, i) => {
      const rescaled = Math.sqrt(Math.min(1, hidden.weights[i] / (1 - numbers[0])));
      assert.ok(Math.abs(strength - rescaled) < 1e-4);
    });
    assert.deepEqual(await violations(panel.page), []);
  }),
);

test(
  'in every square what was not chosen is blank, and what the mask hides is hatched',
  inPanel({ height: 1200 }, async (panel) => {
    await showPair(panel);
    const share = (token: number) => (token + 0.5) / n;
    /** Whether the middles of these pairs are drawn, in the first square. */
    const opaque = (all: readonly (readonly [query: number, key: number])[]) =>
      panel.page.locator('.grid').evaluate(
        (grid, places) => {
          const canvas = grid.querySelector('canvas')!;
          const box = grid.querySelector('[role=gridcell]')!.getBoundingClientRect();
          const from = canvas.getBoundingClientRect();
          return places.map(([query, key]) => {
            const x = Math.floor((box.x - from.x + key * box.width) * devicePixelRatio);
            const y = Math.floor((box.y - from.y + query * box.height) * devicePixelRatio);
            return canvas.getContext('2d')!.getImageData(x, y, 1, 1).data[3] === 255;
          });
        },
        all.map(([query, key]) => [share(query), share(key)] as const),
      );
    const corners = [
      [0, 0],
      [2, 3],
      [2, 9],
      [9, 3],
      [9, 9],
      [7, 7],
    ] as const;
    assert.deepEqual(
      await opaque(corners),
      corners.map(() => true),
    );
    await pairs(panel, 'B to A');
    await panel.page.waitForFunction(() => !document.querySelector('[aria-busy=true]'));
    const expected = corners.map(([query, key]) => query === 9 && key === 3);
    for (let i = 0; i < 50 && String(await opaque(corners)) !== String(expected); i++)
      await panel.page.waitForTimeout(100);
    assert.deepEqual(await opaque(corners), expected);
  }),
);

test(
  'the choice comes back after a reload; the model that ships reads one text after the other',
  inPanel({ height: 1200 }, async (panel) => {
    await showPair(panel);
    await pairs(panel, 'B to A');
    await panel.reload();
    await showPair(panel);
    const box = panel.page.locator('vscode-single-select[label=Pairs]');
    assert.equal(await box.evaluate((select: HTMLElement & { value: string }) => select.value), 'B to A');
    await panel.show('The cat sat.', { second: { text: 'It was tired.', offset: 20, line: 0 } });
    await panel.page.waitForFunction(() =>
      /puts nothing between two texts/.test(document.querySelector('.second')!.textContent!),
    );
    const tokens = await panel.tokens();
    assert.equal(tokens[0].text, '<s>');
    assert.equal(tokens.at(-1)!.end, 20 + 'It was tired.'.length);
  }),
);

test(
  'a typed second text comes back after a reload, also in place of a selected one; a new selection is newer',
  inPanel({ height: 1200 }, async (panel) => {
    const field = panel.page.getByRole('textbox', { name: 'Second text' });
    await panel.show(golden.a, { model: bert });
    await readAs(panel, golden.b, n);
    await panel.reload();
    await panel.show(golden.a, { model: bert });
    await countIs(panel, n);
    assert.equal(await field.inputValue(), golden.b);

    await panel.page.getByRole('button', { name: 'Read one text' }).click();
    await countIs(panel, b.from);
    await panel.reload();
    await panel.show(golden.a, { model: bert });
    await countIs(panel, b.from);

    await showPair(panel);
    await countIs(panel, n);
    await field.fill(`${golden.b} ${golden.b}`);
    await panel.page.getByRole('button', { name: 'Read as a pair' }).click();
    const both = n + b.to - b.from;
    await countIs(panel, both);
    await panel.reload();
    await showPair(panel);
    await countIs(panel, both);
    await showPair(panel);
    await countIs(panel, n);
  }),
);

test(
  'in the large head nothing is left outside, the numbers in the cells neither',
  inPanel({ width: 1240, height: 1100 }, async (panel) => {
    await showPair(panel);
    /** Pixels that are drawn on, in the corner where [SEP] looks at [SEP]. */
    const drawn = () =>
      panel.page.locator('.head canvas[aria-label]').evaluate((canvas: HTMLCanvasElement) => {
        const side = Math.floor(canvas.width / 16);
        const corner = [canvas.width - side, canvas.height - side, side, side] as const;
        const { data } = canvas.getContext('2d')!.getImageData(...corner);
        return data.filter((value, i) => i % 4 === 3 && value > 0).length;
      });
    assert.ok((await drawn()) > 0);
    await pairs(panel, 'B to A');
    for (let i = 0; i < 50 && (await drawn()) > 0; i++) await panel.page.waitForTimeout(100);
    assert.equal(await drawn(), 0);
  }),
);
