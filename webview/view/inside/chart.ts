/** A small chart of numbers over numbers, in SVG: points that were measured, lines that were fitted. */

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Points stand alone; a line joins them. */
  readonly as: 'points' | 'line';
  /** 0, 1, 2 ...: told apart by their dashes too. */
  readonly style: number;
}

const SVG = 'http://www.w3.org/2000/svg';
const SIZE = { width: 420, height: 214 };
const MARGIN = { left: 52, right: 12, top: 24, bottom: 34 };
const TICKS = 4;

/** The chart with axes from 0 to round numbers, or upwards from `low`, and its name for a screen reader. */
export function chart(
  name: string,
  xName: string,
  yName: string,
  series: readonly Series[],
  low = 0,
): SVGElement {
  const points = series.flatMap((each) => each.points);
  const most = (axis: 0 | 1) => Math.max(0, ...points.map((point) => point[axis]));
  // Along the axis are tokens, or layers.
  const [xMost, yMost] = [niceTop(most(0), true), niceTop(most(1))];
  const { width, height } = SIZE;
  const x = (value: number) => MARGIN.left + ((width - MARGIN.left - MARGIN.right) * value) / xMost;
  const y = (value: number) =>
    height - MARGIN.bottom - ((height - MARGIN.top - MARGIN.bottom) * (value - low)) / (yMost - low);
  const root = svg('svg', {
    viewBox: `0 0 ${width} ${height}`,
    class: 'chart',
    role: 'img',
    'aria-label': name,
  });
  for (let i = 0; i <= TICKS; i++) {
    const [across, up] = [(xMost * i) / TICKS, low + ((yMost - low) * i) / TICKS];
    root.append(
      svg('line', { class: 'rule', x1: MARGIN.left, x2: width - MARGIN.right, y1: y(up), y2: y(up) }),
      label(short(up), MARGIN.left - 6, y(up) + 4, 'end'),
      label(short(across), x(across), height - MARGIN.bottom + 14, 'middle'),
    );
  }
  root.append(
    label(xName, (MARGIN.left + width - MARGIN.right) / 2, height - 4, 'middle'),
    // Above the axis: no curve comes there.
    label(yName, MARGIN.left - 6, 11, 'end'),
  );
  for (const { points: given, as, style } of series) {
    if (as === 'line') {
      const path = given.map(([a, b], i) => `${i ? 'L' : 'M'}${x(a).toFixed(1)} ${y(b).toFixed(1)}`).join('');
      root.append(svg('path', { class: `curve style${style}`, d: path }));
    } else
      for (const [a, b] of given)
        root.append(svg('circle', { class: `point style${style}`, cx: x(a), cy: y(b), r: 3.5 }));
  }
  return root;
}

function label(text: string, x: number, y: number, anchor: string): SVGElement {
  const made = svg('text', { x, y, 'text-anchor': anchor });
  made.textContent = text;
  return made;
}

function svg(tag: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS(SVG, tag) as SVGElement;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

/** So many even steps of a round number that reach a value; steps under 1 are for what is not counted. */
function niceTop(value: number, counted = false): number {
  const least = value > 0 ? value / TICKS : 1;
  if (counted && least <= 1) return TICKS;
  const power = 10 ** Math.floor(Math.log10(least));
  const steps = counted && power === 1 ? [1, 2, 3, 4, 5, 6, 8] : [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8];
  return TICKS * power * (steps.find((step) => step * power >= least) ?? 10);
}

const short = (value: number) => String(Number(value.toPrecision(3)));
