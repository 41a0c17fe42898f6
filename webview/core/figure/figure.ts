/**
 * Figures for a paper, as lists of marks: what is drawn and where, in points (1/72 inch), whoever draws it. svg.ts
 * writes them as text, render/figure.ts paints them on a canvas.
 */
export type FigureTheme = 'light' | 'dark';
export type Colour = string;

/** Pairs as coloured pixels. */
export interface Cells {
  readonly width: number;
  readonly height: number;
  /** [height, width] as the 32-bit words of an ImageData (little-endian RGBA). */
  readonly words: Uint32Array;
  /** For each row, the first column that the mask hides; `width` where it hides none. */
  readonly maskedFrom: Uint16Array;
}

export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

export type Mark =
  | (Box & { readonly kind: 'box'; readonly fill: Colour })
  | (Box & { readonly kind: 'frame'; readonly stroke: Colour; readonly thick: number })
  | {
      readonly kind: 'text';
      readonly text: string;
      /** Where the text starts, or ends, or its middle; vertically the middle of its letters. */
      readonly x: number;
      readonly y: number;
      readonly size: number;
      readonly fill: Colour;
      readonly anchor: 'start' | 'middle' | 'end';
      readonly family: 'sans' | 'mono';
      readonly bold?: boolean;
      /** Read from below, turned by 90 degrees about (x, y). */
      readonly turned?: boolean;
    }
  | (Box & { readonly kind: 'image'; readonly cells: Cells })
  /** A closed outline, hatched. */
  | {
      readonly kind: 'hatch';
      readonly points: readonly (readonly [x: number, y: number])[];
      readonly ground: Colour;
      readonly line: Colour;
    };

export interface Figure {
  readonly width: number;
  readonly height: number;
  /** For whoever cannot see it. */
  readonly title: string;
  readonly description: string;
  readonly background: Colour;
  readonly marks: readonly Mark[];
}

/** Lines of a hatching are so far apart, and so thick. */
export const HATCH = { pitch: 3, thick: 0.5 };

export const FAMILY = {
  sans: "Helvetica, Arial, 'Liberation Sans', sans-serif",
  mono: "Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace",
};
