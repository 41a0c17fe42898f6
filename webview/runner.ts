/** Keeps what is shown in step with what is wanted: one request runs, at most one waits, the newest. */
import type { Matrix, Overview } from './core/attention';
import { openBytes, runBytes } from './core/cost';
import type { Detail } from './core/detail';
import type { Look, Seen, Single } from './core/look';
import { lookName } from './core/look';
import type { Part } from './core/part';
import type { Redraw } from './core/redraw';
import { RemoteError } from './engine/rpc';
import { Exposure } from './exposure';
import { describe, isSound, wantsImage } from './failure';
import type { Place } from './launch';
import { tooLarge } from './launch';
import { Looks } from './looks';
import { Passes } from './passes';
import type { Picture } from './picture';
import type { Session } from './runs';
import { Runs, sessionFor } from './runs';
import { fasterOnGpu, isTelling } from './trial';
import { Overtaken, Turns } from './turns';
import type { Wanted } from './wanted';
import { Workplace } from './workplace';

export interface RunnerEvents {
  progress(stage: string): void;
  /** What of a picture will be looked at first: its numbers come with the picture. */
  lookOf(picture: Picture): Look;
  pictured(picture: Picture, seen: Seen): void;
  /** `image`: one would do in place of what was shown. */
  failed(sentence: string, detail: string, image: boolean): void;
  /** The numbers of a look that was asked for have come. */
  weighed(picture: Picture, seen: Seen): void;
  /** They could not be had. */
  unweighed(picture: Picture, look: Look, sentence: string): void;
  /** The overview of a picture as it is to be drawn has come. */
  redrawn(picture: Picture, redraw: Redraw, overview: Overview): void;
  /** A part of it has come in finer cells. */
  detailed(picture: Picture, redraw: Redraw, detail: Detail): void;
  log(level: 'info' | 'error', line: string): void;
}

/** What is asked of a model; `giveWay` is awaited between two runs of it. */
export type Job<T> = (session: Session, giveWay: () => Promise<void>) => Promise<T>;

export class Runner {
  private wanted: Wanted | null = null;
  /** What was wanted last, whether its picture stands or not. */
  private latest: Wanted | null = null;
  private wantedLook: { readonly picture: Picture; readonly look: Look } | null = null;
  /** What is being made a picture of. */
  private showing: Wanted | null = null;
  private readonly workplace: Workplace;
  private readonly exposure: Exposure;
  private readonly runs: Runs;
  private readonly passes = new Passes();
  private readonly looks: Looks;
  private readonly turns: Turns;
  /** The part of an overview that is still wanted in finer cells. */
  private detail: Part | null = null;

  constructor(
    base: string,
    private readonly events: RunnerEvents,
  ) {
    const progress = (stage: string) => events.progress(stage);
    this.workplace = new Workplace(base, progress);
    this.exposure = new Exposure(this.workplace, progress);
    this.runs = new Runs(this.workplace, this.passes, () => this.turns.giveWay());
    this.looks = new Looks(this.passes, this.runs, (wanted) => this.picture(wanted));
    const urgent = {
      isWanted: () => this.wanted !== null || this.wantedLook !== null,
      // A picture comes before its looks.
      overtakes: () => (this.wanted ? this.wanted !== this.showing : this.wantedLook !== null),
      next: () => (this.wanted ? this.show(this.wanted) : this.weigh()),
    };
    this.turns = new Turns(urgent, () => void this.slim());
  }

  want(wanted: Wanted): void {
    this.wanted = this.latest = wanted;
    this.workplace.turnTo(wanted.model.id);
    const known = this.passes.made(wanted, wanted.mask);
    const seen = known && this.looks.known(known, this.events.lookOf(known));
    if (known && seen) {
      // Also past a run that is under way, whose answer nobody waits for any more.
      this.wanted = null;
      this.events.pictured(known, seen);
    } else this.turns.begin();
  }

  /** Every attention of the pass that a picture is of, in the order of their choice. */
  attentionsOf(picture: Picture): readonly Picture[] {
    return this.passes.originOf(picture).pass;
  }

  /** Asks for the f32 values of a look; of several that wait the newest is fetched. */
  wantLook(picture: Picture, look: Look): void {
    const seen = this.looks.known(picture, look);
    if (seen) return this.events.weighed(picture, seen);
    this.wantedLook = { picture, look };
    this.turns.begin();
  }

