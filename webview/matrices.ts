/** Matrices kept in the page, so that going back to one asks nobody, and pointing never does. */
import type { Matrix } from './core/attention';
import type { Single } from './core/look';
import { lookName } from './core/look';
import type { Picture } from './picture';

/** In bytes. */
const BUDGET = 64e6;

export class Matrices {
  /** The one used last stands last. */
  private readonly kept = new Map<string, { readonly picture: Picture; readonly matrix: Matrix }>();

  get(picture: Picture, of: Single): Matrix | undefined {
    return this.kept.get(nameOf(picture, of))?.matrix;
  }

  /** Over the budget the ones used longest ago go, but never this one. */
  keep(picture: Picture, of: Single, matrix: Matrix): void {
    const name = nameOf(picture, of);
    this.kept.delete(name);
    this.kept.set(name, { picture, matrix });
    let total = 0;
    for (const { matrix } of this.kept.values()) total += matrix.weights.byteLength;
    for (const [oldest, { matrix }] of this.kept) {
      if (total <= BUDGET || oldest === name) break;
      this.kept.delete(oldest);
      total -= matrix.weights.byteLength;
    }
  }

  /** Those of pictures that nobody can come back to go. */
  forget(isGone: (picture: Picture) => boolean): void {
    for (const [name, { picture }] of this.kept) if (isGone(picture)) this.kept.delete(name);
  }
}

const nameOf = (picture: Picture, of: Single) => `${picture.key} ${lookName(of)}`;
