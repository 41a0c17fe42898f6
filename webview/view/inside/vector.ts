/** A vector on the page: small bars, with its numbers for a screen reader and for who points at it. */
import { element, setAttribute } from '../../element';
import type { Bars } from '../../render/bars';
import { drawBars } from '../../render/bars';
import { surface } from '../../render/surface';
import type { Theme } from '../../render/theme';

const HEIGHT = 22;
/** CSS pixels a dimension, as far as there is room. */
const PITCH = 5;
/** A table of vectors is to be seen without scrolling, in any panel. */
const WIDEST = [
  [matchMedia('(max-width: 560px)'), 90],
  [matchMedia('(max-width: 1031px)'), 160],
] as const;

/** CSS pixels that a vector takes at most. */
export const widest = (): number => WIDEST.find(([panel]) => panel.matches)?.[1] ?? 240;

export class VectorView {
  readonly root: HTMLCanvasElement;

  constructor(private readonly name: string) {
    this.root = element('canvas', { role: 'img', class: 'vector' });
  }

  update(bars: Bars, theme: Theme): void {
    const { values } = bars;
    const width = Math.min(widest(), values.length * PITCH);
    const { context, ratio } = surface(this.root, width, HEIGHT);
    drawBars(context, bars, theme, ratio);
    setAttribute(this.root, 'aria-label', `${this.name}: ${values.length} numbers, ${extremes(values)}`);
    setAttribute(this.root, 'title', listed(values));
  }
}

function extremes(values: ArrayLike<number>): string {
  let [low, high] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if (values[i] < values[low]) low = i;
    if (values[i] > values[high]) high = i;
  }
  return `largest ${values[high].toFixed(2)} in dimension ${high}, smallest ${values[low].toFixed(2)} in dimension ${low}`;
}

/** So many numbers fit a tooltip. */
const LISTED = 64;

function listed(values: ArrayLike<number>): string {
  const numbers = Array.from({ length: Math.min(LISTED, values.length) }, (_, i) => values[i].toFixed(2));
  return numbers.join('  ') + (values.length > LISTED ? '  …' : '');
}
