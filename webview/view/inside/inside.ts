/** The section "Inside": the head in focus, opened, on the numbers of the text that is shown. */
import type { Head } from '../../core/attention';
import { headName, sameHead } from '../../core/attention';
import { asTheModel, stepsOf } from '../../core/row';
import { element, setAttribute, setHidden, setText } from '../../element';
import type { Experiment, LayerInside, Token } from '../../engine/engine';
import { experimentName } from '../../engine/engine';
import type { Tab } from '../../inside';
import {
  answered,
  failed,
  foreign,
  layerQuestion,
  measuredLength,
  openedToken,
  pinnedQuery,
  orderQuestion,
  priceQuestion,
  tabs,
} from '../../inside';
import { label } from '../../label';
import type { Theme } from '../../render/theme';
import { hidingMask, keysOf, kindName, queriesOf, sidesOf } from '../../sides';
import type { Scene, State } from '../../state';
import { ContextsView } from './contexts';
import type { HeadInLayer } from './layer';
import { LayerView } from './layer';
import { PositionView } from './position';
import { PriceView } from './price';
import { RowView } from './row';
import { Tabs } from './tabs';

export interface InsideActions {
  inside(tab: Tab | null): void;
  explain(on: boolean): void;
  focus(head: Head): void;
  /** Runs the whole model changed, or as it is. */
  experiment(change: Partial<Experiment>): void;
  compare(texts: readonly [string, string], tokens: readonly [number, number] | null): void;
  measure(): void;
  stopMeasuring(): void;
}

/** The picture may be of a model that is changed on purpose; what is opened never is. */
const AS_IT_IS =
  'The picture above is of the model changed on purpose; these numbers are of the model as it is.';

export class InsideView {
  readonly root: HTMLElement;
  private readonly title = element('h2');
  private readonly explain = element('input', { type: 'checkbox' });
  private readonly hint = element('p', { class: 'hint', role: 'note' });
  private readonly row: RowView;
  private readonly layer: LayerView;
  private readonly position = new PositionView();
  private readonly contexts: ContextsView;
  private readonly price: PriceView;
  private readonly tabs: Tabs<Tab>;
  private readonly panels: Readonly<Record<Tab, readonly [label: string, says: string, panel: HTMLElement]>>;
  private told: { readonly heads: LayerInside['heads']; readonly lines: readonly HeadInLayer[] } | null =
    null;

  constructor(actions: InsideActions) {
    this.row = new RowView(actions);
    this.layer = new LayerView(actions);
    this.contexts = new ContextsView(actions);
    this.price = new PriceView({
      measure: actions.measure,
      stopMeasuring: actions.stopMeasuring,
      window: (window) => actions.experiment({ window }),
    });
    this.panels = {
      row: [
        'One row',
        'How this head computes where one token looks, and what it takes from there.',
        this.row.root,
      ],
      layer: [
        'The whole layer',
        'The heads of a layer work side by side, each in a space of its own; what they write is added up.',
        this.layer.root,
      ],
      position: [
        'Order',
        'Attention alone does not know the order of words: it is told by positions. Take the order away and see what is left.',
        this.position.root,
      ],
      contexts: [
        'Two contexts',
        'A word starts with the same vector everywhere. Layer by layer attention mixes into it what stands around it.',
        this.contexts.root,
      ],
      price: [
        'The price',
        'Every token looks at every other: twice the text is four times the pairs.',
        this.price.root,
      ],
    };
    this.tabs = new Tabs(
      tabs.map((name) => {
        const [label, says, panel] = this.panels[name];
        return { name, label, says, panel };
      }),
      'Inside',
      actions.inside,
    );
    this.explain.addEventListener('change', () => actions.explain(this.explain.checked));
    const close = element('button', { type: 'button', class: 'plain' }, 'Close');
    close.addEventListener('click', () => actions.inside(null));
    this.root = element(
      'section',
      { class: 'inside', 'aria-label': 'Inside' },
      element(
        'header',
        {},
        this.title,
        element('label', { class: 'check' }, this.explain, ' Explanations'),
        close,
      ),
      this.tabs.root,
      this.hint,
    );
  }

