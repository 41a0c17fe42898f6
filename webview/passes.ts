/** The forward passes of the text that is shown, by what was wanted: going back to the other mask is instant. */
import type { Mask } from './core/attention';
import { experimentName } from './engine/engine';
import type { Place } from './launch';
import type { SiteKind } from './onnx/index';
import type { Picture } from './picture';
import { targetIdsOf } from './picture';
import type { Wanted } from './wanted';
import { wantedName } from './wanted';

/** What a picture was the answer to, where it was made, and every attention of its pass in the order of their choice. */
export interface Origin {
  readonly wanted: Wanted;
  readonly place: Place;
  readonly pass: readonly Picture[];
}

export class Passes {
  private readonly passes = new Map<string, readonly Picture[]>();
  /** Also of pictures whose pass is forgotten: they stand until another one does. */
  private readonly origins = new WeakMap<Picture, Origin>();

  /** The picture that was made for this, under a mask. */
  made(wanted: Wanted, mask: Mask | null): Picture | undefined {
    const pass = this.passes.get(wantedName(wanted, mask));
    return pass && chosen(pass, wanted.kind);
  }

  originOf(picture: Picture): Origin {
    return this.origins.get(picture)!;
  }

  /** Whether it is of the text that was asked for last. */
  has(picture: Picture): boolean {
    return [...this.passes.values()].some((pass) => pass.includes(picture));
  }

  /**
   * Passes of another text go, and those of a model changed otherwise; but not what is wanted by now, which may stand
   * already.
   * @returns the picture of the pass that was wanted
   */
  keep(wanted: Wanted, place: Place, pass: readonly Picture[], latest: Wanted): Picture {
    const [{ experiment, mask }] = pass;
    for (const picture of pass) this.origins.set(picture, { wanted, place, pass });
    const texts = [wanted, latest].map(({ subject }) => subject.id);
    const known = ['', ...[experiment, latest.experiment].map(experimentName)];
    for (const [name, [{ subject, experiment: made }]] of this.passes)
      if (!texts.includes(subject.id) || !known.includes(experimentName(made))) this.passes.delete(name);
    this.passes.set(wantedName(wanted, mask), pass);
    if (wanted.mask !== mask) this.passes.set(wantedName(wanted, wanted.mask), pass);
    return chosen(pass, wanted.kind);
  }

  clear(): void {
    this.passes.clear();
  }
}

const chosen = (pass: readonly Picture[], kind: SiteKind | null) =>
  pass.find((picture) => picture.kind === kind) ?? pass[0];

/** Names a run in the worker. */
export const runName = (of: Pick<Picture, 'subject' | 'second' | 'mask' | 'experiment' | 'target'>): string =>
  [
    of.subject.id,
    of.mask,
    experimentName(of.experiment),
    JSON.stringify([of.second?.text, targetIdsOf(of)]),
  ].join(' ');
