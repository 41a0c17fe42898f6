/** What frames the picture: the toolbar above, the notice between, the status line below. */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-option/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import type { Scale } from '../core/colour';
import { element, setAttribute } from '../element';
import type { State } from '../state';
import { staleness, wantedMask } from '../state';

export interface BarActions {
  causal(on: boolean): void;
  scale(scale: Scale): void;
  reverse(reversed: boolean): void;
  follow(on: boolean): void;
  cancel(): void;
  again(): void;
}

const SCALES: readonly Scale[] = ['linear', 'square root', 'log'];

export class Toolbar {
  readonly root: HTMLElement;
  private readonly model = select('Model');
  private readonly scale = select('Scale');
  private readonly mask: HTMLButtonElement;
  private readonly follows: HTMLButtonElement;
  /** Stands with the tokens, whose direction it turns. */
  readonly reversed: HTMLButtonElement;

  constructor(actions: BarActions) {
    this.mask = toggle('Causal mask', actions.causal);
    this.follows = toggle('Follow selection', actions.follow);
    this.follows.title =
      'Go along with what is selected in the editor, and with the caret from block to block';
    this.reversed = toggle('Who attends to me', actions.reverse);
    this.reversed.title = 'Show which tokens attend to a token, in place of those it attends to';
    fill(this.scale, SCALES);
    this.scale.addEventListener('change', () => actions.scale(this.scale.value as Scale));
    this.root = element(
      'header',
      { class: 'toolbar' },
      element('h1', { class: 'unseen' }, 'Headlight'),
      this.model,
      this.mask,
      this.follows,
      element(
        'span',
        { class: 'labelled' },
        element('span', { class: 'hint', 'aria-hidden': 'true' }, 'Scale'),
        this.scale,
      ),
    );
  }

  update(state: State, model: string): void {
    if (model) fill(this.model, [model]);
    const mask = wantedMask(state);
    const fixed = state.scene?.picture.model.fixedMask ?? null;
    setAttribute(this.mask, 'aria-checked', String(mask !== 'bidirectional'));
    setAttribute(this.mask, 'aria-disabled', fixed === null && mask !== null ? null : 'true');
    setAttribute(
      this.mask,
      'title',
      fixed ?? 'On: no token sees what comes after it. Both sides are runs of the whole model.',
    );
    setAttribute(this.follows, 'aria-checked', String(state.follows));
    setAttribute(this.reversed, 'aria-checked', String(state.view.reversed));
    if (this.scale.value !== state.view.scale) this.scale.value = state.view.scale;
  }
}

/** What is going on, gone stale or gone wrong, and the button that helps. */
export class Notice {
  readonly root = element('div', { class: 'notice' });
  private readonly alert = element('span', { role: 'alert' });
  private readonly stage = element('span', { class: 'stage' });
  private readonly bar = element('vscode-progress-bar', { indeterminate: '', 'aria-label': 'Working' });
  private readonly cancel = button('Cancel', 'secondary');
  private readonly again = button('Show again', 'primary');

  constructor(actions: BarActions) {
    this.cancel.addEventListener('click', actions.cancel);
    this.again.addEventListener('click', actions.again);
    this.root.append(this.bar, this.stage, this.alert, this.cancel, this.again);
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
    if (this.alert.textContent !== alert) this.alert.textContent = alert;
    this.stage.textContent = busy ? work.stage : '';
    this.bar.hidden = this.cancel.hidden = !busy;
    this.again.hidden = !alert;
    this.again.textContent = work.kind === 'failed' ? 'Retry' : 'Show again';
  }
}

function explain(state: State): string {
  const why = staleness(state);
  if (why === 'edited') return 'The text has changed since this picture was made.';
  if (why === 'closed') return 'The document of this picture has been closed.';
  return '';
}

/** Model, tokens, mask, device, time, in one line. */
export function statusLine({ scene, work }: State): string {
  if (!scene) return work.kind === 'busy' ? work.stage : '';
  const { model, overview, tokens, subject, covered, mask, device, ms } = scene.picture;
  const whole = subject.text.length + subject.omitted;
  const left = whole - covered;
  const read = `${tokens.length} tokens` + (left > 0 ? ` (the first ${covered} of ${whole} characters)` : '');
  const untrained = model.trained.includes(mask) ? '' : ' (not trained under this mask)';
  return [
    `${model.name} · ${overview.layers} layers × ${overview.heads} heads`,
    read,
    mask + untrained,
    `${device === 'wasm' ? 'WASM' : 'WebGPU'}, ${Math.round(ms)} ms`,
  ].join('   ');
}

function select(label: string) {
  return Object.assign(document.createElement('vscode-single-select'), { label });
}

function fill(select: HTMLElement & { value: string }, choices: readonly string[]): void {
  const options = [...select.querySelectorAll('vscode-option')].map((option) => option.textContent);
  if (options.join('\n') === choices.join('\n')) return;
  select.replaceChildren(
    ...choices.map((choice) => {
      const option = document.createElement('vscode-option');
      option.textContent = option.value = choice;
      return option;
    }),
  );
  select.value = choices[0];
}

/** A native button as a switch: the library's own keeps its native state apart from its property. */
function toggle(name: string, changed: (on: boolean) => void): HTMLButtonElement {
  const made = element(
    'button',
    { role: 'switch', type: 'button', class: 'switch', 'aria-checked': 'false' },
    element('span', { class: 'track', 'aria-hidden': 'true' }),
    name,
  );
  made.addEventListener('click', () => {
    if (made.getAttribute('aria-disabled') !== 'true') changed(made.getAttribute('aria-checked') !== 'true');
  });
  return made;
}

function button(label: string, kind: 'primary' | 'secondary') {
  const made = document.createElement('vscode-button');
  made.textContent = label;
  made.secondary = kind === 'secondary';
  return made;
}
