/** Matrices kept in the page, so that going back to one asks nobody, and pointing never does. */
import type { Matrix } from './core/attention';

/** In bytes. */
const BUDGET = 64e6;

export class Matrices {
  /** The one used last stands last. */
  private readonly kept = new Map<string, Matrix>();

  get(name: string): Matrix | undefined {
    return this.kept.get(name);
  }

  /** Over the budget the ones used longest ago go, but never this one. */
  keep(name: string, matrix: Matrix): void {
    this.kept.delete(name);
    this.kept.set(name, matrix);
    let total = 0;
    for (const { weights } of this.kept.values()) total += weights.byteLength;
    for (const [oldest, { weights }] of this.kept) {
      if (total <= BUDGET || oldest === name) break;
      this.kept.delete(oldest);
      total -= weights.byteLength;
    }
  }
}