  update(state: State, theme: Theme): void {
    const { scene, view } = state;
    setHidden(this.root, view.inside === null || !scene);
    if (view.inside === null || !scene) return;
    this.explain.checked = view.explain;
    this.root.classList.toggle('plainly', !view.explain);
    const name = headName(scene.focus);
    const title = `Inside ${kindName(scene.picture, `head ${name}`)}`;
    setText(this.title, title);
    this.tabs.update(view.inside);
    setAttribute(this.root, 'aria-busy', 'false');
    this.hint.textContent = this.fill(view.inside, state, scene, name, theme);
  }

  /** Fills a tab; what it returns is said in its place while there is nothing to show. */
  private fill(
    tab: Tab,
    { inside, experiment, view }: State,
    scene: Scene,
    name: string,
    theme: Theme,
  ): string {
    const { picture, focus, seen } = scene;
    const changed = experimentName(picture.experiment) !== '';
    const named = (one: Token) => (one.patch ? label(one) : one.text);
    const labels = keysOf(picture).map(named);
    const token = openedToken(scene, view.reversed);
    const asks = named(queriesOf(picture)[token]);
    const why = foreign(picture, tab);
    setHidden(this.panels[tab][2], why !== null);
    if (why) return why;
    switch (tab) {
      case 'row':
      case 'layer': {
        const value = answered(inside.layer, layerQuestion(scene, token));
        if (value === null) return this.wait();
        if (failed(value)) return value.failed;
        const { heads, shared } = value;
        if (tab === 'row')
          this.row.update(
            {
              asks,
              labels,
              token,
              head: name,
              feed: heads[focus.head].feed,
              written: heads[focus.head].written,
              matrix: !changed && seen?.look.kind === 'head' && sameHead(seen.look.head, focus) ? seen : null,
              shared,
              experiment,
            },
            theme,
          );
        else
          this.layer.update(
            {
              asks,
              labels,
              layer: focus.layer,
              focused: focus.head,
              heads: this.inLayer(value),
            },
            theme,
          );
        const kind = sidesOf(picture).queries === 'target' ? 'target token' : 'token';
        const last = `This is the last ${kind}, ${asks}. Click a ${kind} above to open its row.`;
        const isPinned = pinnedQuery(scene, view.reversed) !== null;
        return [changed ? AS_IT_IS : '', isPinned ? '' : last].filter(Boolean).join(' ');
      }
      case 'position': {
        const value = answered(inside.reordered, orderQuestion(scene));
        if (value !== null && failed(value)) return value.failed;
        if (value === null) return this.wait();
        this.position.update({ labels, token, head: name, mask: hidingMask(picture), ...value }, theme);
        return changed ? AS_IT_IS : '';
      }
      case 'contexts': {
        const { texts, contexts, compared } = inside;
        const value = compared === null ? null : answered(contexts, compared);
        this.contexts.update({ texts, contexts: value, running: compared !== null && value === null }, theme);
        return '';
      }
      case 'price': {
        const value = answered(inside.prices, priceQuestion(picture));
        if (value !== null && failed(value)) return value.failed;
        const { layers, heads } = picture.overview;
        this.price.update({
          prices: value,
          longest: measuredLength(picture),
          n: picture.tokens.length,
          layers,
          heads,
          causal: picture.mask === 'causal',
          device: picture.device,
          running: inside.measuring,
          window: experiment.window,
        });
        return '';
      }
    }
  }

  /** The heads of a layer as they are told, made once for each answer. */
  private inLayer({ heads }: LayerInside): readonly HeadInLayer[] {
    if (this.told?.heads !== heads)
      this.told = {
        heads,
        lines: heads.map(({ feed, weights, written, output }, head) => ({
          head,
          weights,
          entropy: stepsOf(feed, asTheModel).entropy,
          unscaled: stepsOf(feed, { ...asTheModel, scaled: false }).entropy,
          written: written ?? output,
        })),
      };
    return this.told.lines;
  }

  private wait(): string {
    setAttribute(this.root, 'aria-busy', 'true');
    return 'Asking the model';
  }
}
