/** How it looks in four themes, narrow and wide: pictures for people, and what must hold in each of them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PNG } from 'pngjs';
import { painted } from './paint';
import { changeSettings, PanelView, until } from './panel';
import { openWorkbench, type Workbench } from './workbench';

const text = 'def largest(shapes):\n    best = None\n    for shape in shapes:\n        if best is None';
const themes = [
  { name: 'dark', setting: 'Default Dark Modern', body: 'vscode-dark' },
  { name: 'light', setting: 'Default Light Modern', body: 'vscode-light' },
  { name: 'high-contrast-dark', setting: 'Default High Contrast', body: 'vscode-high-contrast' },
  { name: 'high-contrast-light', setting: 'Default High Contrast Light', body: 'vscode-high-contrast-light' },
];

let workbench: Workbench;
let panel: PanelView;

before(async () => {
  workbench = await openWorkbench({
    width: 1400,
    height: 900,
    settings: { 'workbench.sideBar.location': 'right' },
  });
  panel = new PanelView(workbench);
  await workbench.openFile('shapes.py');
  await workbench.command('View: Toggle Primary Side Bar Visibility');
  await workbench.select(text);
  await panel.show(text);
});
after(() => workbench?.close());

/** The width that the panel's page has, and what of it a person would have to scroll sideways for. */
const measured = () =>
  panel.frame.locator('body').evaluate((body) => {
    const { clientWidth, scrollWidth } = document.documentElement;
    const toolbar = body.querySelector('.toolbar')!;
    const outside = [...toolbar.querySelectorAll('*'), toolbar]
      .map((one) => one.getBoundingClientRect())
      .filter(({ left, right, width }) => width > 0 && (left < -1 || right > clientWidth + 1));
    return { clientWidth, scrollWidth, outside: outside.length };
  });

async function fits(): Promise<number> {
  const { clientWidth, scrollWidth, outside } = await measured();
  assert.ok(scrollWidth <= clientWidth, `${scrollWidth} px of page in a panel of ${clientWidth} px`);
  assert.equal(outside, 0, 'parts of the toolbar that stand outside of the panel');
  return clientWidth;
}

/** The colours in the picture of an element, most of them first. */
async function coloursOf(selector: string): Promise<number> {
  const { data } = PNG.sync.read(await panel.frame.locator(selector).first().screenshot());
  const colours = new Set<number>();
  for (let i = 0; i < data.length; i += 4) colours.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
  return colours.size;
}

/** Contrast of every kind of text in the panel with what it stands on, as WCAG counts it; the worst of them. */
const contrasts = () =>
  panel.frame.locator('body').evaluate((body) => {
    const parts = (colour: string) => colour.match(/[\d.]+/g)!.map(Number);
    const luminance = (colour: number[]) => {
      const [r, g, b] = colour.slice(0, 3).map((part) => {
        const share = part / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    };
    const ground = (element: Element | null): number[] => {
      for (let at = element; at; at = at.parentElement) {
        const colour = parts(getComputedStyle(at).backgroundColor);
        if (colour.length === 3 || colour[3] === 1) return colour;
      }
      return [255, 255, 255];
    };
    return ['[role=switch]', 'h2', '[role=status]', '.token:not(.blank)', '.hint', '.number', '.legend'].map(
      (selector) => {
        const element = body.querySelector(selector);
        if (!element) throw new Error(`the page has no ${selector}`);
        const [a, b] = [luminance(parts(getComputedStyle(element).color)), luminance(ground(element))];
        return { selector, contrast: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) };
      },
    );
  });

for (const { name, setting, body } of themes)
  test(name, async () => {
    await changeSettings(workbench, { 'workbench.colorTheme': setting });
    await until(`the page has the class ${body}`, () =>
      panel.frame.locator('body').evaluate((page, wanted) => page.classList.contains(wanted), body),
    );
    const { tokens } = (await panel.look())!;
    await panel.pointAt(tokens.length - 2);
    await until('the document is painted', async () => (await painted(workbench)).length > 1);
    await workbench.screenshot(`host-${name}`);
    for (const { selector, contrast } of await contrasts())
      assert.ok(contrast >= 4.5, `${selector}: the contrast is ${contrast.toFixed(2)}`);
    assert.ok((await coloursOf('.grid')) > 20, 'the grid is drawn');
    assert.ok((await coloursOf('.stack')) > 20, 'the head is drawn');
    if (body.includes('high-contrast'))
      for (const { border, text: under } of await painted(workbench))
        assert.ok(border, `"${under}" has a border`);
    await fits();
    await panel.moveAway();
  });

test('narrow', async () => {
  const { page } = workbench;
  await changeSettings(workbench, { 'workbench.colorTheme': themes[0]!.setting });
  // The panel gets a third or so of the window; the border between the two can be dragged.
  await dragTo(320);
  const width = await until('the panel is narrow', async () => {
    const { clientWidth } = await measured();
    return clientWidth <= 330 && clientWidth;
  });
  assert.ok(width >= 300);
  await panel.pointAt(5);
  await workbench.screenshot('host-narrow');
  await fits();
  for (const name of ['Causal mask', 'Who attends to me'])
    assert.ok(await panel.frame.getByRole('switch', { name }).isVisible());
  await page.mouse.move(2, 2);
});

test('wide', async () => {
  await dragTo(1100);
  await until('the panel is wide', async () => (await measured()).clientWidth > 1032);
  await panel.pointAt(5);
  await workbench.screenshot('host-wide');
  await fits();
  const [grid, head] = await Promise.all(
    ['.heads', '.head'].map((part) => panel.frame.locator(part).boundingBox()),
  );
  assert.ok(grid && head && head.x >= grid.x + grid.width, 'the head stands beside the grid');
});

test('nothing was refused or thrown', () => {
  const lines = workbench.log().split('\n');
  assert.deepEqual(
    lines.filter((line) => /Content Security Policy|^\[uncaught\]/.test(line)),
    [],
  );
});

/** Drags the border between editor and panel, so that the panel becomes this wide. */
async function dragTo(width: number): Promise<void> {
  const { page } = workbench;
  const group = page.locator('.editor-group-container:has(.tab[aria-label^="Headlight"])');
  const box = (await group.boundingBox())!;
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - width, y, { steps: 8 });
  await page.mouse.up();
}
