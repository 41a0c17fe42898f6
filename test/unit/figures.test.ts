/** Figures of looks that have more than one sheet: each pair in the colour of the sheet that shows, and a legend for each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FigureWish } from '../../src/protocol';
import type { Mask, Matrix } from '../../webview/core/attention';
import type { Tint } from '../../webview/core/colour';
import { css, ramp, scaled, word } from '../../webview/core/colour';
import type { Figure } from '../../webview/core/figure/figure';
import { INKS } from '../../webview/core/figure/frame';
import type { Look } from '../../webview/core/look';
import { seenBy } from '../../webview/core/look';
import { whole } from '../../webview/core/viewport';
import { unchanged } from '../../webview/engine/engine';
import { figureOf } from '../../webview/figures';
import type { View } from '../../webview/choices';
import type { Scene } from '../../webview/state';
import { initial } from '../../webview/state';

const n = 3;
/** Weights of whole bytes, so that a figure's bytes are the weights. */
const matrix = (...bytes: number[]): Matrix => ({
  ...{ queries: n, keys: n },
  weights: Float32Array.from(bytes, (byte) => byte / 255),
});
const causal = matrix(255, 0, 0, 55, 200, 0, 5, 50, 200);
const other = matrix(255, 0, 0, 155, 100, 0, 100, 55, 100);
const open = matrix(100, 100, 55, 155, 50, 50, 55, 150, 50);

function sceneOf(look: Look, parts: readonly Matrix[], mask: Mask): Scene {
  const [a, b] = [0, 1].map((head) => ({ layer: 0, head }));
  return {
    picture: {
      ...{
        key: '',
        kind: 'self',
        kinds: ['self'],
        sight: null,
        second: null,
        target: null,
        wish: { kind: 'copied' },
      },
      subject: {
        ...{
          id: 1,
          text: 'a b',
          offset: 0,
          line: 0,
          second: null,
          omitted: 0,
          continues: false,
          image: null,
        },
        origin: { uri: '', start: 0, end: 3, second: null },
      },
      tokens: ['a', ' ', 'b'].map((text, i) => ({
        ...{ id: i, text, span: { start: i, end: i + 1 }, special: false, type: 0, segment: 0 },
      })),
      covered: 3,
      secondCovered: 0,
      mask,
      experiment: unchanged,
      overview: { layers: 1, heads: 2, queries: n, keys: n, cell: 1, bytes: new Uint8Array(2 * n * n) },
      measures: [a, b].map((head) => ({ ...head, distance: 1, sink: 0, confidence: 1 })),
      model: {
        ...{
          id: '',
          name: 'a model',
          revision: null,
          layers: 1,
          heads: 2,
          width: 16,
          context: 8,
          unstretched: null,
          causal: true,
        },
        ...{ kinds: ['self'], fixedMask: null, trained: ['causal'] },
      },
      ...{ device: 'wasm', ms: 1, known: 0 },
    },
    ...{
      focus: a,
      preview: null,
      redrawn: null,
      detail: null,
      lengths: null,
      pinned: null,
      pointed: null,
      viewport: whole,
      link: null,
    },
    seen: seenBy(look, parts),
  };
}

/** The colour of each pair, by what is drawn over the middle of its cell last; null where that is the hatching. */
function colours({ marks }: Figure): (string | null)[] {
  const frame = marks.find((mark) => mark.kind === 'frame')!;
  const cell = frame.width / n;
  return Array.from({ length: n * n }, (_, at) => {
    const [x, y] = [frame.x + ((at % n) + 0.5) * cell, frame.y + (Math.floor(at / n) + 0.5) * cell];
    const over = [...marks]
      .reverse()
      .find(
        (mark) =>
          mark.kind === 'box' &&
          x > mark.x &&
          x < mark.x + mark.width &&
          y > mark.y &&
          y < mark.y + mark.height,
      );
    return over?.kind === 'box' ? over.fill : null;
  });
}

