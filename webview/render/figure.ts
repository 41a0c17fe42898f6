/** A figure as pixels, and cells as a PNG of a pixel each. */
import type { Cells, Figure, Mark } from '../core/figure/figure';
import { FAMILY, HATCH } from '../core/figure/figure';

type Context = OffscreenCanvasRenderingContext2D;

/** @throws Error where the browser gives no 2D context */
export async function pngOfFigure(figure: Figure, dotsPerInch: number): Promise<Uint8Array> {
  const ratio = dotsPerInch / 72;
  const [context, png] = blank(Math.round(figure.width * ratio), Math.round(figure.height * ratio));
  context.fillStyle = figure.background;
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  context.scale(ratio, ratio);
  for (const mark of figure.marks) draw(context, mark, ratio);
  return png();
}

export async function pngOfCells(cells: Cells): Promise<Uint8Array> {
  return pixels(cells)[1]();
}

function blank(width: number, height: number): [Context, () => Promise<Uint8Array>] {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser gives no 2D canvas');
  const png = async () =>
    new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
  return [context, png];
}

function pixels({ width, height, words }: Cells) {
  const [context, png] = blank(width, height);
  const image = context.createImageData(width, height);
  new Uint32Array(image.data.buffer).set(words);
  context.putImageData(image, 0, 0);
  return [context.canvas, png] as const;
}

function draw(context: Context, mark: Mark, ratio: number): void {
  switch (mark.kind) {
    case 'box': {
      // On whole pixels, or a hairline of the ground shows between neighbours.
      const [left, top] = [snapped(mark.x, ratio), snapped(mark.y, ratio)];
      const [right, bottom] = [snapped(mark.x + mark.width, ratio), snapped(mark.y + mark.height, ratio)];
      context.fillStyle = mark.fill;
      return context.fillRect(left, top, right - left, bottom - top);
    }
    case 'frame':
      context.strokeStyle = mark.stroke;
      context.lineWidth = mark.thick;
      return context.strokeRect(mark.x, mark.y, mark.width, mark.height);
    case 'image':
      context.imageSmoothingEnabled = false;
      return context.drawImage(pixels(mark.cells)[0], mark.x, mark.y, mark.width, mark.height);
    case 'hatch':
      return drawHatch(context, mark);
    case 'text':
      context.save();
      context.translate(mark.x, mark.y);
      if (mark.turned) context.rotate(-Math.PI / 2);
      context.font = `${mark.bold ? 'bold ' : ''}${mark.size}px ${FAMILY[mark.family]}`;
      context.fillStyle = mark.fill;
      context.textAlign = mark.anchor === 'middle' ? 'center' : mark.anchor;
      context.fillText(mark.text, 0, 0.35 * mark.size);
      return context.restore();
  }
}

const snapped = (value: number, ratio: number) => Math.round(value * ratio) / ratio;

/** The lines that the SVG's pattern has, in the same places. */
function drawHatch(context: Context, { points, ground, line }: Extract<Mark, { kind: 'hatch' }>): void {
  context.save();
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x, y);
  context.closePath();
  context.fillStyle = ground;
  context.fill();
  context.clip();
  context.rotate(Math.PI / 4);
  context.strokeStyle = line;
  context.lineWidth = HATCH.thick;
  context.beginPath();
  // In the turned frame a point (x, y) lies at ((x + y), (y - x)) / √2.
  const across = points.map(([x, y]) => (x + y) * Math.SQRT1_2);
  const down = points.map(([x, y]) => (y - x) * Math.SQRT1_2);
  const [top, bottom] = [Math.min(...down), Math.max(...down)];
  const first = Math.floor(Math.min(...across) / HATCH.pitch);
  for (let at = (first + 0.5) * HATCH.pitch; at < Math.max(...across); at += HATCH.pitch) {
    context.moveTo(at, top);
    context.lineTo(at, bottom);
  }
  context.stroke();
  context.restore();
}
