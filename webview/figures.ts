/** What is on the screen as a figure for a paper: the look in focus, or every head. */
import type { FigureWish } from '../src/protocol';
import type { Mask, Overview } from './core/attention';
import { countCells, headName, headOffset, toBytes } from './core/attention';
import type { Tint } from './core/colour';
import { rampWords } from './core/colour';
import type { Cells, Figure } from './core/figure/figure';
import { gridFigure } from './core/figure/grid';
import { matrixFigure } from './core/figure/matrix';
import type { Seen } from './core/look';
import { lookName, maskOf } from './core/look';
import { onlyPixels } from './core/part';
import type { Axes, Pooled } from './core/pool';
import { coloured, pool } from './core/pool';
import { withDensity } from './core/png';
import { FAINTEST_MARKED, rowOf, sheetsOf, tintMark } from './core/sheets';
import { svgOf } from './core/figure/svg';
import { pngOfCells, pngOfFigure } from './render/figure';
import { columnsOf, grainedOf, rowsOf } from './places';
import { hasPairings } from './segments';
import { countsOf, hidingMask, kindName } from './sides';
import type { View } from './choices';
import type { Picture } from './picture';
import type { Scene } from './state';
import { drawnOverview, drawnPart, redrawOf, tokenPart } from './state';

/** Of a figure as pixels: what journals ask for. */
const DOTS_PER_INCH = 300;

/** @returns the file's bytes; null while the numbers in focus have not come */
export async function figureFile(scene: Scene, view: View, wish: FigureWish): Promise<Uint8Array | null> {
  const figure = figureOf(scene, view, wish);
  if (!figure) return null;
  if (wish.format === 'png') return withDensity(await pngOfFigure(figure, DOTS_PER_INCH), DOTS_PER_INCH);
  const addresses = new Map<Cells, string>();
  for (const mark of figure.marks)
    if (mark.kind === 'image') addresses.set(mark.cells, await dataUrl(await pngOfCells(mark.cells)));
  return new TextEncoder().encode(svgOf(figure, (cells) => addresses.get(cells)!));
}

/** The figure, whatever writes it; null while the numbers in focus have not come. */
export function figureOf(scene: Scene, view: View, wish: FigureWish): Figure | null {
  return wish.of === 'heads' ? ofHeads(scene, view, wish) : ofLook(scene, view, wish);
}

function ofLook(scene: Scene, view: View, wish: FigureWish): Figure | null {
  const { picture, seen } = scene;
  if (!seen) return null;
  const { look } = seen;
  const mask = maskOf(look, hidingMask(picture));
  const grained = grainedOf(picture, view.grain);
  const drawn = sheetsOf(seen, redrawOf(view, scene), grained, drawnPart(view, scene));
  const { queries, keys } = drawn[0];
  const sheets = drawn.map(({ tint, weights }) => {
    const bytes = new Uint8Array(weights.length);
    toBytes(weights, bytes, 0);
    return { bytes, tint, words: rampWords(wish.theme, view, tint) };
  });
  return matrixFigure({
    ...told(picture, view, wish, look.kind === 'difference' ? null : picture.mask),
    tints: sheets.map(({ tint }) => ({ tint, name: tintName(seen, tint) })),
    title: capital(kindName(picture, `${look.kind === 'head' ? 'head ' : ''}${lookName(look)}`)),
    letters: (query) => {
      const { strengths, sheet } = rowOf(drawn, query, false, view);
      return Array.from(strengths, (strength, key) =>
        strength < FAINTEST_MARKED ? '' : tintMark(drawn[sheet[key]].tint),
      );
    },
    queries: rowsOf(picture, view.grain).texts,
    keys: columnsOf(picture, view.grain).texts,
    cells: (most) => {
      const axes = axesOf({ queries, keys }, most);
      const pooled = sheets.map(({ bytes }) => pool(bytes, 0, axes, mask));
      return cellsOf(
        pooled,
        sheets.map(({ words }) => words),
      );
    },
  });
}

function ofHeads(scene: Scene, view: View, wish: FigureWish): Figure {
  const { picture } = scene;
  const mask = hidingMask(picture);
  const overview = drawnOverview(view, scene);
  const words = [rampWords(wish.theme, view)];
  const part = tokenPart(view, scene);
  return gridFigure({
    ...told(picture, view, wish, picture.mask),
    tints: [{ tint: 'heat', name: WEIGHT }],
    title: capital(kindName(picture, `${overview.layers} layers × ${overview.heads} heads`)),
    ...{ layers: overview.layers, heads: overview.heads, tall: overview.queries / overview.keys },
    cells: (layer, head, most) => {
      const at = headOffset(overview, { layer, head });
      const pooled = pool(overview.bytes, at, axesOf(countCells(overview), most), mask);
      return cellsOf([part ? onlyPixels(pooled, part, axesOf(overview, most)) : pooled], words);
    },
  });
}

const capital = (text: string) => text[0].toUpperCase() + text.slice(1);

const WEIGHT = 'attention weight';

/** What a tint of a look stands for. */
function tintName({ look }: Seen, tint: Tint): string {
  if (tint === 'more' || tint === 'less')
    return `${tintMark(tint)} more weight if ${tint === 'more' ? 'causal' : 'bidirectional'}`;
  return look.kind === 'overlay' && typeof tint === 'number'
    ? `${tintMark(tint)} head ${headName(look.heads[tint])}`
    : WEIGHT;
}

/** @param mask null for what is of both */
function told(picture: Picture, view: View, wish: FigureWish, mask: Mask | null) {
  // What is not drawn is said: a figure travels without its panel.
  const left = [
    ...(view.sinkHidden ? ['first token left out'] : []),
    ...(view.pairing !== 'all' && hasPairings(picture) ? [`${view.pairing} only`] : []),
    ...(view.valued ? ['weighed by value'] : []),
    ...(view.threshold > 0 ? [`weights under ${view.threshold} left out`] : []),
  ];
  // The encoder of an encoder-decoder has none.
  const said = picture.kind === 'encoder' ? null : mask;
  return {
    caption: [picture.model.name, ...(said ? [`${said} mask`] : []), countsOf(picture), ...left].join(', '),
    masked: mask !== null && hidingMask(picture) === 'causal',
    ...{ theme: wish.theme, millimetres: wish.millimetres, scale: view.scale },
  };
}

/** A pixel a pair, or fewer, by maximum, where there are more than `most` along a side. */
function axesOf({ queries, keys }: Pick<Overview, 'queries' | 'keys'>, most: number): Axes {
  const share = Math.min(1, most / Math.max(queries, keys));
  const axis = (n: number) => ({ n, size: Math.max(1, Math.floor(n * share)) });
  return { queries: axis(queries), keys: axis(keys) };
}

const cellsOf = (sheets: readonly Pooled[], words: readonly Uint32Array[]): Cells => ({
  ...sheets[0],
  words: coloured(sheets, words),
});

async function dataUrl(png: Uint8Array): Promise<string> {
  const reader = new FileReader();
  reader.readAsDataURL(new Blob([png as Uint8Array<ArrayBuffer>], { type: 'image/png' }));
  await new Promise((resolve, reject) => {
    reader.onload = resolve;
    reader.onerror = () => reject(reader.error!);
  });
  return reader.result as string;
}
