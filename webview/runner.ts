/**
 * Keeps what is shown in step with what is wanted: one request runs, at most one waits, the newest. Owns the worker,
 * and decides where the model runs.
 */
import type { Device, ModelFolder, SecondText, Subject } from '../src/protocol';
import type { Mask, Matrix, Overview } from './core/attention';
import type { Look, Seen, Single, Source } from './core/look';
import { openBytes, operationsOf, runBytes } from './core/cost';
import { lookName, seenBy, sourcesOf } from './core/look';
import type { Redraw } from './core/redraw';
import type { Engine, Experiment, Fed, ImageReading, Reading, Target } from './engine/engine';
import { experimentName, fedOf, MOST_TOKENS, unchanged } from './engine/engine';
import type { Connection } from './engine/rpc';
import { RemoteError } from './engine/rpc';
import { describe, isSound, wantsImage } from './failure';
import type { Opened, Place } from './launch';
import { type Build, gpuBuild, hasRealGpu } from './engine/start';
import { launch, samePlace, tooLarge } from './launch';
import type { SiteKind } from './onnx/index';
import { countsOf } from './sides';
import { expectation, FIRST_DEADLINE, roughly } from './patience';
import type { Picture, TargetWish } from './state';
import { defaultMask } from './state';

export interface Wanted {
  readonly subject: Subject;
  /** What is read as sentence B with it. */
  readonly second: SecondText | null;
  readonly model: ModelFolder;
  readonly device: Device;
  /** Null: the one the model was made for. */
  readonly mask: Mask | null;
  readonly experiment: Experiment;
  /** Of an encoder-decoder's attentions; null: the first. */
  readonly kind: SiteKind | null;
  /** What its decoder is given. */
  readonly target: TargetWish;
}

/** A model in a worker, and what it was fed for a picture. */
export interface Session {
  readonly engine: Connection<Engine>;
  readonly fed: Fed;
  /** Those that the decoder of an encoder-decoder was given. */
  readonly targetIds: readonly number[] | null;
}

export interface RunnerEvents {
  progress(stage: string): void;
  /** What of a picture will be looked at first: its numbers come with the picture. */
  lookOf(picture: Picture): Look;
  pictured(picture: Picture, seen: Seen): void;
  /** `image`: one would do in place of what was shown. */
  failed(sentence: string, detail: string, image: boolean): void;
  /** The numbers of a look that was asked for have come; null where they could not be had. */
  weighed(picture: Picture, seen: Seen | null): void;
  /** The overview of a picture as it is to be drawn has come. */
  redrawn(picture: Picture, redraw: Redraw, overview: Overview): void;
  log(level: 'info' | 'error', line: string): void;
}

/** Tokens take milliseconds; a pattern of a damaged tokenizer may take for ever. */
const READ_DEADLINE = 15_000;
/** The most tokens that a model writes by itself. */
const MOST_WRITTEN = 64;
/** Matrices kept in the page, in bytes, so that going back to one asks nobody. */
const MATRIX_BUDGET = 64e6;
/** A worker's heap never shrinks: one of more bytes than this, most of them for a text that is gone, is replaced ... */
const LARGE_HEAP = 512e6;
/** ... when nothing was wanted of it for so many ms. */
const IDLE = 4000;
/** Shorter texts say nothing about which device is faster. */
const JUDGED_TOKENS = 64;

export class Runner {
  private wanted: Wanted | null = null;
  private wantedLook: { readonly picture: Picture; readonly look: Look } | null = null;
  /** What nothing on the screen waits for: done one by one when nothing else is wanted. */
  private readonly errands: (() => Promise<void>)[] = [];
  private working = false;
  private onErrand = false;
  private idle = 0;
  /** What is being made a picture of. */
  private showing: Wanted | null = null;
  private opened: Opened | null = null;
  /** Ends what is being loaded. */
  private loading = new AbortController();
  /** Passes of one subject, a picture an attention, by what was wanted: going back to the other mask is instant. */
  private readonly passes = new Map<string, readonly Picture[]>();
  /** What a picture was the answer to, and where it was made. */
  private readonly origins = new WeakMap<
    Picture,
    { readonly wanted: Wanted; readonly place: Place; readonly pass: readonly Picture[] }
  >();
  private readonly matrices = new Map<string, Matrix>();
  private written: { readonly of: string; readonly target: Target } | null = null;
  private reading: { readonly of: string; readonly reading: Reading | ImageReading } | null = null;
  /** For `auto`: null until both devices were timed with this model. */
  private gpuWins: boolean | null = null;
  private model = '';
  /** Of the last run on each build, in ms a token and byte of the model: what the first of another may take. */
  private readonly pace = new Map<Build, number>();

