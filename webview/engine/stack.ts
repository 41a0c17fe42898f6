/** A stack of layers, one graph: opened for pictures, and once more, when that is first asked for, for study. */
import type { Mask } from '../core/attention';
import type { Request } from '../onnx/index';
import { experimentName, unchanged } from './engine';
import type { Fed } from './engine';
import type { PlannedGraph, Session } from './graph';
import { openGraph, pictured } from './graph';
import { Heads } from './heads';
import type { Giver } from './pass';
import { runPass } from './pass';
import { Study, studied } from './study';

export class Stack {
  readonly heads: Heads;
  private studying: Promise<Study> | null = null;

  private constructor(
    readonly opened: Session,
    readonly give: Giver,
    private readonly request: Request,
    private readonly fixed: number | null,
  ) {
    this.heads = new Heads(opened.planned);
  }

  /**
   * @param request what is wanted of the graph beside pictures
   * @param fixed the number of tokens that it reads, where it fixes that
   */
  static async open(
    planned: PlannedGraph,
    give: Giver,
    request: Request = {},
    fixed: number | null = null,
  ): Promise<Stack> {
    return new Stack(await openGraph(planned, { ...pictured, ...request }), give, request, fixed);
  }

  /** @param more outputs that are wanted beside the picture */
  async run(
    fed: Fed,
    mask: Mask,
    experiment = unchanged,
    target: readonly number[] | null = null,
    more: readonly string[] = [],
  ) {
    if (experimentName(experiment) !== '')
      return (await this.study()).run(fed, mask, experiment, target, more);
    const given = await this.give(this.opened, { fed, mask, experiment, target });
    return runPass(this.opened, this.heads, given, more);
  }

  study(): Promise<Study> {
    this.studying ??= this.openStudy();
    this.studying.catch(() => (this.studying = null)); // the next to ask tries again
    return this.studying;
  }

  async release(): Promise<void> {
    const study = this.studying?.then((one) => one.release());
    await Promise.all([this.heads.release(), this.opened.session.release(), study]);
  }

  private async openStudy(): Promise<Study> {
    const { planned } = this.opened;
    const session = await openGraph(planned, { ...studied, ...this.request });
    const heads = new Heads(planned, { scales: true, places: true, trial: this.heads.trial });
    return new Study(session, heads, this.give, this.fixed);
  }
}
