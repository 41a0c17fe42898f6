/**
 * Tokens as patches laid over the image that they are of. The listbox stays what it is: its options are the patches,
 * each over its own part of the image, and the few tokens beside them stand above and below as chips.
 */
import type { ThemeKind, Tint } from '../core/colour';
import { css, ramp } from '../core/colour';
import { patchAt } from '../core/patches';
import { element } from '../element';
import type { Sight } from '../engine/engine';

/** How much of the image shows through where nothing, and where everything, is attended to. */
const THROUGH = { none: 0.36, all: 0.9 };

/** The options of a list, laid over the image. */
export class ImageLayer {
  readonly parts: readonly Node[];
  private readonly image = element('img', { alt: '', draggable: 'false' });
  private readonly address: string;

  constructor(options: readonly HTMLElement[], { grid, view, ratio, width, height }: Sight) {
    this.address = URL.createObjectURL(view);
    this.image.src = this.address;
    this.image.classList.toggle('coarse', Math.max(width, height) < COARSE);
    const [before, after] = [chips(), chips()];
    const patches = element('div', { class: 'patches', role: 'presentation' });
    patches.style.gridTemplate = `repeat(${grid.rows}, 1fr) / repeat(${grid.columns}, 1fr)`;
    // Gaps are lines between patches, where these are large enough to have any.
    patches.classList.toggle('fine', Math.max(grid.rows, grid.columns) > FINE);
    options.forEach((option, i) =>
      (patchAt(grid, i) ? patches : i < grid.first ? before : after).append(option),
    );
    const stage = element('div', { class: 'sight', role: 'presentation' }, this.image, patches);
    stage.style.setProperty('--ratio', String(ratio));
    stage.style.setProperty('--columns', String(grid.columns));
    this.parts = [before, stage, after].filter((part) => part.childElementCount > 0);
  }

  /** The image is shown no more. */
  release(): void {
    URL.revokeObjectURL(this.address);
  }
}

/** More patches along a side leave no room for lines between them. */
const FINE = 24;

/** An image of fewer pixels along its longer side is drawn with its pixels as squares, and not smeared. */
const COARSE = 256;

const chips = () => element('div', { class: 'beside', role: 'presentation' });

/**
 * The style of a patch while a token is told: a veil in the colour of its weight, the thinner the more it weighs, and,
 * so that no colour alone tells, a frame that grows with it.
 */
export function veil(kind: ThemeKind, tint: Tint, strength: number): string {
  const through = THROUGH.none + (THROUGH.all - THROUGH.none) * strength;
  const [r, g, b] = ramp(kind, strength, tint);
  const edge = css(ramp(kind, 0.35 + 0.65 * strength, tint));
  const frame =
    strength > 0 ? `; box-shadow: inset 0 0 0 calc(${strength.toFixed(2)} * var(--frame)) ${edge}` : '';
  return `background-color: rgb(${r} ${g} ${b} / ${(1 - through).toFixed(3)})${frame}; forced-color-adjust: none`;
}