  constructor(
    private readonly base: string,
    private readonly events: RunnerEvents,
  ) {}

  want(wanted: Wanted): void {
    this.wanted = wanted;
    if (wanted.model.id !== this.model) this.gpuWins = null;
    this.model = wanted.model.id;
    const known = this.made(wanted, wanted.mask);
    const seen = known && this.known(known, this.events.lookOf(known));
    if (known && seen) {
      // Also past a run that is under way, whose answer nobody waits for any more.
      this.wanted = null;
      this.events.pictured(known, seen);
    } else void this.pump();
  }

  /** Every attention of the pass that a picture is of, in the order of their choice. */
  attentionsOf(picture: Picture): readonly Picture[] {
    return this.origins.get(picture)!.pass;
  }

  /** Asks for the f32 values of a look; of several that wait the newest is fetched. */
  wantLook(picture: Picture, look: Look): void {
    const seen = this.known(picture, look);
    if (seen) return this.events.weighed(picture, seen);
    this.wantedLook = { picture, look };
    void this.pump();
  }

  /**
   * One matrix of f32 for whoever takes it away; what is wanted on the screen goes first.
   * @throws RemoteError when it cannot be had, also from another worker
   */
  take(picture: Picture, of: Single): Promise<Matrix> {
    return this.errand(
      async () => this.matrices.get(matrixName(picture, of)) ?? (await this.fetch(picture, of)),
    );
  }

  /**
   * One job for the model of a picture; what is wanted on the screen goes first.
   * @throws RemoteError when it cannot be done, also by another worker
   */
  ask<T>(picture: Picture, job: (session: Session) => Promise<T>): Promise<T> {
    return this.errand(async () => job(await this.session(picture)));
  }

  /**
   * One job in a worker of its own, in whose memory nothing was before; it ends with the job. What is wanted on the screen
   * goes on beside it.
   * @param tokens the most that a run of it will read
   * @throws RemoteError when the model cannot be had a second time
   */
  async apart<T>(picture: Picture, tokens: number, job: (session: Session) => Promise<T>): Promise<T> {
    const { place } = this.origins.get(picture)!;
    const { name, bytes, memoryLimit } = place.folder;
    const needed = 2 * openBytes(bytes) + runBytes({ ...picture.overview, width: 0 }, tokens);
    if (needed > memoryLimit)
      throw tooLarge(`${name}, opened once more to be measured,`, needed, memoryLimit);
    const { engine } = await launch(this.base, place, tokens, new AbortController().signal, () => {});
    try {
      return await job({ engine, fed: fedFor(picture), targetIds: null });
    } finally {
      engine.end('It was measured.');
    }
  }

