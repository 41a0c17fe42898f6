/** The second row of the toolbar: which heads are brought together, and what of them is drawn how. */
import { element, setAttribute, setHidden, setText } from '../element';
import type { Scope } from '../choices';
import type { State } from '../state';
import { SCOPES } from '../choices';
import { initial } from '../state';
import type { BarActions } from './bars';
import { fill, select, toggle } from './controls';
import { GrainChoice } from './grain';
import { hasPairings, PAIRINGS } from '../segments';
import type { Pairing } from '../segments';

const SCOPE_NAMES: Record<Scope, string> = {
  head: 'one head',
  'layer average': 'average of its layer',
  'layer maximum': 'maximum of its layer',
  average: 'average of all heads',
  maximum: 'maximum of all heads',
  overlay: 'pinned heads, overlaid',
};

/** Thresholds of the slider: weights spread over decades, and so do its steps. */
const THRESHOLDS = [0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

export class Options {
  readonly root: HTMLElement;
  private readonly scope = select('Look at');
  private readonly difference: HTMLButtonElement;
  private readonly sink: HTMLButtonElement;
  private readonly pairing = select('Pairs');
  private readonly pairings: HTMLElement;
  private readonly valued: HTMLButtonElement;
  private readonly grain: GrainChoice;
  private readonly lines: HTMLButtonElement;
  private readonly slider: HTMLInputElement;
  private readonly number = element('output', { class: 'number-told', 'aria-hidden': 'true' });

  constructor(actions: BarActions) {
    fill(
      this.scope,
      SCOPES.map((scope) => [scope, SCOPE_NAMES[scope]]),
    );
    this.scope.addEventListener('change', () => actions.scope(this.scope.value as Scope));
    this.difference = toggle('Causal − bidirectional', actions.difference);
    this.sink = toggle('Hide first token', actions.hideSink);
    this.sink.title = 'Leaves the first token out of the drawing and rescales the rest of each row';
    fill(
      this.pairing,
      PAIRINGS.map((pairing) => [pairing, pairing === 'all' ? 'all pairs' : pairing]),
    );
    this.pairing.addEventListener('change', () => actions.pairing(this.pairing.value as Pairing));
    this.valued = toggle('Weigh by value', actions.weighByValue);
    this.valued.title =
      'Takes every weight times the length of what its token hands over through the head, and rescales each row';
    this.grain = new GrainChoice(actions.grain);
    this.lines = toggle('Lines', actions.lines);
    this.lines.title = 'Draws the text twice with links between, where it is short, in place of the matrix';
    this.slider = element('input', {
      type: 'range',
      min: '0',
      max: String(THRESHOLDS.length - 1),
      step: '1',
      'aria-label': 'Hide weights under',
    });
    this.slider.addEventListener('input', () => actions.threshold(THRESHOLDS[Number(this.slider.value)]));
    const hint = (text: string) => element('span', { class: 'hint', 'aria-hidden': 'true' }, text);
    this.pairings = element(
      'span',
      { class: 'labelled', title: 'Of the two sentences: whose tokens are drawn attending to whose' },
      hint('Pairs'),
      this.pairing,
    );
    this.root = element(
      'div',
      { class: 'options', id: 'options', role: 'group', 'aria-label': 'View' },
      element('span', { class: 'labelled' }, hint('Look at'), this.scope),
      this.grain.root,
      this.difference,
      element('span', { class: 'labelled' }, hint('Hide under'), this.slider, this.number),
      this.sink,
      this.pairings,
      this.valued,
      this.lines,
      element('p', { class: 'hint' }, 'Overlay: Ctrl+click a square, or o on it'),
    );
    this.root.hidden = true;
  }

  update({ view, scene }: State): void {
    if (this.scope.value !== view.scope) this.scope.value = view.scope;
    const fixed = scene?.picture.model.fixedMask ?? null;
    const why =
      fixed ??
      (view.scope === 'overlay' ? 'An overlay is of one run; look at one head, or at an average.' : null);
    setAttribute(this.difference, 'aria-checked', String(view.difference && why === null));
    setAttribute(this.difference, 'aria-disabled', why === null ? null : 'true');
    setAttribute(
      this.difference,
      'title',
      why ?? 'What the causal mask adds to each weight: runs both masks.',
    );
    setAttribute(this.sink, 'aria-checked', String(view.sinkHidden));
    setHidden(this.pairings, !scene || !hasPairings(scene.picture));
    if (this.pairing.value !== view.pairing) this.pairing.value = view.pairing;
    setAttribute(this.valued, 'aria-checked', String(view.valued));
    this.grain.update(view.grain);
    setAttribute(this.lines, 'aria-checked', String(view.lines));
    const step = THRESHOLDS.filter((threshold) => threshold <= view.threshold).length - 1;
    if (Number(this.slider.value) !== step) this.slider.value = String(step);
    const says = view.threshold > 0 ? String(view.threshold) : 'none';
    setAttribute(this.slider, 'aria-valuetext', says);
    setText(this.number, says);
  }

  /** Whether anything here is other than at first. */
  changed({ view, scene }: State): boolean {
    const { scope, difference, threshold, sinkHidden, pairing, valued, grain, lines } = initial.view;
    return (
      view.scope !== scope ||
      view.difference !== difference ||
      view.threshold !== threshold ||
      view.sinkHidden !== sinkHidden ||
      (view.pairing !== pairing && scene !== null && hasPairings(scene.picture)) ||
      view.valued !== valued ||
      view.grain !== grain ||
      view.lines !== lines
    );
  }
}
