/** A vector as small bars around a line: up for positive, down for negative. */
import type { Theme } from './theme';

export interface Bars {
  readonly values: ArrayLike<number>;
  /** The size that reaches the edge; bars of several vectors can be compared when it is the same for all. */
  readonly largest: number;
  /** Dimensions to bring out; null brings out all. */
  readonly marked: ReadonlySet<number> | null;
}

/** Fills the whole canvas of `context`, whose pixels are device pixels. */
export function drawBars(context: CanvasRenderingContext2D, bars: Bars, theme: Theme, ratio: number): void {
  const { values, largest, marked } = bars;
  const { width, height } = context.canvas;
  const middle = Math.round(height / 2);
  const pitch = width / values.length;
  const gap = pitch >= 3 * ratio ? ratio : 0;
  context.fillStyle = theme.faint;
  context.globalAlpha = 0.5;
  context.fillRect(0, middle, width, Math.max(1, Math.round(ratio / 2)));
  for (let i = 0; i < values.length; i++) {
    const length = largest > 0 ? Math.min(1, Math.abs(values[i]) / largest) * (middle - 1) : 0;
    const from = Math.round(i * pitch);
    const across = Math.max(1, Math.round((i + 1) * pitch) - from - gap);
    // Sign is told by the side of the line, so that it needs no second colour.
    context.globalAlpha = marked && !marked.has(i) ? 0.35 : 1;
    context.fillStyle = marked?.has(i) ? theme.accent : theme.foreground;
    context.fillRect(from, values[i] >= 0 ? middle - length : middle, across, Math.max(length, 0));
  }
  context.globalAlpha = 1;
}
