/** The ways the state changes, but by pointing: pure functions from state to state. */
import type { Head, Mask, Overview } from './core/attention';
import { sameHead } from './core/attention';
import type { Scale } from './core/colour';
import { MOST_OVERLAID } from './core/colour';
import type { Detail } from './core/detail';
import type { Look, Seen } from './core/look';
import { lookName } from './core/look';
import type { Lengths, Redraw } from './core/redraw';
import { whole } from './core/viewport';
import type { Scope, View } from './choices';
import type { Experiment } from './engine/engine';
import { unchanged } from './engine/engine';
import type { Inside, Tab } from './inside';
import type { SiteKind } from './onnx/index';
import type { Picture } from './picture';
import type { Grain } from './places';
import { sceneOf } from './scene';
import type { Pairing } from './segments';
import { isAcross } from './sides';
import type { Scene, Staleness, State } from './state';
import type { SecondWish, TargetWish } from './wanted';
import { lookOf, overlaidOf } from './state';

export type Change = (state: State) => State;

export const inScene =
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
  (sentence: string, image = false): Change =>
  (state) => ({ ...state, work: { kind: 'failed', sentence, image, partly: false } });

/** Something of what stands could not be had; what is under way, or failed as a whole, is told first. */
export const miss =
  (sentence: string): Change =>
  (state) =>
    state.work.kind === 'idle'
      ? { ...state, work: { kind: 'failed', sentence, image: false, partly: true } }
      : state;

/** The request was given up: what stands is what is wanted again. */
export const settle: Change = (state) => {
  const { view, scene } = state;
  const mask = view.mask && scene ? scene.picture.mask : view.mask;
  // A difference that has not come was what the run was for.
  const difference = view.difference && (!scene || scene.seen !== null);
  const keeps = mask === view.mask && difference === view.difference;
  const experiment = scene?.picture.experiment ?? unchanged;
  return {
    ...state,
    work: { kind: 'idle' },
    experiment,
    ...(scene && { second: secondWish(scene.picture), target: scene.picture.wish }),
    view: keeps ? view : { ...view, mask, difference },
  };
};

/** What asks for a picture's second text again. */
const secondWish = ({ subject, second }: Picture): SecondWish =>
  second === subject.second ? { kind: 'selected' } : { kind: 'typed', text: second?.text ?? '' };

/** A pass is done, and the numbers of the look that was to be shown have come with it. */
export const show =
  (picture: Picture, seen: Seen): Change =>
  (state) => {
    const scene = sceneOf(state, picture);
    const shown = { ...scene, seen: answers(state.view, scene, seen) ? seen : null };
    return { ...state, work: { kind: 'idle' }, scene: shown };
  };

/** The numbers of a look have come; late ones, of what is no longer looked at, are dropped. */
export const receive =
  (key: string, seen: Seen): Change =>
  (state) => {
    const { scene, work } = state;
    if (scene?.picture.key !== key || !answers(state.view, scene, seen)) return state;
    const settled: State =
      work.kind === 'failed' && work.partly ? { ...state, work: { kind: 'idle' } } : state;
    return inScene(() => ({ seen }))(settled);
  };

/** The numbers of a look cannot be had. */
export const lack =
  (key: string, look: Look, sentence: string): Change =>
  (state) =>
    state.scene?.picture.key === key && lookName(lookOf(state.view, state.scene)) === lookName(look)
      ? miss(sentence)(state)
      : state;

const answers = (view: View, scene: Scene, { look }: Seen) =>
  lookName(lookOf(view, scene)) === lookName(look);

/** The overview as it is to be drawn has come. */
export const receiveRedrawn = (key: string, redraw: Redraw, overview: Overview): Change =>
  inScene(({ picture }) => (picture.key === key ? { redrawn: { ...redraw, overview } } : {}));

/** A part of it in finer cells has come. */
export const receiveDetail = (key: string, redraw: Redraw, detail: Detail): Change =>
  inScene(({ picture }) => (picture.key === key ? { detail: { ...redraw, ...detail } } : {}));

/** What each key hands over has come. */
export const receiveLengths = (key: string, lengths: Lengths): Change =>
  inScene(({ picture }) => (picture.key === key ? { lengths } : {}));

/** A change after which something else may be looked at, whose numbers are then still to come. */
const looking =
  (change: Change): Change =>
  (state) => {
    const next = change(state);
    if (!next.scene?.seen || answers(next.view, next.scene, next.scene.seen)) return next;
    return { ...next, scene: { ...next.scene, seen: null } };
  };

