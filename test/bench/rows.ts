/** What a bench finds: rows of figures, each beside its floor and its target. */

export interface Row {
  readonly name: string;
  /** Tokens; null where it is not about one length. */
  readonly n: number | null;
  readonly value: number;
  readonly unit: 'ms' | 'MB' | 'bytes' | 'x' | 'exponent' | 'runs';
  /** The same thing of the floor, in the same unit, in the same run. */
  readonly floor: number | null;
  /** The most that `value` may be; null for what is printed only. */
  readonly target: number | null;
  readonly pass: boolean | null;
}

export function row(
  name: string,
  n: number | null,
  value: number,
  unit: Row['unit'],
  { floor = null, target = null }: { floor?: number | null; target?: number | null } = {},
): Row {
  return { name, n, value, unit, floor, target, pass: target === null ? null : value <= target };
}

/** A target that is a multiple of the floor. */
export const against = (floor: number, factor: number) => ({ floor, target: factor * floor });

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Linear between the two nearest. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  return sorted[low]! + (sorted[Math.min(low + 1, sorted.length - 1)]! - sorted[low]!) * (at - low);
}

/** The exponent b of the best a·n^b (least squares on logarithms): 2 for what grows with the square. */
export function exponent(points: readonly (readonly [n: number, value: number])[]): number {
  const logs = points.map(([n, value]) => [Math.log(n), Math.log(Math.max(value, 1e-9))] as const);
  const mean = (of: (point: readonly [number, number]) => number) =>
    logs.reduce((sum, point) => sum + of(point), 0) / logs.length;
  const [x, y] = [mean(([x]) => x), mean(([, y]) => y)];
  const spread = logs.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return logs.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) / spread;
}

/** As a table of Markdown. */
export function table(rows: readonly Row[]): string {
  const number = (value: number | null) => (value === null ? '' : String(Number(value.toPrecision(3))));
  const cells = rows.map(({ name, n, value, unit, floor, target, pass }) => [
    name,
    n === null ? '' : String(n),
    `${number(value)} ${unit}`,
    number(floor),
    target === null ? '' : `≤ ${number(target)}`,
    pass === null ? '' : pass ? 'pass' : 'MISS',
  ]);
  const head = ['what', 'n', 'figure', 'floor', 'target', ''];
  const widths = head.map((title, i) =>
    Math.max(...[title, ...cells.map((one) => one[i]!)].map((one) => one.length)),
  );
  const line = (one: readonly string[]) => `| ${one.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join('\n');
}
