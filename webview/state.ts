/** The one State value of the page, and what follows from it; changes.ts and pointing.ts have the only ways it changes. */
import type { SecondText, Subject } from '../src/protocol';
import type { Head, Mask, Overview } from './core/attention';
import type { Detail } from './core/detail';
import type { Look, Seen, Single } from './core/look';
import type { Part } from './core/part';
import type { Lengths, Redraw } from './core/redraw';
import type { Viewport } from './core/viewport';
import type { Scope, View } from './choices';
import { untouched } from './choices';
import type { Experiment } from './engine/engine';
import { unchanged } from './engine/engine';
import type { Inside } from './inside';
import { nothingInside } from './inside';
import type { SiteKind } from './onnx/index';
import type { Picture } from './picture';
import { defaultMask, hasHead } from './picture';
import { grainedOf, grainedPart } from './places';
import { partOf } from './segments';
import { toldSide } from './sides';
import type { Wishes } from './wanted';
import { unwished } from './wanted';

export type Work =
  | { readonly kind: 'idle' }
  | { readonly kind: 'busy'; readonly id: number; readonly stage: string }
  /** `image`: one would do in place of what was shown. `partly`: the picture came, but not all that was asked of it. */
  | {
      readonly kind: 'failed';
      readonly sentence: string;
      readonly image: boolean;
      readonly partly: boolean;
    };

/** A picture and how it is looked at. */
export interface Scene {
  readonly picture: Picture;
  readonly focus: Head;
  /** The head pointed at in the grid, shown in place of the focused one while it is. */
  readonly preview: Head | null;
  /** f32 values of the look at the picture; null until they have come. */
  readonly seen: Seen | null;
  /** The picture's overview as it was last to be drawn; null until it was asked for and has come. */
  readonly redrawn: (Redraw & { readonly overview: Overview }) | null;
  /** A part of it in finer cells, drawn as it was last to be drawn; null until that was asked for and has come. */
  readonly detail: (Redraw & Detail) | null;
  /** What each key hands over through each head; null until it was asked for and has come. */
  readonly lengths: Lengths | null;
  readonly pinned: number | null;
  readonly pointed: number | null;
  /** What of the drawing is seen. */
  readonly viewport: Viewport;
  /** The link that was gone to: of which token, in which direction, and the how manyth strongest. */
  readonly link: { readonly of: number; readonly reversed: boolean; readonly rank: number } | null;
}

export type Staleness = 'edited' | 'closed';

export interface State extends Wishes {
  readonly view: View;
  readonly work: Work;
  /** Null until the first picture. A failure or a new request leaves it standing. */
  readonly scene: Scene | null;
  /** Texts that their document no longer holds, by id: of what stands, and of a request that is still under way. */
  readonly stale: Readonly<Record<number, Staleness>>;
  /** Where the caret is in the document, in a text that may not be shown yet. */
  readonly caret: { readonly id: number; readonly offset: number | null } | null;
  /** Whether the host follows the selection. */
  readonly follows: boolean;
  readonly inside: Inside;
  /** How the model is wanted: as it is, or changed on purpose. */
  readonly experiment: Experiment;
  /** What is searched for in the tokens of the text; empty for nothing. */
  readonly search: string;
}

export const initial: State = {
  view: untouched,
  work: { kind: 'idle' },
  scene: null,
  stale: {},
  caret: null,
  follows: false,
  inside: nothingInside,
  experiment: unchanged,
  ...unwished,
  search: '',
};

/** The attention to be shown, of those that there are. */
export const chosenKind = ({ attention }: View, kinds: readonly SiteKind[]): SiteKind =>
  kinds.find((kind) => kind === attention) ?? kinds[0];

/** The head that is drawn large. */
export const shownHead = (scene: Scene): Head => scene.preview ?? scene.focus;

/** The pinned heads that this model has. */
export const overlaidOf = ({ overlaid }: View, { picture }: Scene): readonly Head[] =>
  overlaid.filter((head) => hasHead(picture, head));

