/** What frames the picture: the toolbar above, the notice between, the status line below. */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import type { ModelChoice } from '../../src/protocol';
import type { Scale } from '../core/colour';
import { element, setAttribute, setHidden, setText } from '../element';
import { experimentName, unchanged } from '../engine/engine';
import type { SiteKind } from '../onnx/index';
import { fill, select, toggle } from './controls';
import { AttentionChoice } from './attention';
import { Options } from './options';
import type { Scope } from '../choices';
import type { Grain } from '../places';
import type { Pairing } from '../segments';
import type { State } from '../state';
import { countsOf, kindName } from '../sides';
import { extentOf, timeOf } from '../picture';
import { staleness, wantedMask } from '../state';

export interface BarActions {
  causal(on: boolean): void;
  attention(kind: SiteKind): void;
  /** Null asks for a model that is not in the list. */
  model(id: string | null): void;
  scale(scale: Scale): void;
  scope(scope: Scope): void;
  difference(on: boolean): void;
  grain(grain: Grain): void;
  lines(on: boolean): void;
  threshold(threshold: number): void;
  hideSink(hidden: boolean): void;
  weighByValue(on: boolean): void;
  pairing(pairing: Pairing): void;
  reverse(reversed: boolean): void;
  follow(on: boolean): void;
  cancel(): void;
  again(): void;
  /** Asks which image is to be shown. */
  image(): void;
}

/** The last entry of the list of models. */
const OTHER_MODEL: ModelChoice = { id: '', name: 'Open another…' };

const SCALES: readonly Scale[] = ['linear', 'square root', 'log'];

export class Toolbar {
  readonly root: HTMLElement;
  private readonly model = select('Model');
  private readonly scale = select('Scale');
  private readonly attention: AttentionChoice;
  private readonly mask: HTMLButtonElement;
  private readonly follows: HTMLButtonElement;
  /** The second row, folded away at first: how what is seen is brought together and drawn. */
  readonly options: Options;
  private readonly fold: HTMLButtonElement;
  /** Stands with the tokens, whose direction it turns. */
  readonly reversed: HTMLButtonElement;

  constructor(actions: BarActions) {
    this.attention = new AttentionChoice(actions.attention);
    this.mask = toggle('Causal mask', actions.causal);
    this.follows = toggle('Follow selection', actions.follow);
    this.follows.title =
      'Go along with what is selected in the editor, and with the caret from block to block';
    this.reversed = toggle('Who attends to me', actions.reverse);
    this.reversed.title = 'Show which tokens attend to a token, in place of those it attends to';
    fill(
      this.scale,
      SCALES.map((scale) => [scale, scale]),
    );
    this.model.addEventListener('change', () => actions.model(this.model.value || null));
    this.scale.addEventListener('change', () => actions.scale(this.scale.value as Scale));
    this.options = new Options(actions);
    this.fold = element(
      'button',
      { type: 'button', class: 'fold', 'aria-expanded': 'false', 'aria-controls': 'options' },
      'View',
    );
    this.fold.title = 'Averages, maxima, differences, words and lines, a threshold';
    this.fold.addEventListener('click', () => {
      const { root } = this.options;
      root.hidden = !root.hidden;
      setAttribute(this.fold, 'aria-expanded', String(!root.hidden));
    });
    const more = moreButton();
    this.root = element(
      'header',
      { class: 'toolbar' },
      element('h1', { class: 'unseen' }, 'Headlight'),
      this.model,
      this.attention.root,
      this.mask,
      this.follows,
      element(
        'span',
        { class: 'labelled of-picture' },
        element('span', { class: 'hint', 'aria-hidden': 'true' }, 'Scale'),
        this.scale,
      ),
      this.fold,
      more,
      this.options.root,
    );
    for (const one of [this.mask, this.fold, more, this.options.root]) one.classList.add('of-picture');
  }

  /** `current`: the model that is asked for, or would be next; null before the host has said. */
  update(state: State, models: readonly ModelChoice[], current: ModelChoice | null): void {
    const known = !current || models.some(({ id }) => id === current.id) ? models : [current, ...models];
    fill(
      this.model,
      [...known, OTHER_MODEL].map(({ id, name }) => [id, name]),
    );
    const value = current?.id ?? models[0]?.id;
    if (value !== undefined && this.model.value !== value) this.model.value = value;
    const mask = wantedMask(state);
    const fixed = state.scene?.picture.model.fixedMask ?? null;
    setAttribute(this.mask, 'aria-checked', String(mask !== 'bidirectional'));
    setAttribute(this.mask, 'aria-disabled', fixed === null && mask !== null ? null : 'true');
    setAttribute(
      this.mask,
      'title',
      fixed ??
        (state.scene?.picture.target
          ? 'On: no target token sees what comes after it. Changes the decoder and what it looks at across; the encoder sees all tokens either way.'
          : 'On: no token sees what comes after it. Both sides are runs of the whole model.'),
    );
    this.attention.update(state);
    setAttribute(this.follows, 'aria-checked', String(state.follows));
    setAttribute(this.reversed, 'aria-checked', String(state.view.reversed));
    if (this.scale.value !== state.view.scale) this.scale.value = state.view.scale;
    this.options.update(state);
    // What is folded away must not be what explains the picture unseen.
    const changed = this.options.changed(state);
    this.fold.classList.toggle('changed', changed);
    setAttribute(this.fold, 'aria-description', changed ? 'changed from the defaults' : null);
  }
}