/** What is written into each cell. */
function letters({ marks }: Figure): string[] {
  const frame = marks.find((mark) => mark.kind === 'frame')!;
  const cell = frame.width / n;
  const written = Array.from({ length: n * n }, () => '');
  for (const mark of marks) {
    if (mark.kind !== 'text' || mark.anchor !== 'middle') continue;
    const [column, row] = [(mark.x - frame.x) / cell, (mark.y - frame.y) / cell];
    if (column > 0 && column < n && row > 0 && row < n)
      written[Math.floor(row) * n + Math.floor(column)] = mark.text;
  }
  return written;
}

const words = ({ marks }: Figure) => marks.flatMap((mark) => (mark.kind === 'text' ? [mark.text] : []));

for (const theme of ['light', 'dark'] as const) {
  const wish: FigureWish = { format: 'svg', of: 'look', theme, millimetres: 85 };
  const colour = (weight: number, tint: Tint, view: View) =>
    css(ramp(theme, weight < view.threshold ? 0 : scaled(weight, view.scale), tint));

  /** The ramps of the legend, one a tint, in order. */
  const hasLegend = ({ marks }: Figure, tints: readonly Tint[]) =>
    assert.deepEqual(
      marks.flatMap((mark) => (mark.kind === 'image' ? [[...mark.cells.words]] : [])),
      tints.map((tint) => Array.from({ length: 256 }, (_, i) => word(ramp(theme, i / 255, tint)))),
    );

  test(`an overlay, ${theme}: the stronger head's colour in every cell, and both in the legend`, () => {
    const heads = [0, 1].map((head) => ({ layer: 0, head }));
    const view: View = { ...initial.view, scope: 'overlay', overlaid: heads, scale: 'linear' };
    const scene = sceneOf({ kind: 'overlay', heads }, [causal, other], 'causal');
    const figure = figureOf(scene, view, wish)!;
    assert.equal(figure.title, '0.0 + 0.1');
    assert.match(
      figure.description,
      /^a model, causal mask, 3 tokens\. Colour shows A head 0\.0; B head 0\.1; linear scale\.$/,
    );
    colours(figure).forEach((drawn, at) => {
      const [query, key] = [Math.floor(at / n), at % n];
      const [first, second] = [causal.weights[at], other.weights[at]];
      const wanted = first >= second ? colour(first, 0, view) : colour(second, 1, view);
      assert.equal(drawn, key > query ? null : wanted, `${query}, ${key}`);
    });
    assert.deepEqual(
      letters(figure),
      ['A', '', '', 'B', 'A', '', 'B', 'B', 'A'],
      'the stronger head’s letter, where it is not faint',
    );
    hasLegend(figure, [0, 1]);
    assert.ok(words(figure).includes('A head 0.0, linear scale'));
    assert.ok(words(figure).includes('B head 0.1, linear scale'));
    assert.ok(words(figure).includes('masked'));
    assert.ok(figure.marks.some((mark) => mark.kind === 'hatch' && mark.line === INKS[theme].hatch));
  });

  test(`a difference, ${theme}: an arm of colours for each sign, of no one mask, nothing hidden`, () => {
    const of = { kind: 'head', head: { layer: 0, head: 0 } } as const;
    const view: View = { ...initial.view, difference: true, threshold: 0.1 };
    const scene = sceneOf({ kind: 'difference', of }, [causal, open], 'causal');
    const figure = figureOf(scene, view, wish)!;
    assert.equal(figure.title, '0.0, causal − bidirectional');
    assert.match(figure.description, /^a model, 3 tokens, weights under 0\.1 left out\. /);
    assert.match(figure.description, /\+ more weight if causal; − more weight if bidirectional; square root/);
    colours(figure).forEach((drawn, at) => {
      const difference = Math.round(255 * (causal.weights[at] - open.weights[at])) / 255;
      const tint = difference < 0 ? 'less' : 'more';
      assert.equal(drawn, colour(Math.abs(difference), tint, view), `${at}: ${difference}`);
    });
    letters(figure).forEach((letter, at) => {
      const difference = causal.weights[at] - open.weights[at];
      assert.equal(letter, Math.abs(difference) < 0.1 ? '' : difference < 0 ? '−' : '+');
    });
    hasLegend(figure, ['more', 'less']);
    assert.ok(!words(figure).includes('masked'));
    assert.ok(!figure.marks.some((mark) => mark.kind === 'hatch'));
  });
}
