/** How a cost grows with the number of tokens: a parabola through what was measured, and its share of n². */

export interface Measured {
  /** Tokens. */
  readonly n: number;
  /** Milliseconds or bytes. */
  readonly cost: number;
}

/** cost ≈ constant + linear · n + square · n². */
export interface Parabola {
  readonly constant: number;
  readonly linear: number;
  readonly square: number;
}

/**
 * Least squares with no term below 0, since no part of a run gives time back: of all choices of terms, the best one
 * whose terms are not negative (Lawson and Hanson 1974, chapter 23, small enough to try them all).
 *
 * @param points at least one
 */
export function fitParabola(points: readonly Measured[]): Parabola {
  return fitted(points).parabola;
}

/** So many of some measured runs are taken for disturbed: 1 of 5, 2 of 8. */
export const disturbed = (runs: number): number => Math.max(0, Math.floor((runs - 2) / 3));

/**
 * The same through all points but the few that fit least, whatever those are: runs that something else on the machine
 * held up (least trimmed squares, Rousseeuw 1984, section 4).
 */
export function fitUndisturbed(points: readonly Measured[]): Parabola {
  return trimmed(points, disturbed(points.length)).parabola;
}

interface Fit {
  readonly parabola: Parabola;
  /** Sum of squares. */
  readonly error: number;
}

function trimmed(points: readonly Measured[], out: number, from = 0): Fit {
  if (out === 0) return fitted(points);
  return points
    .slice(from)
    .map((_, i) =>
      trimmed(
        points.filter((_, at) => at !== from + i),
        out - 1,
        from + i,
      ),
    )
    .reduce((best, fit) => (fit.error < best.error ? fit : best), { parabola: NOTHING, error: Infinity });
}

const NOTHING: Parabola = { constant: 0, linear: 0, square: 0 };

function fitted(points: readonly Measured[]): Fit {
  const powers = [0, 1, 2];
  let best = { terms: [0, 0, 0], error: Infinity };
  for (let chosen = 1; chosen < 8; chosen++) {
    const used = powers.filter((power) => chosen & (1 << power));
    if (used.length > points.length) continue;
    const solution = leastSquares(points, used);
    if (!solution || solution.some((term) => !(term >= 0))) continue;
    const terms = powers.map((power) => solution[used.indexOf(power)] ?? 0);
    const error = points.reduce((sum, { n, cost }) => sum + (valueOf(terms, n) - cost) ** 2, 0);
    if (error < best.error * (1 - 1e-9)) best = { terms, error };
  }
  const [constant, linear, square] = best.terms;
  return { parabola: { constant, linear, square }, error: best.error };
}

/**
 * The same for a heap, in bytes in use at most: what opening a model left free is used first, and only what goes beyond
 * is seen, so that only those points count. Null where fewer than three do.
 *
 * @param before bytes in use before the first point
 */
export function fitHeap(points: readonly Measured[], before: number): Parabola | null {
  const grown = points.filter(({ cost }) => cost > before);
  return grown.length < 3 ? null : fitParabola(grown);
}

export function costAt({ constant, linear, square }: Parabola, n: number): number {
  return valueOf([constant, linear, square], n);
}

/** Pairs of query and key that a mask leaves open among n tokens. A window counts the query itself. */
export function openPairs(n: number, causal: boolean, window = Infinity): number {
  let pairs = 0;
  for (let query = 0; query < n; query++) {
    const back = Math.min(query + 1, window);
    pairs += causal ? back : back + Math.min(n - 1 - query, window - 1);
  }
  return pairs;
}

const valueOf = (terms: readonly number[], n: number) => terms[0] + n * (terms[1] + n * terms[2]);

/** The normal equations of a polynomial with these powers, by elimination; null where they have no one solution. */
function leastSquares(points: readonly Measured[], powers: readonly number[]): number[] | null {
  const largest = Math.max(...points.map(({ n }) => n));
  const row = (n: number) => powers.map((power) => (n / largest) ** power);
  const rows = powers.map((_, i) => [
    ...powers.map((_, j) => points.reduce((sum, { n }) => sum + row(n)[i] * row(n)[j], 0)),
    points.reduce((sum, { n, cost }) => sum + row(n)[i] * cost, 0),
  ]);
  for (let i = 0; i < rows.length; i++) {
    const pivot = rows.slice(i).reduce((a, b) => (Math.abs(b[i]) > Math.abs(a[i]) ? b : a));
    if (Math.abs(pivot[i]) < 1e-12) return null;
    rows[rows.indexOf(pivot)] = rows[i];
    rows[i] = pivot.map((value) => value / pivot[i]);
    for (let j = 0; j < rows.length; j++)
      if (j !== i) rows[j] = rows[j].map((value, column) => value - rows[j][i] * rows[i][column]);
  }
  return rows.map((values, i) => values[powers.length] / largest ** powers[i]);
}
