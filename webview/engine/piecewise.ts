/**
 * When a text is read piece by piece: where text after text begins as the one before, since someone types, and where it is
 * long. Then the graph is opened once more.
 */
import { openBytes } from '../core/cost';
import type { Request } from '../onnx/index';
import { EngineError, experimentName, LONG_TOKENS } from './engine';
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
   * @param whole runs all of it at once
   */
  async run(asked: Asked, whole: () => Promise<Pass>): Promise<Pass> {
    clearTimeout(this.timer);
    try {
      const { mask, experiment, fed } = asked;
      const isPlain = mask === 'causal' && experimentName(experiment) === '' && fed.ids.length > 0;
      return await (isPlain ? this.causal(asked, whole) : whole());
    } finally {
      if (this.alike && !this.opening)
        this.timer = setTimeout(() => void this.open(), PAUSE) as unknown as number;
    }
  }

  private async causal(asked: Asked, whole: () => Promise<Pass>): Promise<Pass> {
    const { fed } = asked;
    const alone = fed.ids.length > this.most;
    if (!alone) this.note(fed);
    if (fed.ids.length >= LONG_TOKENS) await this.open();
    const { onward } = this;
    if (!onward?.takes(fed)) return whole();
    return onward.run(asked, this.heads, alone).catch(async (error: unknown) => {
      // What is wrong with the text is said. Else pieces are what went wrong: they are not tried again.
      if (error instanceof EngineError) throw error;
      this.onward = null;
      await onward.release().catch(() => {});
      return whole();
    });
  }

  private note(text: Text): void {
    this.alike = this.last !== null && commonOf(this.last, text) >= ALIKE * text.ids.length;
    this.last = text;
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