/**
 * Opens VS Code's own menu of the panel, which package.json fills, where there is no right button at hand: VS Code opens
 * it for a context menu that a page asks for, too.
 */
function moreButton(): HTMLButtonElement {
  const made = element(
    'button',
    {
      ...{ type: 'button', class: 'fold menu', 'aria-haspopup': 'menu', 'aria-label': 'More actions' },
      'data-vscode-context': JSON.stringify({ preventDefaultContextMenuItems: true }),
    },
    '⋯',
  );
  made.title = 'Export, copy a row';
  made.addEventListener('click', () => {
    const { left, bottom } = made.getBoundingClientRect();
    made.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, clientX: left, clientY: bottom }));
  });
  return made;
}

/** What is going on, gone stale or gone wrong, and the button that helps. */
export class Notice {
  readonly root = element('div', { class: 'notice' });
  private readonly alert = element('span', { role: 'alert' });
  private readonly stage = element('span', { class: 'stage', 'aria-hidden': 'true' });
  /** What is going on, for the ear: without the counts, which change many times a second. */
  private readonly spoken = element('span', { 'aria-live': 'polite', class: 'unseen' });
  private readonly bar = element('vscode-progress-bar', { indeterminate: '', 'aria-label': 'Working' });
  private readonly cancel = button('Cancel', 'secondary');
  private readonly again = button('Show again', 'primary');
  private readonly image = button('Choose an image…', 'primary');

  /** @param leave moves the focus on, when the button that had it goes */
  constructor(
    actions: BarActions,
    private readonly leave: () => void,
  ) {
    this.cancel.addEventListener('click', actions.cancel);
    this.again.addEventListener('click', actions.again);
    this.image.addEventListener('click', actions.image);
    this.root.append(this.bar, this.stage, this.spoken, this.alert, this.cancel, this.image, this.again);
  }

  update(state: State): void {
    const { work } = state;
    const busy = work.kind === 'busy';
    const alert = work.kind === 'failed' ? work.sentence : busy ? '' : explain(state);
    this.root.className = busy
      ? 'notice busy'
      : alert
        ? `notice ${work.kind === 'failed' ? 'failed' : 'stale'}`
        : 'notice';
    setText(this.alert, alert);
    setText(this.stage, busy ? work.stage : '');
    const spoken = this.stage.textContent!.split(':')[0];
    setText(this.spoken, spoken);
    const had = this.root.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
    for (const one of [this.bar, this.cancel]) setHidden(one, !busy);
    const image = work.kind === 'failed' && work.image;
    setHidden(this.image, !image);
    setHidden(this.again, !alert || image);
    if (had?.hidden) this.leave();
    setText(this.again, work.kind === 'failed' ? 'Retry' : 'Show again');
  }
}

function explain(state: State): string {
  const why = staleness(state);
  const image = state.scene?.picture.sight;
  if (why === 'edited') return `The ${image ? 'image' : 'text'} has changed since this picture was made.`;
  if (why === 'closed')
    return image ? 'The file of this image is gone.' : 'The document of this picture has been closed.';
  return '';
}

/** Model, tokens, mask, device, time, in one line. */
export function statusLine({ scene, work, experiment: wanted }: State): string {
  if (!scene) return work.kind === 'busy' ? work.stage : '';
  const { picture } = scene;
  const { model, overview, tokens, target, second, mask, experiment, device } = picture;
  const [whole, covered] = extentOf(picture);
  const first = second ? '' : 'the first ';
  const read = countsOf(picture) + (covered < whole ? ` (${first}${covered} of ${whole} characters)` : '');
  const { unstretched } = model;
  const stretched =
    unstretched !== null && tokens.length > unstretched ? ` (trained on ${unstretched} at once)` : '';
  const untrained = model.trained.includes(mask) ? '' : ' (not trained under this mask)';
  const changed = experimentName(experiment);
  // What is wanted of a model and not done is said, too.
  const ignored = target ? experimentName({ ...unchanged, window: wanted.window }) : '';
  return [
    `${model.name} · ${kindName(picture, `${overview.layers} layers × ${overview.heads} heads`)}`,
    read + stretched,
    (target ? 'decoder ' : '') + mask + untrained,
    ...(changed ? [`changed on purpose: ${changed}`] : []),
    ...(ignored ? [`without ${ignored}: an encoder-decoder reads two texts`] : []),
    `${device === 'wasm' ? 'WASM' : 'WebGPU'}, ${timeOf(picture)}`,
  ].join('   ');
}

function button(label: string, kind: 'primary' | 'secondary') {
  const made = document.createElement('vscode-button');
  made.textContent = label;
  made.secondary = kind === 'secondary';
  return made;
}
