/** What the matrix and the lines have in common: two ways to draw the same sheets, in the same place. */
import type { Visibility } from '../core/colour';
import type { Sheet } from '../core/sheets';
import type { Mask } from '../core/attention';
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
  /** Of the rows and of the columns. */
  readonly labels: { readonly queries: readonly string[]; readonly keys: readonly string[] };
  /** What it shows, in words. */
  readonly name: string;
  readonly mask: Mask;
  readonly visibility: Visibility;
  readonly theme: Theme;
  /** CSS pixels that it may take, with its labels. */
  readonly room: Room;
}

export interface Drawing {
  readonly root: HTMLElement;
  draw(content: Content): void;
  /** Marks the told token: its row, or, reversed, its column. */
  mark(token: number | null, reversed: boolean): void;
  /** The exact inverse of the layout; null where no token is. */
  pairAt(event: MouseEvent): Pair | null;
}
