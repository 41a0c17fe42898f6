/** The numbers of looks at pictures: those that are here, and those that the worker has to make. */
import type { Matrix } from './core/attention';
import type { Look, Seen, Single, Source } from './core/look';
import { seenBy, sourcesOf } from './core/look';
import { Matrices } from './matrices';
import type { Passes } from './passes';
import type { Picture } from './picture';
import type { Runs } from './runs';
import type { Wanted } from './wanted';

export class Looks {
  private readonly matrices = new Matrices();

  /** @param pictureOf makes the picture under the other mask, where a look takes both */
  constructor(
    private readonly passes: Passes,
    private readonly runs: Runs,
    private readonly pictureOf: (wanted: Wanted) => Promise<Picture>,
  ) {}

  /** @throws RemoteError when the worker cannot do it; Overtaken when something else is wanted in its place */
  async fetch(picture: Picture, look: Look): Promise<Seen> {
    const parts: Matrix[] = [];
    for (const { of, mask } of sourcesOf(look, picture.mask)) {
      const { wanted } = this.passes.originOf(picture);
      const from =
        mask === picture.mask ? picture : await this.pictureOf({ ...wanted, mask, kind: picture.kind });
      parts.push(await this.kept(from, of));
    }
    return seenBy(look, parts);
  }

  /** The same without asking anyone; null where a matrix of it is not here. */
  known(picture: Picture, look: Look): Seen | null {
    const { wanted } = this.passes.originOf(picture);
    const part = ({ of, mask }: Source) => {
      const from =
        mask === picture.mask ? picture : this.passes.made({ ...wanted, kind: picture.kind }, mask);
      return (from && this.matrices.get(from, of)) ?? null;
    };
    const parts = sourcesOf(look, picture.mask).map(part);
    return parts.every((matrix) => matrix !== null) ? seenBy(look, parts) : null;
  }

  /** Whether a look takes a run that has not been made: one under the other mask. */
  needsRun(picture: Picture, look: Look): boolean {
    const { wanted } = this.passes.originOf(picture);
    return sourcesOf(look, picture.mask).some(
      ({ mask }) => mask !== picture.mask && !this.passes.made(wanted, mask),
    );
  }

  /** One matrix for whoever takes it away. @throws as `fetch` */
  async matrix(picture: Picture, of: Single): Promise<Matrix> {
    return this.matrices.get(picture, of) ?? (await this.runs.matrix(picture, of));
  }

  /** The matrices of pictures that nobody can come back to go. */
  forget(): void {
    this.matrices.forget((picture) => !this.passes.has(picture));
  }

  private async kept(picture: Picture, of: Single): Promise<Matrix> {
    const matrix = await this.matrix(picture, of);
    this.matrices.keep(picture, of, matrix);
    return matrix;
  }
}
