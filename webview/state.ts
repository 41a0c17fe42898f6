/** The one State value of the page, and the only ways it changes: pure functions from state to state. */
import type { Subject } from '../src/protocol';
import type { Head, Mask, Overview } from './core/attention';
import { sameHead, weightsOf } from './core/attention';
import type { Scale } from './core/colour';
import type { Look, Seen } from './core/look';
import { lookName } from './core/look';
import type { HeadMeasures } from './core/measures';
import { mostTelling } from './core/measures';
import { tokenAt } from './core/spans';
import type { ModelInfo, Token } from './engine/engine';

/** What the user chose; kept across reloads. */
export interface View {
  /** Null until someone chooses: then the model decides (causal for a decoder). */
  readonly mask: Mask | null;
  /** Null until someone chooses: then the most telling head. */
  readonly focus: Head | null;
  readonly scale: Scale;
  /** Show who attends to the token, in place of what it attends to. */
  readonly reversed: boolean;
}

export type Work =
  | { readonly kind: 'idle' }
  | { readonly kind: 'busy'; readonly id: number; readonly stage: string }
  | { readonly kind: 'failed'; readonly sentence: string };

/** One forward pass, and all that is needed to show it. */
export interface Picture {
  /** Names the pass; the worker knows it by this too. */
  readonly key: string;
  readonly subject: Subject;
  readonly tokens: readonly Token[];
  /** UTF-16 units of the subject's text that were read. */
  readonly covered: number;
  readonly mask: Mask;
  readonly overview: Overview;
  readonly measures: readonly HeadMeasures[];
  readonly model: ModelInfo & { readonly name: string; readonly revision: string | null };
  readonly device: 'wasm' | 'webgpu';
  readonly ms: number;
}

/** A picture and how it is looked at. */
export interface Scene {
  readonly picture: Picture;
  readonly focus: Head;
  /** The head pointed at in the grid, shown in place of the focused one while it is. */
  readonly preview: Head | null;
  /** f32 values of the look at the picture; null until they have come. */
  readonly seen: Seen | null;
  readonly pinned: number | null;
  readonly pointed: number | null;
}

export interface State {
  readonly view: View;
  readonly work: Work;
  /** Null until the first picture. A failure or a new request leaves it standing. */
  readonly scene: Scene | null;
  /** A text that its document no longer holds; told of a request that is still under way, too. */
  readonly stale: { readonly id: number; readonly why: 'edited' | 'closed' } | null;
  /** Where the caret is in the document, in a text that may not be shown yet. */
  readonly caret: { readonly id: number; readonly offset: number | null } | null;
  /** Whether the host follows the selection. */
  readonly follows: boolean;
}

export const initial: State = {
  view: { mask: null, focus: null, scale: 'square root', reversed: false },
  work: { kind: 'idle' },
  scene: null,
  stale: null,
  caret: null,
  follows: false,
};

// What follows from the state.

/** The head that is drawn large. */
export const shownHead = (scene: Scene): Head => scene.preview ?? scene.focus;

/** What is looked at. */
export const lookOf = (scene: Scene): Look => ({ kind: 'head', head: shownHead(scene) });

/** The token whose row is told: the pinned one, else the one pointed at. */
export const toldToken = (scene: Scene): number | null => scene.pinned ?? scene.pointed;

/** Why the picture is no longer true of its document; null while it is. */
export const staleness = ({ stale, scene }: State): 'edited' | 'closed' | null =>
  stale && stale.id === scene?.picture.subject.id ? stale.why : null;

/** The mask that is wanted, before a model is known null. */
export function wantedMask({ view, scene }: State): Mask | null {
  return view.mask ?? (scene && defaultMask(scene.picture.model));
}

export const defaultMask = (model: ModelInfo): Mask => (model.causal ? 'causal' : 'bidirectional');

/** f32 values of a token in the look; null where the numbers have not come. */
export const weightsAt = ({ view, scene }: State, token: number): Float32Array | null =>
  scene?.seen ? weightsOf(scene.seen, token, view.reversed) : null;

/** The same of the told token; null where nothing is told, too. */
export function toldWeights(state: State): Float32Array | null {
  const token = state.scene && toldToken(state.scene);
  return token === null ? null : weightsAt(state, token);
}

// Transitions.

type Change = (state: State) => State;

const inScene =
  (change: (scene: Scene) => Partial<Scene>): Change =>
  (state) =>
    state.scene ? { ...state, scene: { ...state.scene, ...change(state.scene) } } : state;

/** A request was accepted: whatever is shown no longer answers it. */
export const accept =
  (id: number, stage: string): Change =>
  (state) => ({ ...state, work: { kind: 'busy', id, stage } });

export const progress =
  (stage: string): Change =>
  (state) =>
    state.work.kind === 'busy' ? { ...state, work: { ...state.work, stage } } : state;

export const fail =
  (sentence: string): Change =>
  (state) => ({ ...state, work: { kind: 'failed', sentence } });

/** The request was given up: what stands is what is wanted again. */
export const settle: Change = (state) => {
  const { view, scene } = state;
  const mask = view.mask && scene ? scene.picture.mask : view.mask;
  return { ...state, work: { kind: 'idle' }, view: mask === view.mask ? view : { ...view, mask } };
};

