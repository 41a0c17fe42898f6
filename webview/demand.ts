/** What is asked of the model: the picture that the request and the view together want, and the numbers to go with it. */
import type { Device, ModelFolder, Subject } from '../src/protocol';
import { Again } from './again';
import type { Change } from './changes';
import * as Changes from './changes';
import { lookName } from './core/look';
import type { Part } from './core/part';
import { describe } from './failure';
import { send } from './host';
import type { Picture } from './picture';
import type { Runner } from './runner';
import type { Scene } from './state';
import * as States from './state';
import type { Store } from './store';

export interface Request {
  readonly subject: Subject;
  readonly model: ModelFolder;
  readonly device: Device;
}

export class Demand {
  private asked: Request | null = null;
  /** What the picture that stands was the answer to. */
  private standing: Request | null = null;
  private visible = true;
  /** The look whose numbers were asked for, and of which picture. */
  private fetched: string | null = null;
  private readonly measuring = new Again();
  private readonly redrawing = new Again();
  private readonly detailing = new Again();

  /** @param begins is called when a picture is asked for, before it can come */
  constructor(
    private readonly store: Store,
    private readonly runner: Runner,
    private readonly begins: () => void,
  ) {}

  get request(): Request | null {
    return this.asked;
  }

  /** Whether the panel is seen. */
  get seen(): boolean {
    return this.visible;
  }

  /** What was asked for while it was hidden is asked for now. */
  see(visible: boolean): void {
    this.visible = visible;
    if (visible && this.store.state.work.kind === 'busy') this.run();
  }

  show(request: Request): void {
    this.asked = request;
    this.run();
  }

  /** The same text by another model, or on another device. */
  turnTo(part: Partial<Pick<Request, 'model' | 'device'>>): void {
    const { asked } = this;
    if (!asked) return;
    const next = { ...asked, ...part };
    if (next.model.id === asked.model.id && next.device === asked.device) return;
    this.show(next);
  }

  /** The text stands elsewhere in its document by now. @returns whether it is the one that was asked for last */
  moved(id: number, origin: Subject['origin']): boolean {
    if (this.asked?.subject.id !== id) return false;
    this.asked = { ...this.asked, subject: { ...this.asked.subject, origin } };
    return true;
  }

  /** A change after which another picture is wanted. */
  want(by: Change): void {
    this.store.change(by);
    this.run();
  }

  toggleMask(): void {
    const { state } = this.store;
    if (!state.scene || state.scene.picture.model.fixedMask !== null) return;
    this.want(Changes.chooseMask(States.wantedMask(state) === 'causal' ? 'bidirectional' : 'causal'));
  }

  /** The same once more; false where its document has moved on, and the host has to be asked. */
  again(): boolean {
    if (!this.asked || this.store.state.stale[this.asked.subject.id]) return false;
    this.run();
    return true;
  }

  cancel(): void {
    this.runner.cancel();
    this.fetched = null;
    this.asked = this.standing ?? this.asked;
    this.store.change(Changes.settle);
  }

  /** The picture that was asked for last stands. */
  met(): void {
    this.standing = this.asked;
  }

  /** Asks for the numbers of the look, once for each look and picture. */
  fetch(): void {
    const { scene, view } = this.store.state;
    if (!scene) return;
    const { picture } = scene;
    const look = States.lookOf(view, scene);
    const name = scene.seen ? null : `${picture.key} ${lookName(look)}`;
    if (name !== this.fetched) {
      this.fetched = name;
      // A difference is asked for as the other mask is: it takes a run, which is told of and can be cancelled.
      if (name && this.runner.needsRun(picture, look)) this.run();
      else if (name) this.runner.wantLook(picture, look);
    }
    this.fetchRedrawn(scene);
  }

  /** Asks for a part of the overview in finer cells, which the grid has need of; null where it has none. */
  fetchDetail(part: Part | null): void {
    const { scene, view } = this.store.state;
    if (!scene) return;
    const { picture } = scene;
    const redraw = States.redrawOf(view, scene);
    const { sinkHidden, lengths } = redraw;
    if (this.detailing.same(picture, sinkHidden, lengths, JSON.stringify(part))) return;
    this.runner.wantDetail(picture, redraw, part);
  }

  /** Asks for what each key hands over, where weights are drawn by it, and for the overview as it is to be drawn. */
  private fetchRedrawn(scene: Scene): void {
    const { view } = this.store.state;
    const { picture } = scene;
    // Both note what is not asked for, too: whoever comes back to a picture asks again.
    if (!this.measuring.same(picture, view.valued) && view.valued && !scene.lengths) this.measure(picture);
    const redraw = States.redrawOf(view, scene);
    if (this.redrawing.same(picture, redraw.sinkHidden, redraw.lengths)) return;
    if (States.needsRedraw(view, scene)) this.runner.wantRedrawn(picture, redraw);
  }

  private measure(picture: Picture): void {
    const { mask, experiment, kind } = picture;
    const { store } = this;
    this.runner
      .ask(picture, ({ engine, fed, targetIds, deadline }) =>
        engine.call('valueLengths', [fed, mask, experiment, kind, targetIds], { deadline }),
      )
      .then((lengths) => store.change(Changes.receiveLengths(picture.key, lengths)))
      .catch((error) => {
        const [sentence, line] = describe(error);
        send({ type: 'log', level: 'error', line });
        store.change(Changes.weighByValue(false));
        store.change(Changes.miss(sentence));
      });
  }

  /**
   * Asks for the picture that the request and the view together want; a hidden panel asks when it is seen again, and does
   * not take what it asked for before for the answer.
   */
  private run(): void {
    const { asked, runner, store } = this;
    if (!asked) return;
    store.change(Changes.accept(asked.subject.id, 'Starting'));
    this.begins();
    const { experiment, view, target } = store.state;
    const second = States.wantedSecond(store.state, asked.subject);
    const wanted = { ...asked, second, mask: view.mask, experiment, kind: view.attention, target };
    if (this.visible) runner.want(wanted);
    else runner.wantNothing();
  }
}
