/** A small picture of the whole: the frame around what is seen of it. */
import type { Viewport } from '../core/viewport';
import type { Theme } from './theme';

/** Fills the whole canvas of `context`, whose pixels are device pixels. */
export function drawView(
  context: CanvasRenderingContext2D,
  { zoom, x, y }: Viewport,
  ratio: number,
  { foreground, accent }: Theme,
): void {
  const { width, height } = context.canvas;
  const line = Math.max(1, Math.round(ratio));
  context.globalAlpha = 0.4;
  context.strokeStyle = foreground;
  context.lineWidth = line;
  context.strokeRect(line / 2, line / 2, width - line, height - line);
  context.globalAlpha = 1;
  // Large enough to be seen and taken hold of, however little it frames.
  const least = 6 * ratio;
  const [across, down] = [Math.max(least, width / zoom), Math.max(least, height / zoom)];
  const inside = (middle: number, side: number, whole: number) =>
    Math.round(Math.max(0, Math.min(middle - side / 2, whole - side)));
  const left = inside((x + 0.5 / zoom) * width, across, width);
  const top = inside((y + 0.5 / zoom) * height, down, height);
  context.strokeStyle = accent;
  context.lineWidth = 2 * line;
  context.strokeRect(
    left + line,
    top + line,
    Math.max(line, across - 2 * line),
    Math.max(line, down - 2 * line),
  );
}
