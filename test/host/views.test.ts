/** Every look at a picture in the real editor: its numbers against PyTorch's, its paint, its words, by keys alone too. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { levelOf } from '../../src/strength';
import type { Mask } from '../../webview/core/attention';
import { strongest } from '../../webview/core/attention';
import { spoken } from '../../webview/core/names';
import { golden } from '../page/golden';
import { type Paint, painted } from './paint';
import { changeSettings, closeTab, folderWith, type Look, PanelView, selectAll, until } from './panel';
import { openWorkbench, type Workbench } from './workbench';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const python = golden('python');
const { layers, heads, n } = python;
const tolerance = 1e-4;
type Head = readonly [layer: number, head: number];
const ofLayer = (layer: number): Head[] => Array.from({ length: heads }, (_, head) => [layer, head]);
const all = Array.from({ length: layers }, (_, layer) => ofLayer(layer)).flat();
const named = ([layer, head]: Head) => `${layer}.${head}`;
const mean = (values: number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
const most = (values: number[]) => Math.max(...values);

/** PyTorch's weights of a token's row in these heads, brought together. */
const rowOf = (mask: Mask, of: readonly Head[], token: number, bring = mean): number[] =>
  Array.from({ length: n }, (_, key) =>
    bring(of.map(([layer, head]) => python.row(mask, layer, head, token)[key]!)),
  );
/** What each query gives to a token. */
const columnOf = ([layer, head]: Head, token: number): number[] =>
  Array.from({ length: n }, (_, query) => python.row('causal', layer, head, query)[token]!);

/** How many tokens are painted, the first one apart: it stands nowhere in the document. */
const seen = (strengths: readonly number[]) => strengths.slice(1).filter((one) => levelOf(one) > 0).length;

/** Whether a row has strong links and weak ones, weight on the first token, a column of its own, and heeds the mask. */
function isTelling(of: Head, token: number): boolean {
  const row = rowOf('causal', [of], token);
  const bidirectional = rowOf('bidirectional', [of], token);
  const change = row.map((weight, key) => weight - bidirectional[key]!);
  const largest = Math.sqrt(most(row.slice(1)));
  const [strong, some] = [seen(row), seen(row.map(Math.sqrt))];
  const over = row.slice(1).filter((weight) => weight >= threshold).length;
  return (
    strong >= 2 &&
    some > strong + 2 &&
    over >= 2 &&
    some > over + 2 &&
    seen(columnOf(of, token).map(Math.sqrt)) >= 3 &&
    Math.min(...change) < -0.02 &&
    most(change) > 0.02 &&
    levelOf(largest / Math.sqrt(1 - row[0]!)) > levelOf(largest)
  );
}

/** Whether two heads each have links of the token that the other has not. */
function differ(one: Head, other: Head, token: number): boolean {
  const [a, b] = [rowOf('causal', [one], token), rowOf('causal', [other], token)];
  const more = (x: number[], y: number[]) =>
    x.some((weight, key) => weight > 0.05 && weight > y[key]! + 0.02);
  return more(a, b) && more(b, a);
}

/** What the slider's step 6 says. */
const threshold = 0.05;

/** The token that is told, the head in focus, which has one at its right and one below, and one that differs from it. */
const { token, mine, other } = (() => {
  for (const mine of all.slice(2 * heads))
    for (let token = n - 2; token > n / 3; token--) {
      const [layer, head] = mine;
      if (
        layer === layers - 1 ||
        head === heads - 1 ||
        !/\w/.test(python.tokens[token]!) ||
        !isTelling(mine, token)
      )
        continue;
      const other = ofLayer(layer - 1).find((one) => differ(mine, one, token));
      if (other) return { token, mine, other };
    }
  throw new Error('the golden values have no head whose every look differs');
})();
const name = named(mine);
const [layer, head] = mine;

let folder: string;
let workbench: Workbench;
let panel: PanelView;

