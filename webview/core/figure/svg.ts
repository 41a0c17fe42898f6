/** A figure as SVG: vector text and frames, each heat map one embedded image. Text is text, whatever is in it. */
import type { Cells, Figure, Mark } from './figure';
import { FAMILY, HATCH } from './figure';

/** @param address of an image of these cells, a pixel each: a data URL of a PNG */
export function svgOf(figure: Figure, address: (cells: Cells) => string): string {
  const { width, height, title, description, background, marks } = figure;
  const hatches = new Map<string, string>();
  for (const mark of marks)
    if (mark.kind === 'hatch' && !hatches.has(mark.line)) hatches.set(mark.line, `hatch${hatches.size}`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${millimetres(width)}mm" height="${millimetres(height)}mm" viewBox="0 0 ${number(width)} ${number(height)}">`,
    `<title>${escaped(title)}</title>`,
    `<desc>${escaped(description)}</desc>`,
    '<defs>',
    ...[...hatches].map(([line, id]) => hatch(id, line)),
    '</defs>',
    `<rect width="100%" height="100%" fill="${escaped(background)}"/>`,
    ...marks.map((mark) => write(mark, address, hatches)),
    '</svg>',
    '',
  ].join('\n');
}

function hatch(id: string, line: string): string {
  const { pitch, thick } = HATCH;
  return (
    `<pattern id="${id}" width="${pitch}" height="${pitch}" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
    `<line x1="${pitch / 2}" y1="0" x2="${pitch / 2}" y2="${pitch}" stroke="${escaped(line)}" stroke-width="${thick}"/></pattern>`
  );
}

function write(mark: Mark, address: (cells: Cells) => string, hatches: Map<string, string>): string {
  switch (mark.kind) {
    case 'box':
      // Without crisp edges a hairline of the ground shows between neighbours.
      return `<rect ${place(mark)} fill="${escaped(mark.fill)}" shape-rendering="crispEdges"/>`;
    case 'frame':
      return `<rect ${place(mark)} fill="none" stroke="${escaped(mark.stroke)}" stroke-width="${mark.thick}"/>`;
    case 'image':
      return `<image ${place(mark)} preserveAspectRatio="none" image-rendering="pixelated" href="${escaped(address(mark.cells))}"/>`;
    case 'hatch': {
      const points = mark.points.map(([x, y]) => `${number(x)},${number(y)}`).join(' ');
      return (
        `<polygon points="${points}" fill="${escaped(mark.ground)}"/>` +
        `<polygon points="${points}" fill="url(#${hatches.get(mark.line)})"/>`
      );
    }
    case 'text': {
      const { x, y, size, fill, anchor, family, bold, turned, text } = mark;
      const [left, down] = [number(x), number(y)];
      return (
        `<text x="${left}" y="${down}" dy="0.35em" font-family="${escaped(FAMILY[family])}" font-size="${number(size)}"` +
        `${bold ? ' font-weight="bold"' : ''} fill="${escaped(fill)}" text-anchor="${anchor}" xml:space="preserve"` +
        `${turned ? ` transform="rotate(-90 ${left} ${down})"` : ''}>${escaped(text)}</text>`
      );
    }
  }
}

const place = ({ x, y, width, height }: { x: number; y: number; width: number; height: number }) =>
  `x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}"`;

const number = (value: number) => String(Number(value.toFixed(3)));
const millimetres = (points: number) => number((points * 25.4) / 72);

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** For text and attributes alike. What XML has no way to write becomes U+FFFD. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
