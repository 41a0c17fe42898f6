/**
 * When a text is read piece by piece: where text after text begins as the one before, since someone types, and where it is
 * long. Then the graph is opened once more.
 */
import { openBytes } from '../core/cost';
import type { Request } from '../onnx/index';
import { experimentName } from './engine';
import type { Pass, PlannedGraph } from './graph';
import type { Heads } from './heads';
import type { Text } from './onward';
import { commonOf, Onward } from './onward';
import type { Asked, Giver } from './pass';

/** Set by the build: on WebGPU runs are short. */
declare const HEADLIGHT_WEBGPU: boolean;

/** In ms without a run: while it is opened, whoever asks for anything waits. */
const PAUSE = 500;
/** Of a text, what has to be as in the one before. */
const ALIKE = 0.25;
/** So many tokens take longer than opening does; of these even the first text is read in pieces. */
const LONG = 1500;
/** Of what a run may take, what the weights of a second session may. */
const SHARE = 1 / 8;

export class Piecewise {
  private onward: Onward | null = null;
  private opening: Promise<void> | null = null;
  private last: Text | null = null;
  /** Whether the last two texts began alike. */
  private alike = false;
  private timer = 0;

  /** @param most tokens whose positions do not depend on how many there are */
  constructor(
    private readonly planned: PlannedGraph,
    private readonly give: Giver,
    private readonly request: Request,
    private readonly heads: Heads,
    private readonly most: number,
  ) {}

  /** Whether a second session may be had. @param room bytes that a run may take */
  static canBe({ model, weights }: PlannedGraph, room: number): boolean {
    const bytes = weights.reduce((sum, { data }) => sum + data.length, model.bytes.length);
    return !HEADLIGHT_WEBGPU && openBytes(bytes) < SHARE * room;
  }

  /**
   * One pass, in pieces where that can be.
   * @param aside not a text that the next one goes on from
   * @param whole runs all of it at once
   */
  async run(asked: Asked, aside: boolean, whole: () => Promise<Pass>): Promise<Pass> {
    clearTimeout(this.timer);
    const { mask, experiment, fed } = asked;
    if (mask !== 'causal' || experimentName(experiment) !== '') return whole();
    const alone = aside || fed.ids.length > this.most;
    if (!alone) this.note(fed);
    if (fed.ids.length >= LONG) await this.open();
    const pass = this.onward ? this.inPieces(this.onward, asked, alone, whole) : whole();
    return pass.finally(() => {
      if (this.alike && !this.opening)
        this.timer = setTimeout(() => void this.open(), PAUSE) as unknown as number;
    });
  }

  private note(text: Text): void {
    this.alike = this.last !== null && commonOf(this.last, text) >= ALIKE * text.ids.length;
    this.last = text;
  }

  /** What fails is not tried again. */
  private async inPieces(onward: Onward, asked: Asked, alone: boolean, whole: () => Promise<Pass>) {
    try {
      return await onward.run(asked, this.heads, alone);
    } catch {
      this.onward = null;
      await onward.release();
      return whole();
    }
  }

  /** Once; where the model cannot be read so, every text is run as a whole. */
  private open(): Promise<void> {
    this.opening ??= Onward.open(this.planned, this.give, this.request).then(
      (onward) => void (this.onward = onward),
    );
    return this.opening;
  }

  async release(): Promise<void> {
    clearTimeout(this.timer);
    await this.opening;
    await this.onward?.release();
  }
}
