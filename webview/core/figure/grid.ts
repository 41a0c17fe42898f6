/** A figure of all heads. */
import type { Box, Cells, Figure, Mark } from './figure';
import type { Told } from './frame';
import { finished, heading, hide, legend, lengthOf, FINENESS, INKS, PAD, points, TYPE } from './frame';

interface GridFigure extends Told {
  readonly layers: number;
  readonly heads: number;
  /** Queries over keys. */
  readonly tall: number;
  cells(layer: number, head: number, most: number): Cells;
}

/** No head is larger: a figure of three tokens is a small one. */
const LARGEST = 72;

/** Every head of every layer. */
export function gridFigure(of: GridFigure): Figure {
  const width = points(of.millimetres);
  const inks = INKS[of.theme];
  const marks: Mark[] = [];
  let y = heading(marks, of, inks, width);

  const axis = TYPE.axis * 1.5;
  const gap = 2;
  const [left, top] = [PAD + 2 * axis, y + 2 * axis];
  const across = Math.min(LARGEST, (width - PAD - left + gap) / of.heads - gap);
  const down = across * of.tall;
  const text = { kind: 'text', family: 'sans', size: TYPE.axis, fill: inks.faint } as const;
  marks.push({ ...text, text: 'head', x: left, y: y + axis / 2, anchor: 'start' });
  marks.push({
    ...{ ...text, text: 'layer', x: PAD + axis / 2, anchor: 'start', turned: true },
    y: top + Math.max(of.layers * (down + gap) - gap, lengthOf('layer', TYPE.axis)),
  });
  for (let head = 0; head < of.heads; head++) {
    const x = left + head * (across + gap) + across / 2;
    marks.push({ ...text, text: String(head), x, y: y + 1.5 * axis, anchor: 'middle' });
  }
  for (let layer = 0; layer < of.layers; layer++) {
    const at = top + layer * (down + gap);
    marks.push({ ...text, text: String(layer), x: left - 3, y: at + down / 2, anchor: 'end' });
    for (let head = 0; head < of.heads; head++) {
      const box: Box = { x: left + head * (across + gap), y: at, width: across, height: down };
      const cells = of.cells(layer, head, Math.floor(Math.max(across, down) * FINENESS));
      marks.push({ kind: 'image', ...box, cells });
      hide(marks, cells, box, inks);
      marks.push({ kind: 'frame', ...box, stroke: inks.frame, thick: 0.35 });
    }
  }
  y = legend(marks, of, inks, left, top + of.layers * (down + gap) - gap, width - left - PAD);
  return finished(of, inks, width, y + PAD, marks);
}
