/** What the matrix and the lines have in common: two ways to draw the same sheets, in the same place. */
import type { Visibility } from '../core/colour';
import type { Part } from '../core/part';
import type { Sheet } from '../core/sheets';
import type { Mask, Matrix } from '../core/attention';
import type { Viewport } from '../core/viewport';
import type { Labels } from '../render/labels';
import type { Theme } from '../render/theme';

/** A query and a key that a pointer is on; -1 for one that it is not on. */
export interface Pair {
  readonly query: number;
  readonly key: number;
}

export interface Room {
  readonly width: number;
  readonly height: number;
}

/** All that a drawing depends on, but for what is pointed at. */
export interface Content {
  readonly sheets: readonly Sheet[];
  /** Outside of it nothing is drawn; null for all. */
  readonly part: Part | null;
  /** What is told of the pairs, in numbers. */
  readonly values: Matrix;
  readonly labels: Labels;
  /** What rows and columns are: "tokens". */
  readonly unit: string;
  /** What it shows, in words. */
  readonly name: string;
  readonly mask: Mask;
  readonly visibility: Visibility;
  readonly theme: Theme;
  /** CSS pixels that it may take, with its labels. */
  readonly room: Room;
  /** What of it is seen, where it can be magnified. */
  readonly viewport: Viewport;
}

/** What is pointed at, searched for and gone to; rows and columns of the drawing. */
export interface Marked {
  /** The row, or, reversed, the column that is told. */
  readonly told: number | null;
  readonly reversed: boolean;
  readonly link: Pair | null;
  readonly found: { readonly queries: readonly number[]; readonly keys: readonly number[] };
}

export interface Drawing {
  readonly root: HTMLElement;
  /** @returns whether it is done; if not, it has read some of it, and goes on with the next call */
  draw(content: Content): boolean;
  mark(marked: Marked): void;
  /** The exact inverse of the layout; null where no token is. */
  pairAt(event: MouseEvent): Pair | null;
}
