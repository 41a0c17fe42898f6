/** One attention of one forward pass: what a run of the model leaves to be shown. */
import type { SecondText, Subject } from '../src/protocol';
import type { Head, Mask, Overview } from './core/attention';
import type { HeadMeasures } from './core/measures';
import type { Experiment, ModelInfo, Sight, Target, Token } from './engine/engine';
import type { SiteKind } from './onnx/index';
import type { TargetWish } from './wanted';

/** One attention of one forward pass, and all that is needed to show it. */
export interface Picture {
  /** Names the pass and the attention. */
  readonly key: string;
  readonly kind: SiteKind;
  /** All attentions of the pass, this one among them. */
  readonly kinds: readonly SiteKind[];
  readonly subject: Subject;
  readonly tokens: readonly Token[];
  /** What was read as sentence B with the subject's text; null where it was read alone. */
  readonly second: SecondText | null;
  /** What the model sees, where it reads an image; null for a text. */
  readonly sight: Sight | null;
  /** What the decoder of an encoder-decoder was given; null for other models. */
  readonly target: Target | null;
  /** Where that came from. */
  readonly wish: TargetWish;
  /** UTF-16 units of the subject's text that were read. */
  readonly covered: number;
  /** The same of the second text. */
  readonly secondCovered: number;
  readonly mask: Mask;
  /** What was changed in the model on purpose. */
  readonly experiment: Experiment;
  readonly overview: Overview;
  readonly measures: readonly HeadMeasures[];
  readonly model: ModelInfo & {
    readonly id: string;
    readonly name: string;
    readonly revision: string | null;
  };
  readonly device: 'wasm' | 'webgpu';
  /** What the run took. */
  readonly ms: number;
  /** So many tokens were not run: the text before began with them, too. */
  readonly known: number;
}

/** What the run took, and how much of the text it was of. */
export const timeOf = ({ ms, tokens, known }: Picture): string =>
  `${Math.round(ms)} ms${known > 0 ? ` for the last ${tokens.length - known}` : ''}`;

export const hasHead = ({ overview }: Picture, { layer, head }: Head) =>
  layer < overview.layers && head < overview.heads;

/** UTF-16 units of all that was to be read, and of what was. */
export function extentOf({
  subject,
  second,
  covered,
  secondCovered,
}: Picture): readonly [whole: number, read: number] {
  const whole = subject.text.length + (second?.text.length ?? 0) + subject.omitted;
  return [whole, covered + secondCovered];
}

/** What the decoder was given. Its text may be that of other tokens, too: a model writes what no tokenizer makes of a text. */
export const targetIdsOf = ({ target }: Pick<Picture, 'target'>): readonly number[] | null =>
  target && target.tokens.map(({ id }) => id);

export const sameTarget = (a: Picture, b: Picture): boolean =>
  String(targetIdsOf(a)) === String(targetIdsOf(b));

export const defaultMask = (model: ModelInfo): Mask => (model.causal ? 'causal' : 'bidirectional');