  /**
   * One matrix of f32 for whoever takes it away; what is wanted on the screen goes first.
   * @throws RemoteError when it cannot be had, also from another worker
   */
  take(picture: Picture, of: Single): Promise<Matrix> {
    return this.errand(() => this.looks.matrix(picture, of));
  }

  /**
   * One job for the model of a picture; what is wanted on the screen goes first.
   * @param job is given what it awaits between two runs, so that others are answered there
   * @param isWanted whether anyone waits for it still: it does not begin, or go on, for nobody
   * @throws RemoteError when it cannot be done, also by another worker; Overtaken when nobody waited
   */
  ask<T>(picture: Picture, job: Job<T>, isWanted = () => true): Promise<T> {
    const assertWanted = () => {
      if (!isWanted()) throw new Overtaken();
    };
    return this.errand(async () => {
      assertWanted();
      return job(await this.runs.session(picture), () => this.turns.giveWay().then(assertWanted));
    });
  }

  /**
   * One job in a worker of its own, in whose memory nothing was before; it ends with the job. What is wanted on the screen
   * goes on beside it.
   * @param tokens the most that a run of it will read
   * @throws RemoteError when the model cannot be had a second time
   */
  async apart<T>(picture: Picture, tokens: number, job: Job<T>): Promise<T> {
    const { place } = this.passes.originOf(picture);
    const { name, bytes, memoryLimit } = place.folder;
    const needed =
      2 * openBytes(bytes) + runBytes({ ...picture.overview, width: picture.model.width }, tokens);
    if (needed > memoryLimit)
      throw tooLarge(`${name}, opened once more to be measured,`, needed, memoryLimit);
    const opened = await this.workplace.beside(place, tokens);
    try {
      return await job(sessionFor(opened, picture), async () => {});
    } finally {
      opened.engine.end('It was measured.');
    }
  }

  private errand<T>(work: () => Promise<T>): Promise<T> {
    return this.turns.errand(() => this.persist(work));
  }

  /** Asks for the overview of a picture as it is to be drawn; until it comes the plain one stands. */
  wantRedrawn(picture: Picture, redraw: Redraw): void {
    this.redraw(picture, redraw, null, (overview) => this.events.redrawn(picture, redraw, overview));
  }

  /** Asks for a part of it in finer cells, in place of the part that was asked for before; null for none. */
  wantDetail(picture: Picture, redraw: Redraw, part: Part | null): void {
    this.detail = part;
    if (part)
      this.redraw(picture, redraw, part, (overview) =>
        this.events.detailed(picture, redraw, { part, overview }),
      );
  }

  private redraw(
    picture: Picture,
    redraw: Redraw,
    part: Part | null,
    drawn: (overview: Overview) => void,
  ): void {
    const assertWanted = () => {
      // A picture of an earlier text would take a run of its own, and cost the newer one its run.
      if (!this.passes.has(picture) || (part && part !== this.detail)) throw new Overtaken();
    };
    this.errand(() => this.runs.redrawn(picture, redraw, part, assertWanted))
      .then(drawn)
      .catch((error) => {
        if (!(error instanceof Overtaken))
          this.events.log('error', `the overview did not come as it is to be drawn: ${describe(error)[1]}`);
      });
  }

  /** Whether a look takes a run that has not been made: one under the other mask. */
  needsRun(picture: Picture, look: Look): boolean {
    return this.looks.needsRun(picture, look);
  }

  /** What is under way goes on, but nobody waits for it. */
  wantNothing(): void {
    this.wanted = this.wantedLook = null;
  }

  /** Gives up what runs, and the worker with it: a run cannot be interrupted from inside. */
  cancel(): void {
    this.wantNothing();
    this.workplace.close('The run was cancelled.');
  }

