/** What the worker makes of the runs that it keeps: matrices, overviews, and whatever else is asked of the model. */
import type { Matrix, Overview } from './core/attention';
import type { Single } from './core/look';
import type { Part } from './core/part';
import type { Redraw } from './core/redraw';
import type { Engine, Fed } from './engine/engine';
import { fedOf } from './engine/engine';
import type { Connection } from './engine/rpc';
import type { Opened } from './launch';
import { openingDeadline } from './launch';
import type { Passes } from './passes';
import { runName } from './passes';
import type { Picture } from './picture';
import { targetIdsOf } from './picture';
import type { Workplace } from './workplace';

/** A model in a worker, and what it was fed for a picture. */
export interface Session {
  readonly engine: Connection<Engine>;
  readonly fed: Fed;
  /** Those that the decoder of an encoder-decoder was given. */
  readonly targetIds: readonly number[] | null;
  /** In ms: a question that takes longer is given up. The first may open the model once more, to look inside. */
  readonly deadline: number;
}

/** Each may throw RemoteError when the worker cannot do it, or ends under it. */
export class Runs {
  /** @param giveWay is awaited between two parts of long work */
  constructor(
    private readonly workplace: Workplace,
    private readonly passes: Passes,
    private readonly giveWay: () => Promise<void>,
  ) {}

  async session(picture: Picture): Promise<Session> {
    const { place } = this.passes.originOf(picture);
    return sessionFor(await this.workplace.open(place, picture.tokens.length), picture);
  }

  /** One matrix: from the worker, or from the model run once more where it does not have it any more. */
  async matrix(picture: Picture, of: Single): Promise<Matrix> {
    if (of.kind === 'head' || of.layer !== null)
      return this.fromRun(picture, (engine, key) => engine.call('matrix', [key, picture.kind, of]));
    return this.byLayer<Matrix>(
      picture,
      ({ weights }) => weights,
      (engine, key, layer, before, move) =>
        engine.call('matrix', [key, picture.kind, of, layer, before], { move }),
    );
  }

  /**
   * The overview of a picture, or of a part of it, as it is to be drawn.
   * @param assertWanted is called before each layer, and throws where nobody waits for it any more
   */
  redrawn(picture: Picture, redraw: Redraw, part: Part | null, assertWanted: () => void): Promise<Overview> {
    return this.byLayer<Overview>(
      picture,
      ({ bytes }) => bytes,
      (engine, key, layer, before, move) => {
        assertWanted();
        return engine.call('redrawn', [key, picture.kind, redraw, layer, before, part], { move });
      },
    );
  }

  /** What is made of all heads, layer by layer, so that others can be answered between. */
  private async byLayer<T>(
    picture: Picture,
    moved: (made: T) => Float32Array | Uint8Array,
    ask: (
      engine: Connection<Engine>,
      key: string,
      layer: number,
      before: T | null,
      move: ArrayBuffer[],
    ) => Promise<T | null>,
  ): Promise<T> {
    let made: T | null = null;
    for (let layer = 0; layer < picture.overview.layers;) {
      if (layer > 0) await this.giveWay();
      const move: ArrayBuffer[] = made === null ? [] : [moved(made).buffer as ArrayBuffer];
      const { engine } = await this.session(picture);
      made = await ask(engine, runName(picture), layer, made, move);
      if (made === null) await this.again(picture);
      layer = made === null ? 0 : layer + 1;
    }
    return made!;
  }

  /** What the worker makes of a picture's run; the model is run once more where the run is no longer kept. */
  private async fromRun<T>(
    picture: Picture,
    ask: (engine: Connection<Engine>, key: string) => Promise<T | null>,
  ): Promise<T> {
    const { engine } = await this.session(picture);
    const key = runName(picture);
    const kept = await ask(engine, key);
    if (kept) return kept;
    await this.again(picture);
    return (await ask(engine, key))!;
  }

  /** Runs the model once more, for what is made of a run that is no longer kept. */
  private async again(picture: Picture): Promise<void> {
    const { subject, mask, experiment } = picture;
    const { engine, fed, targetIds, deadline } = await this.session(picture);
    await engine.call('run', [subject.id, runName(picture), fed, mask, experiment, targetIds], { deadline });
  }
}

/** An opened model, as questions about a picture are put to it. The picture's own run tells how slow it is. */
export function sessionFor({ engine, place }: Opened, picture: Picture): Session {
  const { tokens, known, ms } = picture;
  const deadline = openingDeadline(place.folder) + (10 * ms * tokens.length) / (tokens.length - known);
  return { engine, fed: fedFor(picture), targetIds: targetIdsOf(picture), deadline };
}

/** What a run is fed with. */
export const fedFor = ({ tokens, sight }: Pick<Picture, 'tokens' | 'sight'>): Fed =>
  fedOf(tokens, sight?.pixels);