const inView = (change: Partial<View>): Change =>
  looking((state) => ({ ...state, view: { ...state.view, ...change } }));

export const previewHead = (head: Head | null): Change => looking(inScene(() => ({ preview: head })));

/** Looks at a head: in a look at layers, at its layer; in one at many heads, at this one alone. */
export const focusHead = (head: Head): Change =>
  looking((state) => {
    const { scope } = state.view;
    const narrowed = scope === 'layer average' || scope === 'layer maximum' ? scope : 'head';
    const view: View = { ...state.view, focus: head, scope: narrowed };
    return inScene(() => ({ focus: head, preview: null }))({ ...state, view });
  });

export const chooseScope = (scope: Scope): Change => inView({ scope });
export const chooseDifference = (difference: boolean): Change => inView({ difference });

/** The matrix then has other rows and columns: all of it is seen again. */
export const chooseGrain = (grain: Grain): Change =>
  looking((state) => inScene(() => ({ viewport: whole }))({ ...state, view: { ...state.view, grain } }));

export const chooseLines = (lines: boolean): Change => inView({ lines });
export const chooseThreshold = (threshold: number): Change => inView({ threshold });
export const hideSink = (sinkHidden: boolean): Change => inView({ sinkHidden });
export const choosePairing = (pairing: Pairing): Change => inView({ pairing });
export const weighByValue = (valued: boolean): Change => inView({ valued });

/**
 * Pins a head for the overlay, or takes it off, and looks at what is pinned. The first one comes with the head in focus,
 * so that there is something to compare it with; past the last colour nothing is added.
 */
export const overlayHead = (head: Head): Change =>
  looking((state) => {
    const { scene, view } = state;
    if (!scene) return state;
    const before = overlaidOf(view, scene);
    const others = before.filter((one) => !sameHead(one, head));
    const started = before.length > 0 || sameHead(head, scene.focus) ? others : [scene.focus];
    const overlaid = others.length < before.length ? others : [...started, head].slice(0, MOST_OVERLAID);
    const scope = overlaid.length > 0 ? 'overlay' : 'head';
    return { ...state, view: { ...view, overlaid, scope }, scene: { ...scene, preview: null } };
  });

export const searchFor =
  (search: string): Change =>
  (state) => ({ ...state, search });

export const goStale =
  (id: number, why: Staleness): Change =>
  (state) => {
    const { scene, work } = state;
    // Nobody comes back to other texts.
    const known = [scene?.picture.subject.id, work.kind === 'busy' ? work.id : null];
    const kept = Object.entries(state.stale).filter(([of]) => known.includes(Number(of)));
    const stale = { ...Object.fromEntries(kept), [id]: why };
    return inScene(({ picture }) => (picture.subject.id === id ? { pinned: null, pointed: null } : {}))({
      ...state,
      stale,
    });
  };

export const chooseMask =
  (mask: Mask): Change =>
  (state) => ({ ...state, view: { ...state.view, mask } });

export const follow =
  (follows: boolean): Change =>
  (state) => ({ ...state, follows });

export const openInside = (inside: Tab | null): Change => inView({ inside });
export const explain = (on: boolean): Change => inView({ explain: on });

/** Something about the inside has come, or was asked for. */
export const inform =
  (by: (inside: Inside) => Partial<Inside>): Change =>
  (state) => ({ ...state, inside: { ...state.inside, ...by(state.inside) } });

/** Another model is wanted than stands: the same one, changed. */
export const experimentWith =
  (change: Partial<Experiment>): Change =>
  (state) => ({ ...state, experiment: { ...state.experiment, ...change } });

export const chooseScale = (scale: Scale): Change => inView({ scale });

/** Across, the token told was of the side that is now weighed. */
export const reverse = (reversed: boolean): Change =>
  looking((state) => {
    const free = inScene(({ picture }) => (isAcross(picture) ? { pinned: null, pointed: null } : {}));
    return free({ ...state, view: { ...state.view, reversed } });
  });

/** Shows another attention of an encoder-decoder. */
export const chooseAttention =
  (attention: SiteKind): Change =>
  (state) => ({ ...state, view: { ...state.view, attention } });

/** Something else is to be read as sentence B. */
export const wantSecond =
  (second: SecondWish): Change =>
  (state) => ({ ...state, second });

/** The decoder is to be given something else. */
export const wantTarget =
  (target: TargetWish): Change =>
  (state) => ({ ...state, target });