/** What is looked at. A head that is pointed at is shown by itself where the look is of no head or layer in particular. */
export function lookOf(view: View, scene: Scene): Look {
  const { preview, picture } = scene;
  const overlaid = overlaidOf(view, scene);
  if (view.scope === 'overlay' && !preview && overlaid.length > 0)
    return { kind: 'overlay', heads: overlaid };
  const of = singleOf(view.scope, shownHead(scene), preview !== null);
  return view.difference && view.scope !== 'overlay' && picture.model.fixedMask === null
    ? { kind: 'difference', of }
    : of;
}

function singleOf(scope: Scope, head: Head, previewed: boolean): Single {
  if (scope === 'layer average') return { kind: 'average', layer: head.layer };
  if (scope === 'layer maximum') return { kind: 'maximum', layer: head.layer };
  return (scope === 'average' || scope === 'maximum') && !previewed
    ? { kind: scope, layer: null }
    : { kind: 'head', head };
}

/** The token whose row is told: the pinned one, else the one pointed at. */
export const toldToken = (scene: Scene): number | null => scene.pinned ?? scene.pointed;

/** Whether the token told stands in the document. */
export const toldInDocument = ({ scene, view }: State): boolean =>
  scene !== null && toldSide(scene.picture, view.reversed) === 'source';

/** Why the picture is no longer true of its document; null while it is. */
export const staleness = ({ stale, scene }: State): Staleness | null =>
  (scene && stale[scene.picture.subject.id]) ?? null;

/** What is to be read as sentence B with a text. */
export function wantedSecond({ second }: State, subject: Subject): SecondText | null {
  if (subject.image) return null;
  if (second.kind === 'selected') return subject.second;
  return second.text.trim() === '' ? null : { text: second.text, offset: null, line: 0 };
}

/** The mask that is wanted, before a model is known null. */
export function wantedMask({ view, scene }: State): Mask | null {
  return view.mask ?? (scene && defaultMask(scene.picture.model));
}

/** How what is looked at is drawn; by values only once it is known what is handed over. */
export const redrawOf = ({ sinkHidden, valued }: View, { lengths }: Scene): Redraw => ({
  sinkHidden,
  lengths: valued ? lengths : null,
});

/** Names all choices that decide how strongly the numbers of a picture are drawn, token by token or word by word. */
export const drawnBy = (
  { scale, threshold, sinkHidden, pairing, grain, valued }: View,
  { lengths }: Scene,
): string => [scale, threshold, sinkHidden, pairing, grain, valued && lengths !== null].join(' ');

/** The part of each matrix that is drawn, in tokens; null for all of it. */
export const tokenPart = ({ pairing }: View, { picture }: Scene): Part | null => partOf(pairing, picture);

/** The same in what tokens are brought together to. */
export function drawnPart(view: View, scene: Scene): Part | null {
  const part = tokenPart(view, scene);
  return part && grainedPart(part, grainedOf(scene.picture, view.grain));
}

/** The overview as it is to be drawn; the plain one until that has come. */
export function drawnOverview(view: View, scene: Scene): Overview {
  const redraw = redrawOf(view, scene);
  const { redrawn, picture } = scene;
  return isRedrawn(redraw) && isDrawn(redrawn, redraw) ? redrawn.overview : picture.overview;
}

/** A part of the overview in finer cells, as it is to be drawn; null while there is none. */
export function drawnDetail(view: View, scene: Scene): Detail | null {
  const { detail } = scene;
  return isDrawn(detail, redrawOf(view, scene)) ? detail : null;
}

/** Whether the overview as it is to be drawn has to be asked for. */
export function needsRedraw(view: View, scene: Scene): boolean {
  const redraw = redrawOf(view, scene);
  return isRedrawn(redraw) && !isDrawn(scene.redrawn, redraw);
}

/** Whether anything is to be drawn but the weights as they are. */
const isRedrawn = ({ sinkHidden, lengths }: Redraw): boolean => sinkHidden || lengths !== null;

const isDrawn = <T extends Redraw>(drawn: T | null, { sinkHidden, lengths }: Redraw): drawn is T =>
  drawn?.sinkHidden === sinkHidden && drawn.lengths === lengths;
