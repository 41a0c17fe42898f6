/** What the host hears of what stands, and what VS Code keeps of it across a reload. */
import { Again } from './again';
import type { Demand } from './demand';
import { keep, kept, send } from './host';
import { revealOf } from './reveal';
import * as States from './state';
import type { Store } from './store';
import { restoreWishes } from './wanted';

export class Report {
  private readonly telling = new Again();

  constructor(
    private readonly store: Store,
    private readonly demand: Demand,
  ) {}

  /** The document shows the row that the panel tells. */
  reveal(): void {
    const { state } = this.store;
    const { scene, view } = state;
    if (!scene) return;
    const isSame = this.telling.same(
      scene.seen,
      States.toldToken(scene),
      States.drawnBy(view, scene),
      view.reversed,
      States.staleness(state),
    );
    if (isSame) return;
    send({ type: 'reveal', id: scene.picture.subject.id, reveal: revealOf(state) });
  }

  /** Whose picture stands: the host follows that text in its document. */
  stand(picture = this.store.state.scene?.picture): void {
    if (picture) send({ type: 'standing', id: picture.subject.id, model: picture.model.id });
  }

  remember(): void {
    const { view, second, target } = this.store.state;
    const origin = this.demand.request?.subject.origin ?? kept()?.origin ?? null;
    // What would not come back is not kept.
    keep({ origin, view, wishes: restoreWishes({ second, target }) });
  }
}