before(async () => {
  folder = await folderWith({ 'golden.py': python.text });
  workbench = await openWorkbench({
    ...{ folder, width: 1400, height: 1000 },
    settings: { 'workbench.sideBar.location': 'right' },
  });
  panel = new PanelView(workbench);
  await workbench.openFile('golden.py');
  await workbench.command('View: Toggle Primary Side Bar Visibility');
  await selectAll(workbench);
  await panel.show(python.text);
  await panel.frame.getByRole('button', { name: 'View' }).click();
  await panel.cell(layer, head).click();
  await panel.option(token).click();
  await panel.moveAway();
  await titled(name);
});
after(async () => {
  await workbench?.close();
  await rm(folder, { recursive: true, force: true });
});

const titled = (title: string) => panel.comes(`the look ${title}`, ({ head }) => head === title);
const turn = (of: string) => panel.frame.getByRole('switch', { name: of }).click();
const slide = (step: string) => panel.frame.getByRole('slider', { name: 'Hide weights under' }).fill(step);
async function choose(list: string, option: string): Promise<void> {
  await panel.frame.getByRole('combobox', { name: list }).click();
  await panel.frame.getByRole('option', { name: option, exact: true }).click();
  await panel.moveAway();
}

/** Waits until the panel tells these values, one for every token. */
const areTold = (values: readonly number[]): Promise<Look> =>
  panel.comes('the values are told', ({ tokens }) =>
    tokens.every(({ weight }, i) => weight !== null && Math.abs(Number(weight) - values[i]!) < tolerance),
  );

/** What is painted on the document, once it is another than before and stays so. */
async function paintAfter(before: readonly Paint[]): Promise<Paint[]> {
  let last = JSON.stringify(before);
  const first = last;
  return until('the document is painted anew', async () => {
    const paint = await painted(workbench);
    const now = JSON.stringify(paint);
    const stays = now === last && now !== first && paint.length > 1;
    last = now;
    return stays && paint;
  });
}

/** How many characters are painted. */
const painting = (paint: readonly Paint[]) => paint.reduce((sum, { text }) => sum + text.length, 0);

test('reversed: what every token gives to this one', async () => {
  const forwards = await paintAfter([]);
  await turn('Who attends to me');
  await areTold(columnOf(mine, token));
  const backwards = await paintAfter(forwards);
  await workbench.screenshot('host-view-reversed');
  await turn('Who attends to me');
  await areTold(rowOf('causal', [mine], token));
  assert.deepEqual(await paintAfter(backwards), forwards);
});

const many: [scope: string, title: string, of: readonly Head[], bring: (values: number[]) => number][] = [
  ['average of its layer', `average of layer ${layer}`, ofLayer(layer), mean],
  ['maximum of its layer', `maximum of layer ${layer}`, ofLayer(layer), most],
  ['average of all heads', 'average of all heads', all, mean],
  ['maximum of all heads', 'maximum of all heads', all, most],
];
for (const [scope, title, of, bring] of many)
  test(`${scope}: the numbers, and the paint that goes with them`, async () => {
    const before = await painted(workbench);
    await choose('Look at', scope);
    await titled(title);
    await areTold(rowOf('causal', of, token, bring));
    await paintAfter(before);
    await workbench.screenshot(`host-view-${scope.replaceAll(' ', '-')}`);
    await choose('Look at', 'one head');
    await titled(name);
  });

test('two heads overlaid: the stronger is told, each with its letter', async () => {
  const before = await painted(workbench);
  await panel.cell(...other).click({ modifiers: ['Control'] });
  await panel.moveAway();
  await titled(`${name} + ${named(other)}`);
  await areTold(rowOf('causal', [mine, other], token, most));
  await paintAfter(before);
  await workbench.screenshot('host-view-overlay');
  const marks = await panel.frame
    .locator('.token[data-mark]')
    .evaluateAll((tokens) =>
      tokens.map((one) => [Number(one.getAttribute('data-index')), one.getAttribute('data-mark')] as const),
    );
  assert.ok(new Set(marks.map(([, mark]) => mark)).size === 2, 'both heads are seen');
  const [one, another] = [rowOf('causal', [mine], token), rowOf('causal', [other], token)];
  for (const [i, mark] of marks) {
    const [own, stronger] = [mark === 'A' ? one[i]! : another[i]!, Math.max(one[i]!, another[i]!)];
    assert.ok(stronger - own < tolerance, `${i} is painted as ${mark}`);
  }
  const legend = (await panel.frame.locator('.legend').innerText()).replace(/\s+/g, ' ');
  assert.ok(
    legend.includes(`A ${name} B ${named(other)}`) || legend.includes(`A${name}B${named(other)}`),
    legend,
  );
  await panel.cell(layer, head).click();
  await panel.moveAway();
  await titled(name);
});