  /** Replaces a worker whose heap is far larger than the last run takes. */
  private async slim(): Promise<void> {
    const { opened } = this.workplace;
    if (this.turns.atWork || !opened?.last || document.hidden) return;
    try {
      const bytes = await this.workplace.outgrown(opened);
      if (bytes === null || this.turns.atWork || opened !== this.workplace.opened) return;
      this.events.log('info', `a heap of ${Math.round(bytes / 1e6)} MB is given back`);
      this.workplace.close('Another one with less memory takes over.');
      // What stands stays; a run of it is made again when a head is asked for.
      await this.errand(async () => void (await this.workplace.open(opened.place, opened.tokens)));
    } catch (error) {
      this.events.log('info', `the worker was not replaced: ${describe(error)[1]}`);
    }
  }

  private async show(wanted: Wanted): Promise<void> {
    this.showing = wanted;
    try {
      const picture = await this.picture(wanted);
      const seen = await this.looks.fetch(picture, this.events.lookOf(picture));
      if (this.wanted !== wanted) return;
      this.wanted = null;
      this.events.pictured(picture, seen);
      void this.judge(wanted, picture);
    } catch (error) {
      if (error instanceof Overtaken) return;
      this.forget(error);
      if (this.wanted !== wanted) return;
      this.wanted = null;
      this.events.failed(...describe(error), wantsImage(error));
    }
  }

  private async weigh(): Promise<void> {
    const { picture, look } = this.wantedLook!;
    this.wantedLook = null;
    try {
      this.events.weighed(picture, await this.looks.fetch(picture, look));
    } catch (error) {
      if (error instanceof Overtaken) {
        // A picture that is wanted may not come; then this look is still waited for.
        this.wantedLook ??= { picture, look };
        return;
      }
      this.forget(error);
      this.events.log('error', `the weights of ${lookName(look)} did not come: ${describe(error)[1]}`);
      this.events.unweighed(picture, look, describe(error)[0]);
    }
  }

  private async picture(wanted: Wanted): Promise<Picture> {
    const known = this.passes.made(wanted, wanted.mask);
    if (known) return known;
    const place = this.workplace.placeFor(wanted);
    try {
      return await this.pictureAt(place, wanted);
    } catch (error) {
      const isGpus = wanted.device === 'auto' && place.build !== 'wasm' && !isSound(error);
      if (!isGpus || this.wanted !== wanted) throw error;
      this.workplace.gpuWins = false;
      this.events.log('error', `WebGPU failed, and WASM takes over: ${describe(error)[1]}`);
      this.forget(error);
      return this.pictureAt(this.workplace.placeFor(wanted), wanted);
    }
  }

  private async pictureAt(place: Place, wanted: Wanted): Promise<Picture> {
    const pass = await this.exposure.make(place, wanted, () => this.turns.giveWay());
    const picture = this.passes.keep(wanted, place, pass, this.latest ?? wanted);
    this.looks.forget();
    return picture;
  }

  /** Once more where the worker ended under the work: another one can do it. */
  private async persist<T>(work: () => Promise<T>): Promise<T> {
    for (let again = true; ; again = false) {
      try {
        return await work();
      } catch (error) {
        this.forget(error);
        if (!again || !(error instanceof RemoteError && error.kind === 'WorkerEnded')) throw error;
      }
    }
  }

  private async judge(wanted: Wanted, picture: Picture): Promise<void> {
    const { workplace } = this;
    if (wanted.device !== 'auto' || workplace.gpuWins !== null || !isTelling(picture)) return;
    workplace.gpuWins = false;
    const log = (line: string) => this.events.log('info', line);
    // Another model may be wanted by now, for which this trial says nothing.
    const matters = () => this.latest?.device === 'auto' && this.latest.model.id === wanted.model.id;
    try {
      const { place } = this.passes.originOf(picture);
      const rival = await fasterOnGpu(workplace, place, picture, matters, log);
      if (!rival) return;
      // Something else is under way on WASM: the next picture asks again.
      workplace.gpuWins = this.turns.atWork ? null : true;
      if (this.turns.atWork) return rival.engine.end('WASM goes on.');
      workplace.handOver(rival, 'WebGPU is faster.');
      this.passes.clear();
      // Another picture may stand by now than the one that was timed.
      this.want(this.latest!);
    } catch (error) {
      log(`WebGPU could not be tried: ${describe(error)[1]}`);
    }
  }

  /** After a fault that is not the model's or the text's, the worker may be broken: the next call starts another. */
  private forget(error: unknown): void {
    if (!isSound(error) && !(error instanceof Overtaken)) this.workplace.close('The worker failed.');
  }
}