  private errand<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.errands.push(() => this.persist(work).then(resolve, reject));
      void this.pump();
    });
  }

  /** Asks for the overview of a picture as it is to be drawn; until it comes the plain one stands. */
  wantRedrawn(picture: Picture, redraw: Redraw): void {
    // A picture of an earlier text would take a run of its own, and cost the newer one its run.
    const isStanding = () => [...this.passes.values()].some((pass) => pass.includes(picture));
    this.errands.push(async () => {
      try {
        const fetching = () =>
          this.byLayer<Overview>(
            picture,
            ({ bytes }) => bytes,
            (engine, key, layer, before, move) => {
              if (!isStanding()) throw new Overtaken();
              return engine.call('redrawn', [key, picture.kind, redraw, layer, before], { move });
            },
          );
        this.events.redrawn(picture, redraw, await this.persist(fetching));
      } catch (error) {
        if (error instanceof Overtaken) return;
        this.events.log('error', `the overview did not come as it is to be drawn: ${describe(error)[1]}`);
      }
    });
    void this.pump();
  }

  /** Whether a look takes a run that has not been made: one under the other mask. */
  needsRun(picture: Picture, look: Look): boolean {
    const { wanted } = this.origins.get(picture)!;
    return sourcesOf(look, picture.mask).some(
      ({ mask }) => mask !== picture.mask && !this.made(wanted, mask),
    );
  }

  /** Gives up what runs, and the worker with it: a run cannot be interrupted from inside. */
  cancel(): void {
    this.wanted = this.wantedLook = null;
    this.close('The run was cancelled.');
  }

  private async pump(): Promise<void> {
    if (this.working) return;
    this.working = true;
    for (;;) {
      await this.urgent();
      const errand = this.errands.shift();
      if (!errand) break;
      this.onErrand = true;
      await errand();
      this.onErrand = false;
    }
    this.working = false;
    clearTimeout(this.idle);
    this.idle = setTimeout(() => void this.slim(), IDLE) as unknown as number;
  }

  /** Replaces a worker whose heap is far larger than the last run takes. */
  private async slim(): Promise<void> {
    const { opened } = this;
    if (this.working || !opened?.last || document.hidden) return;
    const { folder } = opened.place;
    const needed = openBytes(folder.bytes) + runBytes({ ...opened.info, width: 0 }, opened.last.tokens);
    try {
      const heap = await opened.engine.call('heap', []);
      if (this.working || opened !== this.opened || !heap) return;
      if (heap.bytes < LARGE_HEAP || heap.bytes < 2 * needed) return;
      this.events.log('info', `a heap of ${Math.round(heap.bytes / 1e6)} MB is given back`);
      this.close('Another one with less memory takes over.');
      // What stands stays; a run of it is made again when a head is asked for.
      await this.errand(async () => void (await this.open(opened.place, opened.last!.tokens)));
    } catch (error) {
      this.events.log('info', `the worker was not replaced: ${describe(error)[1]}`);
    }
  }

  /** What the screen waits for. */
  private async urgent(): Promise<void> {
    while (this.wanted || this.wantedLook) {
      if (this.wanted) await this.show(this.wanted);
      else await this.weigh();
    }
  }

  /**
   * Between two parts of long work: what is wanted meanwhile goes first. An errand goes on after it; a look that is wanted
   * no more does not.
   */
  private async giveWay(): Promise<void> {
    // A picture comes before its looks.
    if (this.wanted ? this.wanted === this.showing : !this.wantedLook) return;
    if (!this.onErrand) throw new Overtaken();
    this.onErrand = false;
    await this.urgent();
    this.onErrand = true;
  }

  private async show(wanted: Wanted): Promise<void> {
    this.showing = wanted;
    try {
      const picture = await this.picture(wanted);
      const seen = await this.look(picture, this.events.lookOf(picture));
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
      this.events.weighed(picture, await this.look(picture, look));
    } catch (error) {
      if (error instanceof Overtaken) {
        // A picture that is wanted may not come; then this look is still waited for.
        this.wantedLook ??= { picture, look };
        return;
      }
      this.forget(error);
      this.events.log('error', `the weights of ${lookName(look)} did not come: ${describe(error)[1]}`);
      this.events.weighed(picture, null);
    }
  }

  private async picture(wanted: Wanted): Promise<Picture> {
    const known = this.made(wanted, wanted.mask);
    if (known) return known;
    const place = this.placeFor(wanted);
    try {
      return await this.pictureAt(place, wanted);
    } catch (error) {
      if (wanted.device !== 'auto' || place.build === 'wasm' || this.wanted !== wanted) throw error;
      this.gpuWins = false;
      this.events.log('error', `WebGPU failed, and WASM takes over: ${describe(error)[1]}`);
      this.forget(error);
      return this.pictureAt(this.placeFor(wanted), wanted);
    }
  }

  private async pictureAt(place: Place, wanted: Wanted): Promise<Picture> {
    const { subject, second, model } = wanted;
    const opened = await this.open(place, tokensIn(subject));
    const { info } = opened;
    const mask = info.fixedMask === null && wanted.mask ? wanted.mask : defaultMask(info);
    const reading = await this.read(opened, wanted);
    const { tokens, covered, secondCovered } = reading;
    const sight = 'sight' in reading ? reading.sight : null;

    const fed = fedFor({ tokens, sight });
    const n = tokens.length;
    const target = info.kinds.includes('decoder') ? await this.target(opened, wanted, fed) : null;
    const targetIds = target && target.tokens.map(({ id }) => id);
    const layers = info.layers * info.kinds.length;
    const longer = Math.max(n, targetIds?.length ?? 0);
    const needed = openBytes(model.bytes) + runBytes({ ...info, layers, width: 0 }, longer);
    if (needed > model.memoryLimit)
      throw tooLarge(
        `${sight ? 'An image' : 'A text'} of ${n} tokens in ${model.name}`,
        needed,
        model.memoryLimit,
      );
    const operations = (tokens: number) => operationsOf({ ...info, layers, width: 0 }, model.bytes, tokens);
    const rough = { tokens: n, ms: roughly(operations(n)) };
    const last = opened.last ?? this.guess(place, n) ?? rough;
    const { estimate, deadline } = expectation(last, n, operations);
    this.events.progress(`Running ${countsOf({ tokens, target, sight })}${estimate}`);
    // An encoder-decoder is not changed on purpose.
    const experiment = info.kinds.includes('self') ? wanted.experiment : unchanged;
    const key = runName({ subject, second, mask, experiment, target });
    const run = await opened.engine.call('run', [subject.id, key, fed, mask, experiment, targetIds], {
      // The first may still compile.
      deadline: opened.last ? deadline : Math.max(FIRST_DEADLINE, 3 * deadline),
    });
    opened.last = { tokens: n, ms: run.ms };
    if (model.bytes > 0) this.pace.set(place.build, run.ms / (n * model.bytes));
    const kinds = run.attentions.map(({ kind }) => kind);
    const pass = run.attentions.map(({ kind, overview, measures }): Picture => ({
      key: `${place.build} ${model.id} ${key} ${kind}`,
      kind,
      kinds,
      subject,
      tokens,
      sight,
      second,
      target,
      covered,
      secondCovered,
      mask,
      experiment,
      overview,
      measures,
      model: { ...info, id: model.id, name: model.name, revision: model.revision },
      device: place.build === 'wasm' ? 'wasm' : 'webgpu',
      ms: run.ms,
    }));
    for (const picture of pass) this.origins.set(picture, { wanted, place, pass });
    const known = ['', experimentName(experiment)];
    for (const [name, [{ subject: shown, experiment: made }]] of this.passes)
      if (shown.id !== subject.id || !known.includes(experimentName(made))) this.passes.delete(name);
    this.passes.set(nameOf(wanted, mask), pass);
    if (wanted.mask !== mask) this.passes.set(nameOf(wanted, wanted.mask), pass);
    return chosen(pass, wanted.kind);
  }

  /** The picture that was made for this, under a mask. */
  private made(wanted: Wanted, mask: Mask | null): Picture | undefined {
    const pass = this.passes.get(nameOf(wanted, mask));
    return pass && chosen(pass, wanted.kind);
  }

  /** What the decoder is given: read, or written by the model itself, token by token. */
  private async target(opened: Opened, wanted: Wanted, fed: Fed): Promise<Target> {
    const { engine } = opened;
    const { subject, second, target } = wanted;
    const of = `${readingName(wanted)} ${JSON.stringify(target)}`;
    if (this.written?.of === of) return this.written.target;
    const read = (text: string) =>
      engine.call('readTarget', [text], { deadline: READ_DEADLINE, who: "The model's tokenizer" });
    const copied = second ? `${subject.text} ${second.text}` : subject.text;
    const made =
      target.kind === 'generated'
        ? await this.generate(engine, fed)
        : await read(target.kind === 'typed' ? target.text : copied);
    this.written = { of, target: made };
    return made;
  }

  /** Greedily: the likeliest token each time, until the model ends the text. */
  private async generate(engine: Opened['engine'], fed: Fed): Promise<Target> {
    const started = (await engine.call('written', [[]])).tokens.map(({ id }) => id);
    for (const written = [...started]; ;) {
      this.events.progress(`Writing: ${written.length - started.length} of at most ${MOST_WRITTEN} tokens`);
      const next =
        written.length - started.length >= MOST_WRITTEN ? null : await engine.call('next', [fed, written]);
      if (next === null) return engine.call('written', [written]);
      written.push(next);
    }
  }

  private async read(opened: Opened, wanted: Wanted): Promise<Reading | ImageReading> {
    const { subject, second } = wanted;
    const of = readingName(wanted);
    if (this.reading?.of !== of) {
      const { image } = subject;
      this.events.progress(`Reading the ${image ? 'image' : 'text'}`);
      const options = { deadline: READ_DEADLINE, who: image ? 'The image' : "The model's tokenizer" };
      try {
        const reading = image
          ? await opened.engine.call('see', [image.bytes], options)
          : await opened.engine.call('read', [subject.text, second?.text ?? null], options);
        this.reading = { of, reading };
      } catch (error) {
        // What cannot read may be mended where it lies: the next try opens it again.
        this.close('The tokenizer failed.');
        throw error;
      }
    }
    return this.reading.reading;
  }

  /** A look at a picture, and at its like under the other mask where the look takes both. */
  private async look(picture: Picture, look: Look): Promise<Seen> {
    const parts: Matrix[] = [];
    for (const { of, mask } of sourcesOf(look, picture.mask)) {
      const { wanted } = this.origins.get(picture)!;
      const from =
        mask === picture.mask ? picture : await this.picture({ ...wanted, mask, kind: picture.kind });
      parts.push(await this.matrix(from, of));
    }
    return seenBy(look, parts);
  }

  /** The same without asking anyone; null where a matrix of it is not here. */
  private known(picture: Picture, look: Look): Seen | null {
    const { wanted } = this.origins.get(picture)!;
    const part = ({ of, mask }: Source) => {
      const from = mask === picture.mask ? picture : this.made({ ...wanted, kind: picture.kind }, mask);
      return (from && this.matrices.get(matrixName(from, of))) ?? null;
    };
    const parts = sourcesOf(look, picture.mask).map(part);
    return parts.every((matrix) => matrix !== null) ? seenBy(look, parts) : null;
  }

  /** One matrix, which the page then keeps. */
  private async matrix(picture: Picture, of: Single): Promise<Matrix> {
    const name = matrixName(picture, of);
    const matrix = this.matrices.get(name) ?? (await this.fetch(picture, of));
    this.remember(name, matrix);
    return matrix;
  }

  /** One matrix: from the worker, or from the model run once more where it does not have it any more. */
  private async fetch(picture: Picture, of: Single): Promise<Matrix> {
    if (of.kind === 'head' || of.layer !== null)
      return this.fromRun(picture, (engine, key) => engine.call('matrix', [key, picture.kind, of]));
    return this.byLayer<Matrix>(
      picture,
      ({ weights }) => weights,
      (engine, key, layer, before, move) =>
        engine.call('matrix', [key, picture.kind, of, layer, before], { move }),
    );
  }

  /** What is made of all heads, layer by layer, so that others can be answered between. */
  private async byLayer<T>(
    picture: Picture,
    moved: (made: T) => Float32Array | Uint8Array,
    ask: (
      engine: Opened['engine'],
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
    ask: (engine: Opened['engine'], key: string) => Promise<T | null>,
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
    const { engine, fed, targetIds } = await this.session(picture);
    // It took this long before.
    const deadline = Math.max(FIRST_DEADLINE, 10 * picture.ms);
    await engine.call('run', [subject.id, runName(picture), fed, mask, experiment, targetIds], { deadline });
  }

  private async session(picture: Picture): Promise<Session> {
    const { engine } = await this.open(this.origins.get(picture)!.place, picture.tokens.length);
    const targetIds = picture.target && picture.target.tokens.map(({ id }) => id);
    return { engine, fed: fedFor(picture), targetIds };
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

  private remember(name: string, matrix: Matrix): void {
    this.matrices.delete(name);
    this.matrices.set(name, matrix);
    let total = 0;
    for (const { weights } of this.matrices.values()) total += weights.byteLength;
    for (const [oldest, { weights }] of this.matrices) {
      if (total <= MATRIX_BUDGET || oldest === name) break;
      this.matrices.delete(oldest);
      total -= weights.byteLength;
    }
  }

  private placeFor({ subject, model, device }: Wanted): Place {
    const gpu = device === 'webgpu' || (device === 'auto' && this.gpuWins === true);
    return { folder: model, reads: subject.image ? 'image' : 'text', build: gpu ? gpuBuild() : 'wasm' };
  }

  /** What a run of a model that has not run yet may take, by how another went: its weights are read once a token. */
  private guess({ folder, build }: Place, tokens: number): Opened['last'] {
    const pace = this.pace.get(build);
    return pace === undefined ? null : { tokens, ms: pace * tokens * folder.bytes };
  }

  /** @param tokens about how many will be read, for what is told of a model before it is there */
  private async open(place: Place, tokens: number): Promise<Opened> {
    if (this.opened && samePlace(this.opened.place, place)) return this.opened;
    if (place.build !== 'wasm' && !(await navigator.gpu?.requestAdapter()))
      throw new RemoteError(
        'EngineError',
        'This editor has no WebGPU; set "headlight.device" to "auto" or "wasm".',
      );
    this.close('The model is opened elsewhere.');
    const { signal } = this.loading;
    const guess = this.guess(place, tokens);
    const { estimate } = expectation(guess, tokens);
    const told = (stage: string) =>
      this.events.progress(estimate ? `${stage} (${tokens} tokens then take${estimate.slice(1)})` : stage);
    this.opened = await launch(this.base, place, tokens, signal, told);
    return this.opened;
  }

  /**
   * `auto` starts on WASM, so that the first picture comes soon. Then the same text is run on WebGPU where an adapter
   * is real; if the run after the first, which compiles, is faster, WebGPU takes over, its worker already warm.
   */
  private async judge(wanted: Wanted, picture: Picture): Promise<void> {
    const { ms, tokens, subject, mask } = picture;
    if (wanted.device !== 'auto' || this.gpuWins !== null || tokens.length < JUDGED_TOKENS) return;
    this.gpuWins = false;
    let rival: Opened | null = null;
    try {
      if (!(await hasRealGpu())) return;
      const place: Place = { ...this.placeFor(wanted), build: gpuBuild() };
      const { engine } = (rival = await launch(
        this.base,
        place,
        tokens.length,
        new AbortController().signal,
        () => {},
      ));
      const time = async () => (await engine.call('run', [subject.id, '', fedFor(picture), mask])).ms;
      await time();
      const gpu = await time();
      this.events.log(
        'info',
        `${tokens.length} tokens: WebGPU ${gpu.toFixed(0)} ms, WASM ${ms.toFixed(0)} ms`,
      );
      if (gpu >= ms || this.working) return;
      this.gpuWins = true;
      this.close('WebGPU is faster.');
      this.passes.clear();
      [this.opened, rival] = [rival, null];
      this.want(wanted);
    } catch (error) {
      this.events.log('info', `WebGPU could not be tried: ${describe(error)[1]}`);
    } finally {
      rival?.engine.end('WASM is faster.');
    }
  }

  /** After a fault that is not the model's or the text's, the worker may be broken: the next call starts another. */
  private forget(error: unknown): void {
    if (!isSound(error) && !(error instanceof Overtaken)) this.close('The worker failed.');
  }

  /** What was made stays: pictures and matrices are as true as before. */
  private close(why: string): void {
    this.loading.abort();
    this.loading = new AbortController();
    this.opened?.engine.end(why);
    this.opened = null;
  }
}

/** The work was not finished, because something else is wanted in its place. */
class Overtaken extends Error {}

/** What is read by what. */
const readingName = ({ subject, second, model }: Wanted) =>
  `${subject.id} ${model.id} ${JSON.stringify(second)}`;
const nameOf = (wanted: Wanted, mask: Mask | null) =>
  `${readingName(wanted)} ${wanted.device} ${mask} ${experimentName(wanted.experiment)} ${JSON.stringify(wanted.target)}`;
type Made = Pick<Picture, 'subject' | 'second' | 'mask' | 'experiment' | 'target'>;
const runName = ({ subject, second, mask, experiment, target }: Made) =>
  [subject.id, mask, experimentName(experiment), JSON.stringify([second?.text, target?.text])].join(' ');
const chosen = (pass: readonly Picture[], kind: SiteKind | null) =>
  pass.find((picture) => picture.kind === kind) ?? pass[0];
const matrixName = (picture: Picture, of: Single) => `${picture.key} ${lookName(of)}`;

/** What a run is fed with. */
const fedFor = ({ tokens, sight }: Pick<Picture, 'tokens' | 'sight'>): Fed => fedOf(tokens, sight?.pixels);

/**
 * About how many tokens will be read, before anything is there to tell; of a text no model reads more than the engine
 * lets it, and most cut an image into 14 × 14 patches.
 */
const tokensIn = ({ text, image }: Subject): number =>
  image ? 197 : Math.min(MOST_TOKENS, Math.ceil(text.length / 3));