test('causal minus bidirectional: both runs, negative where the mask takes away', async () => {
  await turn('Causal − bidirectional');
  await titled(`${name}, causal − bidirectional`);
  const causal = rowOf('causal', [mine], token);
  const bidirectional = rowOf('bidirectional', [mine], token);
  const difference = causal.map((weight, i) => weight - bidirectional[i]!);
  assert.ok(difference.some((value) => value < -0.01) && difference.some((value) => value > 0.01));
  await areTold(difference);
  await workbench.screenshot('host-view-difference');
  await turn('Causal − bidirectional');
  await titled(name);
  await areTold(causal);
});

test('scale, threshold and hidden first token change the paint, never a number', async () => {
  const numbers = rowOf('causal', [mine], token);
  const root = await painted(workbench);
  await choose('Scale', 'log');
  const log = await paintAfter(root);
  await areTold(numbers);
  await choose('Scale', 'linear');
  const linear = await paintAfter(log);
  await areTold(numbers);
  const [few, some, many] = [linear, root, log].map(painting);
  assert.ok(few! < some! && some! <= many!, `a scale brings weak links out: ${few}, ${some}, ${many}`);
  await choose('Scale', 'square root');
  await paintAfter(linear);

  await slide('6');
  const over = await paintAfter(root);
  await areTold(numbers);
  assert.ok(painting(over) < some!, 'less is painted');
  await workbench.screenshot('host-view-threshold');
  await slide('0');
  await paintAfter(over);

  await turn('Hide first token');
  const without = await paintAfter(root);
  await areTold(numbers);
  const strongestOf = (paint: readonly Paint[]) => Math.max(...paint.map(({ strength }) => strength));
  assert.ok(strongestOf(without) > strongestOf(root), 'the rest of the row is rescaled');
  await panel.frame
    .locator('.sink')
    .filter({ hasText: /<s>, is left out/ })
    .waitFor();
  await workbench.screenshot('host-view-without-first-token');
  await turn('Hide first token');
  assert.deepEqual(await paintAfter(without), root);
});

test('lines: the text twice, and both sides of a line can be pointed at', async () => {
  await turn('Lines');
  const lines = panel.frame.getByRole('img', { name: /lines between them/ });
  await lines.scrollIntoViewIfNeeded();
  await workbench.screenshot('host-view-lines');
  await panel.option(token).click();
  const { width, height } = (await lines.boundingBox())!;
  for (const [x, index] of [[20, 9] as const, [width - 20, 12] as const]) {
    await lines.hover({ position: { x, y: ((index + 0.5) * height) / n } });
    const told = await panel.told(index);
    const wanted = python.row('causal', layer, head, index);
    told.forEach((weight, key) => assert.ok(Math.abs(weight - wanted[key]!) < tolerance));
  }
  await panel.option(token).click();
  await panel.moveAway();
  await turn('Lines');
  await panel.frame.getByRole('img', { name: `Attention of head ${name}, ${n} by ${n} tokens` }).waitFor();
});

/** Waits for what a screen reader is told, word by word. */
async function hears(of: string): Promise<void> {
  const { tokens } = (await panel.look())!;
  const word = (i: number) => {
    const { start, end, text } = tokens[i]!;
    return start === end ? text : spoken(text);
  };
  const weights = tokens.map(({ weight }) => Number(weight));
  const links = strongest(weights, 3)
    .filter((i) => weights[i] !== 0)
    .map((i) => `${word(i)} ${weights[i]!.toFixed(2)}`);
  const told = tokens.findIndex((one) => one.told);
  const sentence = `${of} ${word(told)} looks at ${links.join(', ')}.`;
  const region = panel.frame.locator('#told[aria-live=polite]');
  await until(`"${sentence}" is said`, async () => (await region.textContent()) === sentence);
}

