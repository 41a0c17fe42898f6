/** Someone types: text after text begins as the one before. Then the graph is opened once more, to read on from it. */
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
/** Of what a run may take, what the weights of a second session may. */
const SHARE = 1 / 8;

export class Typing {
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

  /** One pass, from the text before where that can be. @param whole runs all of it */
  async run(asked: Asked, whole: () => Promise<Pass>): Promise<Pass> {
    clearTimeout(this.timer);
    const pass = this.canRead(asked) ? await this.next(asked, whole) : await whole();
    if (this.alike && !this.opening) this.timer = setTimeout(() => this.open(), PAUSE) as unknown as number;
    return pass;
  }

  private canRead({ mask, experiment, fed }: Asked): boolean {
    return mask === 'causal' && experimentName(experiment) === '' && fed.ids.length <= this.most;
  }

  private next(asked: Asked, whole: () => Promise<Pass>): Promise<Pass> {
    const { onward, last } = this;
    if (onward?.takes(asked.fed)) return this.readOn(onward, asked).catch(whole);
    this.alike = last !== null && commonOf(last, asked.fed) >= ALIKE * asked.fed.ids.length;
    this.last = asked.fed;
    return whole();
  }

  /** What fails is not tried again. */
  private async readOn(onward: Onward, asked: Asked): Promise<Pass> {
    try {
      return await onward.run(asked, this.heads);
    } catch (error) {
      this.onward = null;
      await onward.release();
      throw error;
    }
  }

  /** Once; where the model cannot be read on, every text is run as a whole. */
  private open(): void {
    this.opening = Onward.open(this.planned, this.give, this.request).then(
      (onward) => void (this.onward = onward),
    );
  }

  async release(): Promise<void> {
    clearTimeout(this.timer);
    await this.opening;
    await this.onward?.release();
  }
}
