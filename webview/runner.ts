/**
 * Keeps what is shown in step with what is wanted: one request runs, at most one waits, the newest. Owns the worker.
 */
import type { Device, ModelFolder, Subject } from '../src/protocol';
import type { Head, HeadMatrix, Mask } from './core/attention';
import { headName } from './core/attention';
import { measureHeads } from './core/measures';
import type { Engine, ModelInfo, Reading } from './engine/engine';
import type { Connection } from './engine/rpc';
import { RemoteError } from './engine/rpc';
import type { Build } from './engine/start';
import { fetchModel, gpuBuild, hasRealGpu, startEngine } from './engine/start';
import type { Picture } from './state';
import { defaultMask } from './state';

export interface Wanted {
  readonly subject: Subject;
  readonly model: ModelFolder;
  readonly device: Device;
  /** Null: the one the model was made for. */
  readonly mask: Mask | null;
}

export interface RunnerEvents {
  progress(stage: string): void;
  /** Which head of a picture will be shown first: its numbers come with the picture. */
  headOf(picture: Picture): Head;
  pictured(picture: Picture, matrix: HeadMatrix | null): void;
  failed(sentence: string, detail: string): void;
  log(line: string): void;
}

/** A worker with a model in it. */
interface Opened {
  readonly engine: Connection<Engine>;
  readonly build: Build;
  readonly folder: ModelFolder;
  readonly info: ModelInfo;
  /** Time a token of the last run took, in ms; null before the first. */
  msPerToken: number | null;
}

/** A run that outlives this many times its estimate is ended. */
const PATIENCE = 3;
/** No run is ended sooner than this, in ms, however short its estimate: the machine may be busy. */
const SHORTEST_DEADLINE = 10_000;
/** For the first run, which has no estimate and may still compile. */
const FIRST_DEADLINE = 60_000;
/** Matrices of heads kept in the page, in bytes, so that going back to one asks nobody. */
const MATRIX_BUDGET = 64e6;

export class Runner {
  private wanted: Wanted | null = null;
  private pumping = false;
  private opened: Opened | null = null;
  /** Pictures of the wanted subject, by key: toggling back is instant. */
  private pictures = new Map<string, Picture>();
  private reading: { readonly subject: number; readonly model: string; readonly reading: Reading } | null =
    null;
  private matrices = new Map<string, HeadMatrix>();
  /** For `auto`: null until both devices were timed. */
  private gpuWins: boolean | null = null;

  constructor(
    private readonly base: string,
    private readonly events: RunnerEvents,
  ) {}

  want(wanted: Wanted): void {
    this.wanted = wanted;
    void this.pump();
  }

  /** Gives up what runs, and the worker with it: a run cannot be interrupted from inside. */
  cancel(): void {
    this.wanted = null;
    this.close('The run was cancelled.');
  }

  /** One head's f32 weights, from the page if they are there. Runs the model again where they are no longer kept. */
  async head(picture: Picture, head: Head): Promise<HeadMatrix | null> {
    const name = `${picture.key} ${headName(head)}`;
    let matrix = this.matrices.get(name) ?? null;
    if (matrix) {
      this.matrices.delete(name);
    } else if (this.opened) {
      const { engine } = this.opened;
      matrix = await engine.call('head', [picture.key, head]);
      if (!matrix) {
        await engine.call('run', [picture.key, picture.tokens.map(({ id }) => id), picture.mask]);
        matrix = await engine.call('head', [picture.key, head]);
      }
    }
    if (matrix) this.remember(name, matrix);
    return matrix;
  }

  private remember(name: string, matrix: HeadMatrix): void {
    this.matrices.set(name, matrix);
    let total = 0;
    for (const kept of this.matrices.values()) total += kept.weights.byteLength;
    for (const [oldest, kept] of this.matrices) {
      if (total <= MATRIX_BUDGET || oldest === name) break;
      this.matrices.delete(oldest);
      total -= kept.weights.byteLength;
    }
  }

  private async pump(): Promise<void> {
    if (this.pumping) return;
    this.pumping = true;
    for (let done: Wanted | null = null; this.wanted && this.wanted !== done;) {
      const wanted: Wanted = this.wanted;
      try {
        const picture = await this.picture(wanted);
        const matrix = await this.head(picture, this.events.headOf(picture));
        if (this.wanted === wanted) this.events.pictured(picture, matrix);
      } catch (error) {
        this.forget(error);
        if (this.wanted === wanted) this.events.failed(...describe(error));
      }
      done = wanted;
    }
    this.pumping = false;
    if (this.wanted) await this.judgeGpu(this.wanted);
  }