test('a screen reader hears head, token and the three strongest links', async () => {
  await hears(`Head ${name}.`);
  await choose('Look at', 'maximum of its layer');
  await titled(`maximum of layer ${layer}`);
  await hears(`Maximum of layer ${layer}.`);
  await choose('Look at', 'one head');
  await titled(name);
});

test('by keys alone: to the panel, heads, overlay, tokens, mask, free, and back', async () => {
  const { page } = workbench;
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await page.locator('.tab.active[data-resource-name="golden.py"]').click();
  await page.locator('.editor-instance .monaco-editor.focused').waitFor();
  await press('Control+k', 'j');
  const focused = panel.frame.locator('[role=gridcell]:focus');
  await until('the focus is on a head', async () => (await focused.count()) === 1);
  const right: Head = [layer, head + 1];
  const pinned = `${name} + ${named(other)} + ${named(right)}`;
  await press('ArrowRight');
  await titled(named(right));
  await hears(`Head ${named(right)}.`);
  await press('o', 'ArrowDown', 'o');
  await titled(`${pinned} + ${named([layer + 1, head + 1])}`);
  await press('o');
  await titled(pinned);
  await press('ArrowUp');
  await titled(named(right));
  await press('Shift+ArrowLeft');
  await panel.told(token - 1);
  await areTold(rowOf('causal', [right], token - 1));
  await press('m');
  await panel.comes('the other mask', ({ busy, status }) => !busy && /bidirectional/.test(status));
  await areTold(rowOf('bidirectional', [right], token - 1));
  await workbench.screenshot('host-view-keys');
  await press('m');
  await panel.comes('the causal mask', ({ busy, status }) => !busy && / causal /.test(status));
  await press('Escape');
  await panel.toldNothing();
  await until('the document is clear', async () => (await painted(workbench)).length === 0);
  await press('Control+k', 'j');
  await page.locator('.editor-instance .monaco-editor.focused').waitFor();
});

for (const theme of ['Default Dark Modern', 'Default High Contrast', 'Default High Contrast Light'])
  test(`${theme}: axe finds nothing in the panel, with lines and an overlay too`, async () => {
    await changeSettings(workbench, { 'workbench.colorTheme': theme });
    await panel.cell(layer, head).click();
    await panel.option(token).click();
    await panel.moveAway();
    await areTold(rowOf('causal', [mine], token));
    assert.deepEqual(await violations(), []);
    await turn('Lines');
    await panel.cell(0, 0).click({ modifiers: ['Control'] });
    await panel.moveAway();
    await panel.comes('an overlay', ({ head }) => /\+ 0\.0$/.test(head));
    await workbench.screenshot(`host-view-${theme.toLowerCase().replaceAll(' ', '-')}`);
    assert.deepEqual(await violations(), []);
    await panel.cell(0, 0).click({ modifiers: ['Control'] });
    await panel.option(token).click();
    await turn('Lines');
  });

test('the editor closed while it is painted: nothing breaks, and its text is shown and painted again', async () => {
  // Each frame another row is painted, before, while and after the editor goes.
  const pointing = panel.frame
    .getByRole('listbox', { name: 'Tokens', exact: true })
    .evaluate(async (list) => {
      for (let i = 0; i < 300 && list.isConnected; i++) {
        const option = list.querySelector(`#token-${1 + (i % 20)}`)!;
        option.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
        await new Promise(requestAnimationFrame);
      }
    });
  await until('the document is painted', async () => (await painted(workbench)).length > 1);
  await closeTab(workbench, 'golden.py');
  await pointing;
  await workbench.openFile('golden.py');
  await selectAll(workbench);
  await panel.show(python.text);
  await panel.pointAt(token);
  await paintAfter([]);
  assert.deepEqual(
    workbench
      .log()
      .split('\n')
      .filter((line) => /Content Security Policy|^\[uncaught\]|headlight/i.test(line)),
    [],
  );
});

/** What axe finds in the page inside the webview. It comes as the debugger would bring it, under the page's own policy. */
async function violations(): Promise<string[]> {
  const body = await panel.frame.locator('body').elementHandle();
  const frame = (await body!.ownerFrame())!;
  await frame.evaluate(`${axe};0`);
  return frame.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    return (await axe.run()).violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(' ')}`,
    );
  });
}