/**
 * How a picture will be looked at. The same text under another mask keeps what is focused, pinned and pointed at; a text
 * that continues another keeps the head, and the pin where its token is still there.
 */
export function sceneOf({ scene, view, caret }: State, picture: Picture): Scene {
  const same = scene?.picture.subject.id === picture.subject.id;
  const { layers, heads } = picture.overview;
  const fits = (head: Head | null): head is Head => head !== null && head.layer < layers && head.head < heads;
  const goesOn = same || picture.subject.continues;
  const kept = view.focus ?? (goesOn && scene ? scene.focus : null);
  return {
    picture,
    focus: fits(kept) ? kept : mostTelling(picture.measures),
    preview: same ? scene.preview : null,
    seen: null,
    pinned: same ? scene.pinned : goesOn && scene ? samePin(scene, picture) : null,
    pointed: same
      ? scene.pointed
      : caret?.id === picture.subject.id
        ? tokenUnder(picture, caret.offset)
        : null,
  };
}

/** The token of another text at the place in the document where the pinned one is; null where there is none. */
function samePin({ picture: { subject, tokens }, pinned }: Scene, other: Picture): number | null {
  if (pinned === null || tokens[pinned].special || subject.origin.uri !== other.subject.origin.uri)
    return null;
  const { span, text } = tokens[pinned];
  const start = subject.offset + span.start - other.subject.offset;
  const token = other.tokens.findIndex(
    (one) => one.span.start === start && one.text === text && !one.special,
  );
  return token < 0 ? null : token;
}

/** A pass is done, and the numbers of the look that was to be shown have come with it. */
export const show =
  (picture: Picture, seen: Seen): Change =>
  (state) => {
    const scene = sceneOf(state, picture);
    return {
      ...state,
      work: { kind: 'idle' },
      scene: { ...scene, seen: answers(scene, seen) ? seen : null },
    };
  };

/** The numbers of a look have come; late ones, of what is no longer looked at, are dropped. */
export const receive = (key: string, seen: Seen): Change =>
  inScene((scene) => (scene.picture.key === key && answers(scene, seen) ? { seen } : {}));

const answers = (scene: Scene, { look }: Seen) => lookName(lookOf(scene)) === lookName(look);

const showHead = (scene: Scene, change: Pick<Scene, 'focus' | 'preview'>): Partial<Scene> => {
  const keeps = sameHead(shownHead(scene), shownHead({ ...scene, ...change }));
  return { ...change, seen: keeps ? scene.seen : null };
};

export const previewHead = (head: Head | null): Change =>
  inScene((scene) => showHead(scene, { focus: scene.focus, preview: head }));

export const focusHead =
  (head: Head): Change =>
  (state) =>
    inScene((scene) => showHead(scene, { focus: head, preview: null }))({
      ...state,
      view: { ...state.view, focus: head },
    });

/** Points at a token, or at none. Keys move the pin away with them; a pointer passes over it. */
export const point = (token: number | null, unpin = false): Change =>
  inScene(() => ({ pointed: token, ...(unpin && { pinned: null }) }));

/** Pins a token; the pinned one again frees it. */
export const pin = (token: number): Change =>
  inScene((scene) => ({ pinned: scene.pinned === token ? null : token, pointed: token }));

/** The caret points, as a pointer does, in the text that it is in. */
export const pointCaret =
  (id: number, offset: number | null): Change =>
  (state) => {
    const told = { ...state, caret: { id, offset } };
    return inScene(({ picture }) =>
      picture.subject.id === id ? { pointed: tokenUnder(picture, offset) } : {},
    )(told);
  };

function tokenUnder({ tokens, subject }: Picture, offset: number | null): number | null {
  if (offset === null) return null;
  const token = tokenAt(
    tokens.map(({ span }) => span),
    offset - subject.offset,
  );
  return token < 0 ? null : token;
}

/** Frees the pin and what is pointed at. */
export const free: Change = inScene(() => ({ pinned: null, pointed: null }));

export const goStale =
  (id: number, why: 'edited' | 'closed'): Change =>
  (state) =>
    inScene(({ picture }) => (picture.subject.id === id ? { pinned: null, pointed: null } : {}))({
      ...state,
      stale: { id, why },
    });

export const chooseMask =
  (mask: Mask): Change =>
  (state) => ({ ...state, view: { ...state.view, mask } });

export const follow =
  (follows: boolean): Change =>
  (state) => ({ ...state, follows });

export const chooseScale =
  (scale: Scale): Change =>
  (state) => ({ ...state, view: { ...state.view, scale } });

export const reverse =
  (reversed: boolean): Change =>
  (state) => ({ ...state, view: { ...state.view, reversed } });

/** A view that was kept, which may come from another version: what does not fit is left at its default. */
export function restoreView(kept: unknown): View {
  const { mask, focus, scale, reversed } = { ...(kept as Partial<View> | null) };
  const isHead = (head: unknown): head is Head =>
    Number.isInteger((head as Head | null)?.layer) && Number.isInteger((head as Head | null)?.head);
  return {
    mask: mask === 'causal' || mask === 'bidirectional' ? mask : null,
    focus:
      isHead(focus) && focus.layer >= 0 && focus.head >= 0 ? { layer: focus.layer, head: focus.head } : null,
    scale: scale === 'linear' || scale === 'log' ? scale : 'square root',
    reversed: reversed === true,
  };
}
