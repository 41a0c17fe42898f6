/** Where the model runs: the one worker with a model in it, on which device, and how fast it proved to be. */
import { openBytes, operationsOf, runBytes } from './core/cost';
import { RemoteError } from './engine/rpc';
import type { Build } from './engine/start';
import { gpuBuild } from './engine/start';
import type { Opened, Place } from './launch';
import { launch, openingDeadline, samePlace } from './launch';
import { expectation, FIRST_DEADLINE, roughly } from './patience';
import type { Wanted } from './wanted';

/** A worker's heap never shrinks: one of more bytes than this, and so many times what its last run takes, may be replaced. */
const LARGE_HEAP = 150e6;
const OUTGROWN = 1.75;

export class Workplace {
  /** For `auto`: null until both devices were timed with this model. */
  gpuWins: boolean | null = null;
  private current: Opened | null = null;
  private model = '';
  /** Ends what is being loaded. */
  private loading = new AbortController();
  /** Of the last run on each build, in ms a token and byte of the model: what the first of another may take. */
  private readonly pace = new Map<Build, number>();

  constructor(
    private readonly base: string,
    private readonly progress: (stage: string) => void,
  ) {}

  get opened(): Opened | null {
    return this.current;
  }

  /** Another model may be faster on another device. */
  turnTo(model: string): void {
    if (model !== this.model) this.gpuWins = null;
    this.model = model;
  }

  placeFor({ subject, model, device }: Wanted): Place {
    const gpu = device === 'webgpu' || (device === 'auto' && this.gpuWins === true);
    return { folder: model, reads: subject.image ? 'image' : 'text', build: gpu ? gpuBuild() : 'wasm' };
  }

  /** @param tokens about how many will be read, for what is told of a model before it is there */
  async open(place: Place, tokens: number): Promise<Opened> {
    if (this.current && samePlace(this.current.place, place)) return this.current;
    if (place.build !== 'wasm' && !(await navigator.gpu?.requestAdapter()))
      throw new RemoteError(
        'Missing',
        'This editor has no WebGPU; set "headlight.device" to "auto" or "wasm".',
      );
    this.close('The model is opened elsewhere.');
    const { signal } = this.loading;
    const { estimate } = expectation(this.guess(place, tokens), tokens);
    const told = (stage: string) =>
      this.progress(estimate ? `${stage} (${tokens} tokens then take${estimate.slice(1)})` : stage);
    this.current = await launch(this.base, place, tokens, signal, told);
    return this.current;
  }

  /** A second worker beside this one; whoever asked for it ends it, or hands it over. */
  beside(place: Place, tokens: number): Promise<Opened> {
    return launch(this.base, place, tokens, new AbortController().signal, () => {});
  }

  /** Another worker takes over, its model open already. */
  handOver(opened: Opened, why: string): void {
    this.close(why);
    this.current = opened;
  }

  close(why: string): void {
    // First, since what ends the loading ends the worker that came of it, too, and says that it was cancelled.
    this.current?.engine.end(why);
    this.current = null;
    this.loading.abort();
    this.loading = new AbortController();
  }

  /**
   * What a run over n tokens will take, and when it is given up.
   * @param layers of all attentions
   * @param anew whether it may open the model once more, changed
   */
  expect(opened: Opened, layers: number, n: number, anew: boolean): { estimate: string; deadline: number } {
    const { info, last, place } = opened;
    const operations = (tokens: number) =>
      operationsOf({ ...info, layers, width: 0 }, place.folder.bytes, tokens);
    const rough = { tokens: n, ms: roughly(operations(n)) };
    const { estimate, deadline } = expectation(last ?? this.guess(place, n) ?? rough, n, operations);
    // The first may still compile.
    const patience = last ? deadline : Math.max(FIRST_DEADLINE, 3 * deadline);
    return { estimate, deadline: patience + (anew ? openingDeadline(place.folder) : 0) };
  }

  /** A run is done, from which the next is estimated, unless most of it was `known`. */
  ran(opened: Opened, tokens: number, { ms, known }: { readonly ms: number; readonly known: number }): void {
    opened.tokens = tokens;
    if (known > 0) return;
    opened.last = { tokens, ms };
    const { build, folder } = opened.place;
    if (folder.bytes > 0) this.pace.set(build, ms / (tokens * folder.bytes));
  }

  /** The bytes of a heap that is far larger than the last run takes; null where it is not. */
  async outgrown({ engine, info, tokens, place }: Opened): Promise<number | null> {
    const needed = openBytes(place.folder.bytes) + runBytes(info, tokens);
    const heap = await engine.call('heap', []);
    return heap && heap.bytes >= Math.max(LARGE_HEAP, OUTGROWN * needed) ? heap.bytes : null;
  }

  /** What a run of a model that has not run yet may take, by how another went: its weights are read once a token. */
  private guess({ folder, build }: Place, tokens: number): Opened['last'] {
    const pace = this.pace.get(build);
    return pace === undefined ? null : { tokens, ms: pace * tokens * folder.bytes };
  }
}