  private async picture(wanted: Wanted): Promise<Picture> {
    const { subject, model } = wanted;
    const opened = await this.open(model, this.buildFor(wanted.device));
    const mask = wanted.mask ?? defaultMask(opened.info);
    const key = `${opened.build} ${model.base} ${subject.id} ${mask}`;
    for (const [other, { subject: shown }] of this.pictures)
      if (shown.id !== subject.id) this.pictures.delete(other);
    const known = this.pictures.get(key);
    if (known) return known;

    const reading = await this.read(opened, subject, model);
    const ids = reading.tokens.map(({ id }) => id);
    const estimate = opened.msPerToken === null ? null : opened.msPerToken * ids.length;
    this.events.progress(
      `Running ${ids.length} tokens` +
        (estimate !== null && estimate >= 500 ? `, about ${(estimate / 1000).toFixed(1)} s` : ''),
    );
    const deadline = estimate === null ? FIRST_DEADLINE : Math.max(SHORTEST_DEADLINE, PATIENCE * estimate);
    const { overview, ms } = await opened.engine.call('run', [key, ids, mask], { deadline });
    opened.msPerToken = ms / ids.length;
    const picture: Picture = {
      key,
      subject,
      tokens: reading.tokens,
      covered: reading.covered,
      mask,
      overview,
      measures: measureHeads(overview, mask),
      model: { ...opened.info, name: model.name },
      device: opened.build === 'wasm' ? 'wasm' : 'webgpu',
      ms,
    };
    this.pictures.set(key, picture);
    return picture;
  }

  private async read(opened: Opened, subject: Subject, model: ModelFolder): Promise<Reading> {
    if (this.reading?.subject !== subject.id || this.reading.model !== model.base) {
      this.events.progress('Reading the text');
      const reading = await opened.engine.call('read', [subject.text]);
      this.reading = { subject: subject.id, model: model.base, reading };
    }
    return this.reading.reading;
  }

  private buildFor(device: Device): Build {
    return device === 'webgpu' || (device === 'auto' && this.gpuWins === true) ? gpuBuild() : 'wasm';
  }

  private async open(folder: ModelFolder, build: Build): Promise<Opened> {
    if (this.opened && this.opened.folder.base === folder.base && this.opened.build === build)
      return this.opened;
    this.close('Another model was opened.');
    if (build !== 'wasm' && !(await navigator.gpu?.requestAdapter()))
      throw new RemoteError(
        'EngineError',
        'This editor has no WebGPU; set "headlight.device" to "auto" or "wasm".',
      );
    this.opened = await launch(this.base, folder, build, this.events.progress);
    return this.opened;
  }

  /**
   * `auto` starts on WASM, so that the first picture comes soon. Then, with nothing else to do, the same text is run on
   * WebGPU where an adapter is real; if the run after the first, which compiles, is faster, WebGPU takes over.
   */
  private async judgeGpu(wanted: Wanted): Promise<void> {
    const { opened, reading } = this;
    if (wanted.device !== 'auto' || this.gpuWins !== null || opened?.build !== 'wasm' || !reading) return;
    this.gpuWins = false;
    if (!(await hasRealGpu())) return;
    try {
      const rival = await launch(this.base, opened.folder, gpuBuild(), () => {});
      const ids = reading.reading.tokens.map(({ id }) => id);
      await rival.engine.call('run', ['first', ids, 'causal']);
      const { ms } = await rival.engine.call('run', ['timed', ids, 'causal']);
      rival.engine.end('Timed.');
      const wasm = (opened.msPerToken ?? 0) * ids.length;
      this.gpuWins = ms < wasm;
      this.events.log(
        `WebGPU ${ms.toFixed(0)} ms against WASM ${wasm.toFixed(0)} ms for ${ids.length} tokens`,
      );
    } catch (error) {
      this.events.log(`WebGPU could not be tried: ${String(error)}`);
    }
  }

  /** After a failure: an engine that ended, or that never opened its model, is of no more use. */
  private forget(error: unknown): void {
    if (error instanceof RemoteError && ['WorkerEnded', 'Deadline'].includes(error.kind))
      this.close(error.message);
  }

  private close(why: string): void {
    this.opened?.engine.end(why);
    this.opened = null;
    this.matrices.clear();
    this.pictures.clear();
    this.reading = null;
  }
}

/** Starts a worker of the wanted build and opens the model in it. */
async function launch(
  base: string,
  folder: ModelFolder,
  build: Build,
  progress: (stage: string) => void,
): Promise<Opened> {
  const onBytes = (what: string, loaded: number, total: number | null) => {
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
    progress(`Loading ${what}: ${megabytes(loaded)}${total ? ` of ${megabytes(total)}` : ''} MB`);
  };
  const fetching = fetchModel(folder.base, folder.name, onBytes);
  fetching.catch(() => {}); // awaited below; the engine may fail first
  const engine = await startEngine(base, build, onBytes);
  try {
    const files = await fetching;
    progress(`Opening ${folder.name}`);
    const info = await engine.call('open', [files], { move: [files.graph.buffer] });
    return { engine, build, folder, info, msPerToken: null };
  } catch (error) {
    engine.end('The model could not be opened.');
    throw error;
  }
}

/** One sentence for people, and the detail for the log. */
function describe(error: unknown): [sentence: string, detail: string] {
  if (!(error instanceof RemoteError))
    return ['Headlight failed; its output channel has the detail.', String((error as Error)?.stack ?? error)];
  const told = ['EngineError', 'OnnxError', 'WorkerEnded', 'Deadline', 'Missing'].includes(error.kind);
  const sentence = told
    ? error.message
    : /backend|wasm/i.test(error.message)
      ? 'A part of Headlight is missing or damaged; install the extension again.'
      : 'The model could not be run; Headlight’s output channel has the detail.';
  return [sentence, `${error.kind}: ${error.message} ${error.detail}`];
}
