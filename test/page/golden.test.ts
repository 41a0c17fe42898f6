/** What the page tells equals PyTorch, pair by pair, under both masks, on every device. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device } from '../../src/protocol';
import type { Mask } from '../../webview/core/attention';
import type { PageOptions } from './browser';
import { inPanel, PanelPage } from './browser';
import { golden } from './golden';

const TOLERANCE = 1e-4;

/** The weights in the page of every query of a head, read as a person would make them appear: by pointing. */
async function matrixOf(panel: PanelPage, layer: number, head: number): Promise<number[][]> {
  await panel.page.getByRole('gridcell', { name: `Layer ${layer} head ${head}`, exact: true }).click();
  await panel.page.mouse.move(1, 1);
  return panel.page.evaluate(
    async ([layer, head]) => {
      const frame = () => new Promise(requestAnimationFrame);
      while (document.querySelector('.head h2 strong')!.textContent !== `${layer}.${head}`) await frame();
      const options = [...document.querySelectorAll<HTMLElement>('[role=option][data-index]')];
      const rows: number[][] = [];
      for (const option of options) {
        option.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
        do await frame();
        while (!option.classList.contains('told') || !option.hasAttribute('data-weight'));
        rows.push(options.map((one) => Number(one.dataset.weight)));
      }
      return rows;
    },
    [layer, head],
  );
}

async function equalsGolden(
  panel: PanelPage,
  name: string,
  mask: Mask,
  heads: readonly (readonly [number, number])[],
) {
  const expected = golden(name);
  assert.deepEqual((await panel.tokens()).length, expected.n, 'the tokenizer reads what Python’s reads');
  let worst = 0;
  for (const [layer, head] of heads) {
    const matrix = await matrixOf(panel, layer, head);
    matrix.forEach((row, query) => {
      const wanted = expected.row(mask, layer, head, query);
      const sum = row.reduce((total, weight) => total + weight, 0);
      assert.ok(Math.abs(sum - 1) < 1e-5, `row ${query} of ${layer}.${head} sums to ${sum}`);
      row.forEach((weight, key) => {
        if (mask === 'causal' && key > query) assert.equal(weight, 0);
        worst = Math.max(worst, Math.abs(weight - wanted[key]));
      });
    });
  }
  assert.ok(worst < TOLERANCE, `${name}, ${mask}: off by ${worst}`);
}

async function underBothMasks(
  options: PageOptions,
  device: Device,
  name: string,
  heads: [number, number][],
  says: RegExp,
) {
  const panel = await PanelPage.open(options);
  try {
    await panel.show(golden(name).text, { device });
    assert.match((await panel.page.getByRole('status').textContent())!, says);
    await equalsGolden(panel, name, 'causal', heads);
    await panel.page.getByRole('switch', { name: 'Causal mask' }).click();
    await panel.settled();
    await panel.page.waitForFunction(() =>
      /bidirectional/.test(document.querySelector('[role=status]')!.textContent!),
    );
    await equalsGolden(panel, name, 'bidirectional', heads);
    assert.match((await panel.page.getByRole('status').textContent())!, says);
  } finally {
    await panel.close();
  }
}

const all = Array.from({ length: 40 }, (_, i): [number, number] => [Math.floor(i / 8), i % 8]);
const diagonal = all.filter(([layer, head]) => layer === head || head === 7 - layer);

test('WASM: every weight of every head of a sentence', () => underBothMasks({}, 'wasm', 'cat', all, /WASM/));
for (const name of ['python', 'typescript', 'emoji', 'x'])
  test(`WASM: ${name}`, () => underBothMasks({}, 'wasm', name, diagonal, /WASM/));
test('WASM with threads, in an isolated page', () =>
  underBothMasks({ isolated: true }, 'wasm', 'python', diagonal, /WASM/));
test('WebGPU, in software', () => underBothMasks({ webgpu: true }, 'webgpu', 'cat', diagonal, /WebGPU/));

test(
  'typed piece by piece, each time read on from the text before',
  inPanel({}, async (panel) => {
    const { text } = golden('python');
    const status = () => panel.page.getByRole('status').textContent();
    // Once it is seen that someone types, the model is opened to read on; the text after that is its first.
    for (let piece = 0; !/ms for the last \d+$/.test((await status())!); piece++) {
      assert.ok(piece < 30, (await status())!);
      await panel.show(text.slice(0, text.length - 20 + (piece % 10)));
      await panel.page.waitForTimeout(700);
    }
    await panel.show(text);
    const [, tokens, last] = / (\d+) tokens .* for the last (\d+)$/.exec((await status())!)!;
    assert.ok(Number(last) < Number(tokens) / 2, `${last} of ${tokens} tokens were read`);
    await equalsGolden(panel, 'python', 'causal', diagonal);
  }),
);

test('layer 0 has the same scores under both masks; deeper layers do not', async () => {
  const { text } = golden('python');
  const panel = await PanelPage.open();
  try {
    await panel.show(text);
    const causal = [await matrixOf(panel, 0, 3), await matrixOf(panel, 2, 3)];
    await panel.page.getByRole('switch', { name: 'Causal mask' }).click();
    await panel.page.waitForFunction(() =>
      /bidirectional/.test(document.querySelector('[role=status]')!.textContent!),
    );
    const both = [await matrixOf(panel, 0, 3), await matrixOf(panel, 2, 3)];
    const furthest = causal.map((matrix, which) => {
      let most = 0;
      matrix.forEach((row, query) => {
        const cut = both[which][query].slice(0, query + 1);
        const kept = cut.reduce((sum, weight) => sum + weight, 0);
        cut.forEach((weight, key) => (most = Math.max(most, Math.abs(weight / kept - row[key]))));
      });
      return most;
    });
    assert.ok(furthest[0] < 1e-4, `layer 0 is off by ${furthest[0]}`);
    assert.ok(furthest[1] > 0.01, `layer 2 differs by ${furthest[1]} only: was the whole pass run again?`);
  } finally {
    await panel.close();
  }
});

test(
  'before an edit, a causal model’s rows stay as they were',
  inPanel({}, async (panel) => {
    await panel.show('def area(self):\n    return self.side * self.side\n');
    const before = await matrixOf(panel, 3, 1);
    await panel.show('def area(self):\n    return self.side * self.height + 1\n');
    const after = await matrixOf(panel, 3, 1);
    const tokens = (await panel.tokens()).findIndex(({ text }) => /height|he/.test(text));
    assert.ok(tokens > 8);
    for (let query = 0; query < tokens; query++)
      for (let key = 0; key <= query; key++)
        assert.ok(Math.abs(before[query][key] - after[query][key]) < 1e-5);
  }),
);
