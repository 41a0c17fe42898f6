/** What is to be shown, as a request and the panel's switches together say. */
import type { Device, ModelFolder, SecondText, Subject } from '../src/protocol';
import type { Mask } from './core/attention';
import type { Experiment } from './engine/engine';
import { experimentName } from './engine/engine';
import type { SiteKind } from './onnx/index';

/** What an encoder-decoder is to write: the text that it reads, a text that was typed, or what it writes by itself. */
export type TargetWish =
  | { readonly kind: 'copied' }
  | { readonly kind: 'typed'; readonly text: string }
  | { readonly kind: 'generated' };

/** Sentence B: the second selection where there is one, or a text that was typed; an empty one for none. */
export type SecondWish = { readonly kind: 'selected' } | { readonly kind: 'typed'; readonly text: string };

/** What goes with the text. */
export interface Wishes {
  readonly second: SecondWish;
  readonly target: TargetWish;
}

/** Before anyone chose. */
export const unwished: Wishes = { second: { kind: 'selected' }, target: { kind: 'copied' } };

/** UTF-16 units of a typed text that survives a reload: VS Code keeps little for a page. */
const MOST_KEPT = 10_000;

/** Wishes that were kept, which may come from another version: what does not fit is left at its default. */
export function restoreWishes(kept: unknown): Wishes {
  const { second, target } = { ...(kept as Partial<Wishes> | null) };
  const typed = (wish: SecondWish | TargetWish | undefined) =>
    wish?.kind === 'typed' && typeof wish.text === 'string' && wish.text.length <= MOST_KEPT
      ? { kind: wish.kind, text: wish.text }
      : null;
  return {
    second: typed(second) ?? unwished.second,
    target: typed(target) ?? (target?.kind === 'generated' ? { kind: target.kind } : unwished.target),
  };
}

export interface Wanted {
  readonly subject: Subject;
  /** What is read as sentence B with it. */
  readonly second: SecondText | null;
  readonly model: ModelFolder;
  readonly device: Device;
  /** Null: the one the model was made for. */
  readonly mask: Mask | null;
  readonly experiment: Experiment;
  /** Of an encoder-decoder's attentions; null: the first. */
  readonly kind: SiteKind | null;
  /** What its decoder is given. */
  readonly target: TargetWish;
}

/** What is read by what. */
export const readingName = ({ subject, second, model }: Wanted): string =>
  `${subject.id} ${model.id} ${JSON.stringify(second)}`;

/** All that makes a run another one, under a mask. */
export const wantedName = (wanted: Wanted, mask: Mask | null): string =>
  `${readingName(wanted)} ${wanted.device} ${mask} ${experimentName(wanted.experiment)} ${JSON.stringify(wanted.target)}`;
