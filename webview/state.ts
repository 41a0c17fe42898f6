/** The one State value of the page, and the only ways it changes: pure functions from state to state. */
import type { SecondText, Subject } from '../src/protocol';
import type { Head, Mask, Overview } from './core/attention';
import { sameHead, strongest, weightsOf } from './core/attention';
import type { Scale } from './core/colour';
import type { Match } from './core/find';
import { matches } from './core/find';
import { MOST_OVERLAID } from './core/colour';
import type { Look, Seen, Single } from './core/look';
import { lookName } from './core/look';
import type { HeadMeasures } from './core/measures';
import { mostTelling } from './core/measures';
import type { Lengths, Redraw } from './core/redraw';
import type { Row, Sheet } from './core/sheets';
import { grainedSeen, rowOf, sheetsOf } from './core/sheets';
import { tokenAt } from './core/spans';
import type { Viewport } from './core/viewport';
import { isWhole, reaching, whole } from './core/viewport';
import type { Experiment, ModelInfo, Sight, Target, Token } from './engine/engine';
import { unchanged } from './engine/engine';
import type { Scope, View } from './choices';
import { untouched } from './choices';
import type { Part } from './core/part';
import { pairsOf } from './core/part';
import type { Inside, Tab } from './inside';
import { nothingInside } from './inside';
import type { SiteKind } from './onnx/index';
import type { Grain, Places } from './places';
import { grainedOf, layoutOf, grainedPart, placesOn } from './places';
import type { Pairing } from './segments';
import { partOf, standsOn } from './segments';
import type { Side } from './sides';
import { isAcross, keysOf, toldSide, weighedSide } from './sides';

/** What an encoder-decoder is to write: the text that it reads, a text that was typed, or what it writes by itself. */
export type TargetWish =
  | { readonly kind: 'copied' }
  | { readonly kind: 'typed'; readonly text: string }
  | { readonly kind: 'generated' };

/** Sentence B: the second selection where there is one, or a text that was typed; an empty one for none. */
export type SecondWish = { readonly kind: 'selected' } | { readonly kind: 'typed'; readonly text: string };

export type Work =
  | { readonly kind: 'idle' }
  | { readonly kind: 'busy'; readonly id: number; readonly stage: string }
  /** `image`: one would do in place of what was shown. */
  | { readonly kind: 'failed'; readonly sentence: string; readonly image: boolean };

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
  /** The picture's overview as it was last to be drawn; null until it was asked for and has come. */
  readonly redrawn: (Redraw & { readonly overview: Overview }) | null;
  /** What each key hands over through each head; null until it was asked for and has come. */
  readonly lengths: Lengths | null;
  readonly pinned: number | null;
  readonly pointed: number | null;
  /** What of the drawing is seen. */
  readonly viewport: Viewport;
  /** The link that was gone to: of which token, in which direction, and the how manyth strongest. */
  readonly link: { readonly of: number; readonly reversed: boolean; readonly rank: number } | null;
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
  readonly inside: Inside;
  /** How the model is wanted: as it is, or changed on purpose. */
  readonly experiment: Experiment;
  readonly target: TargetWish;
  readonly second: SecondWish;
  /** What is searched for in the tokens of the text; empty for nothing. */
  readonly search: string;
}

export const initial: State = {
  view: untouched,
  work: { kind: 'idle' },
  scene: null,
  stale: null,
  caret: null,
  follows: false,
  inside: nothingInside,
  experiment: unchanged,
  target: { kind: 'copied' },
  second: { kind: 'selected' },
  search: '',
};

// What follows from the state.

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

const hasHead = ({ overview }: Picture, { layer, head }: Head) =>
  layer < overview.layers && head < overview.heads;

/** The token whose row is told: the pinned one, else the one pointed at. */
export const toldToken = (scene: Scene): number | null => scene.pinned ?? scene.pointed;

/** Whether the token told stands in the document. */
export const toldInDocument = ({ scene, view }: State): boolean =>
  scene !== null && toldSide(scene.picture, view.reversed) === 'source';

/** Why the picture is no longer true of its document; null while it is. */
export const staleness = ({ stale, scene }: State): 'edited' | 'closed' | null =>
  stale && stale.id === scene?.picture.subject.id ? stale.why : null;

/** What is to be read as sentence B with a text. */
export function wantedSecond({ second }: State, subject: Subject): SecondText | null {
  if (second.kind === 'selected') return subject.second;
  return second.text.trim() === '' ? null : { text: second.text, offset: null, line: 0 };
}

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

/** The mask that is wanted, before a model is known null. */
export function wantedMask({ view, scene }: State): Mask | null {
  return view.mask ?? (scene && defaultMask(scene.picture.model));
}

export const defaultMask = (model: ModelInfo): Mask => (model.causal ? 'causal' : 'bidirectional');

/** f32 values of a token in the look; null where the numbers have not come. */
export const weightsAt = ({ view, scene }: State, token: number): Float32Array | null =>
  scene?.seen ? weightsOf(scene.seen, token, view.reversed) : null;

/**
 * What is told of a token. Its own weights are those of the look, whatever is drawn. Row and links are as it is drawn:
 * of the word or the line that it belongs to, where tokens are brought together, and to words or lines.
 */
export interface Told {
  readonly token: number;
  /** f32, one for each token. */
  readonly weights: Float32Array;
  /** Where it is among the places of its side, and those of the other. */
  readonly place: number;
  readonly own: Places;
  readonly others: Places;
  /** f32, one for each of the others; the token's own weights where others are tokens. */
  readonly values: Float32Array;
  /** How strongly each of the others is drawn. */
  readonly row: Row;
  readonly sheets: readonly Sheet[];
  /** The others whose pair with it is drawn, by the size of their values, those of 0 left out. */
  readonly links: readonly number[];
}

/** How what is looked at is drawn; by values only once it is known what is handed over. */
export const redrawOf = ({ sinkHidden, valued }: View, { lengths }: Scene): Redraw => ({
  sinkHidden,
  lengths: valued ? lengths : null,
});

/** The part of each matrix that is drawn, in tokens; null for all of it. */
export const tokenPart = ({ pairing }: View, { picture }: Scene): Part | null => partOf(pairing, picture);

/** The same in what tokens are brought together to. */
export function drawnPart(view: View, scene: Scene): Part | null {
  const part = tokenPart(view, scene);
  return part && grainedPart(part, grainedOf(scene.picture, view.grain));
}

/** The overview as it is to be drawn; the plain one until that has come. */
export function drawnOverview(view: View, scene: Scene): Overview {
  const { sinkHidden, lengths } = redrawOf(view, scene);
  const { redrawn, picture } = scene;
  const fits = redrawn?.sinkHidden === sinkHidden && redrawn.lengths === lengths;
  return (sinkHidden || lengths) && fits ? redrawn.overview : picture.overview;
}

const tolds = new WeakMap<State, Told>();

/** What is told of the told token, made once for each state; null where none is, or the numbers have not come. */
export function toldOf(state: State): Told | null {
  const { view, scene } = state;
  const token = scene && toldToken(scene);
  if (!scene?.seen || token === null) return null;
  const known = tolds.get(state);
  if (known) return known;
  const { picture, seen } = scene;
  const { reversed, grain } = view;
  const grained = grainedOf(picture, grain);
  const part = drawnPart(view, scene);
  const sheets = sheetsOf(seen, redrawOf(view, scene), grained, part);
  const own = placesOn(picture, toldSide(picture, reversed), grain);
  const place = own.groups.of[token];
  const values = weightsOf(grainedSeen(seen, grained), place, reversed);
  const [from, to] = part ? pairsOf(part, place, reversed) : [0, values.length];
  const told: Told = {
    ...{ token, place, own, values, sheets },
    others: placesOn(picture, weighedSide(picture, reversed), grain),
    weights: grained ? weightsOf(seen, token, reversed) : values,
    row: rowOf(sheets, place, reversed, view),
    links: strongest(values.map(Math.abs), values.length).filter(
      (i) => values[i] !== 0 && from <= i && i < to,
    ),
  };
  tolds.set(state, told);
  return told;
}

/** The link that was gone to, as a rank among those that are told now; null where something else is told since. */
export function linkOf(state: State): { readonly rank: number; readonly place: number } | null {
  const { scene, view } = state;
  const told = toldOf(state);
  const link = scene?.link;
  if (!told || link?.of !== told.token || link.reversed !== view.reversed || told.links.length === 0)
    return null;
  const rank = Math.min(link.rank, told.links.length - 1);
  return { rank, place: told.links[rank] };
}

let lastFound: {
  readonly tokens: readonly Token[];
  readonly wanted: string;
  readonly all: readonly Match[];
} = {
  ...{ tokens: [], wanted: '', all: [] },
};

/** Where what is searched for stands, as first and last token. */
export function matchesOf({ scene, search }: State): readonly Match[] {
  if (!scene) return [];
  const { tokens } = scene.picture;
  if (lastFound.tokens !== tokens || lastFound.wanted !== search) {
    const { text, spans } = layoutOf(scene.picture, 'source');
    const pieces = tokens.map((token, i) => ({ ...token, span: spans[i] }));
    lastFound = { tokens, wanted: search, all: matches(pieces, text, search) };
  }
  return lastFound.all;
}

/** The match that is told, as a place among all; null where none is. */
export function matchAt(state: State): number | null {
  const told = state.scene && toldInDocument(state) ? toldToken(state.scene) : null;
  const at = told === null ? -1 : matchesOf(state).findIndex(([first]) => first === told);
  return at < 0 ? null : at;
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
  (sentence: string, image = false): Change =>
  (state) => ({ ...state, work: { kind: 'failed', sentence, image } });

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
    view: keeps ? view : { ...view, mask, difference },
  };
};

/**
 * How a picture will be looked at. The same text under another mask keeps what is focused, pinned and pointed at; so
 * does another attention or another target, as long as the tokens that are told are the same ones. A text that continues
 * another keeps the head, and the pin where its token is still there.
 */
export function sceneOf({ scene, view, caret }: State, picture: Picture): Scene {
  const shown = scene?.picture;
  const same = shown && sameTold(shown, picture, view.reversed) ? scene : null;
  const alike = shown?.kind === picture.kind && shown.target?.text === picture.target?.text;
  const goesOn = same ?? (alike && picture.subject.continues ? scene : null);
  const isOnSource = toldSide(picture, view.reversed) === 'source';
  const kept = view.focus ?? goesOn?.focus ?? null;
  return {
    picture,
    focus: kept && hasHead(picture, kept) ? kept : firstHead(picture),
    preview: same?.preview ?? null,
    seen: null,
    redrawn: null,
    lengths: null,
    pinned: same ? same.pinned : goesOn && isOnSource ? samePin(goesOn, picture) : null,
    pointed: same
      ? same.pointed
      : caret?.id === picture.subject.id && isOnSource
        ? tokenUnder(picture, caret.offset)
        : null,
    viewport: same?.viewport ?? whole,
    link: null,
  };
}

/** The head to look at where none was chosen. */
function firstHead(picture: Picture): Head {
  const texts = keysOf(picture).map(({ text, special }) => !special && text.trim() !== '');
  return mostTelling(picture.overview, texts, isAcross(picture));
}

/** Whether the tokens that are told stand in both, so that what is pinned among them is the same. */
function sameTold(a: Picture, b: Picture, reversed: boolean): boolean {
  const side = toldSide(b, reversed);
  if (a.subject.id !== b.subject.id || side !== toldSide(a, reversed)) return false;
  return side === 'source' ? a.second?.text === b.second?.text : a.target?.text === b.target?.text;
}

/** The token of another text at the place in the document where the pinned one is; null where there is none. */
function samePin({ picture, pinned }: Scene, other: Picture): number | null {
  const { subject, tokens } = picture;
  if (pinned === null || tokens[pinned].special || subject.origin.uri !== other.subject.origin.uri)
    return null;
  const { text } = tokens[pinned];
  const { start, inDocument } = standsOn(picture, 'source')[pinned];
  const stands = standsOn(other, 'source');
  const token = other.tokens.findIndex(
    (one, i) =>
      stands[i].start === start && stands[i].inDocument === inDocument && one.text === text && !one.special,
  );
  return token < 0 ? null : token;
}

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
  (state) =>
    inScene((scene) => (scene.picture.key === key && answers(state.view, scene, seen) ? { seen } : {}))(
      state,
    );

const answers = (view: View, scene: Scene, { look }: Seen) =>
  lookName(lookOf(view, scene)) === lookName(look);

/** The overview as it is to be drawn has come. */
export const receiveRedrawn = (key: string, redraw: Redraw, overview: Overview): Change =>
  inScene(({ picture }) => (picture.key === key ? { redrawn: { ...redraw, overview } } : {}));

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

/**
 * Makes tokens of a side the ones that are told: across, the direction turns with them. Null where that side is no part
 * of the attention that is shown.
 */
function turnTo(state: State, side: Side): State | null {
  const { scene, view } = state;
  if (!scene || toldSide(scene.picture, view.reversed) === side) return state;
  return isAcross(scene.picture) ? reverse(!view.reversed)(state) : null;
}

/**
 * Points at a token, or at none. Keys move the pin away with them; a pointer passes over it, and over the tokens of the
 * other side while there is one.
 */
export const point =
  (token: number | null, side: Side = 'source', unpin = false): Change =>
  (state) => {
    if (token === null) return inScene(() => ({ pointed: null, ...(unpin && { pinned: null }) }))(state);
    const turned = turnTo(state, side);
    if (!turned || (turned !== state && !unpin && state.scene!.pinned !== null)) return state;
    const pointed = inScene(() => ({ pointed: token, ...(unpin && { pinned: null }) }))(turned);
    return unpin ? inSight(pointed) : pointed;
  };

/** Pins a token; the pinned one again frees it. */
export const pin =
  (token: number, side: Side = 'source'): Change =>
  (state) => {
    const turned = turnTo(state, side);
    if (!turned) return state;
    return inSight(
      inScene((scene) => ({ pinned: scene.pinned === token ? null : token, pointed: token }))(turned),
    );
  };

/** The caret points, as a pointer does, in the text that it is in. */
export const pointCaret =
  (id: number, offset: number | null): Change =>
  (state) => {
    const told = { ...state, caret: { id, offset } };
    const picture = state.scene?.picture;
    return picture?.subject.id === id ? inSight(point(tokenUnder(picture, offset))(told)) : told;
  };

function tokenUnder(picture: Picture, offset: number | null): number | null {
  if (offset === null) return null;
  // What stands in no document is under no caret.
  const stands = standsOn(picture, 'source').filter(({ inDocument }) => inDocument);
  const token = tokenAt(stands, offset);
  return token < 0 ? null : token;
}

/** What is seen of the drawing is moved, or magnified. With `follow`, what is told stays in sight. */
export const steer =
  (by: (viewport: Viewport) => Viewport, follow = false): Change =>
  (state) => {
    if (!state.scene) return state;
    const { viewport } = state.scene;
    const steered = inScene(() => ({ viewport: by(viewport) }))(state);
    const next = follow ? inSight(steered) : steered;
    const { zoom, x, y } = next.scene!.viewport;
    return zoom === viewport.zoom && x === viewport.x && y === viewport.y ? state : next;
  };

/** The frame goes along with what is told, and with the link that was gone to. */
function inSight(state: State): State {
  const { scene, view } = state;
  const token = scene && toldToken(scene);
  if (!scene || token === null || isWhole(scene.viewport)) return state;
  const { picture } = scene;
  const to = (viewport: Viewport, side: Side, place: number, across: boolean) => {
    const count = placesOn(picture, side, view.grain).groups.starts.length - 1;
    return reaching(viewport, across ? 'x' : 'y', place / count, (place + 1) / count);
  };
  const side = toldSide(picture, view.reversed);
  const own = placesOn(picture, side, view.grain).groups.of[token];
  let viewport = to(scene.viewport, side, own, view.reversed);
  const link = scene.link ? linkOf(state) : null;
  if (link) viewport = to(viewport, weighedSide(picture, view.reversed), link.place, !view.reversed);
  return inScene(() => ({ viewport }))(state);
}

/** Goes to the next strongest link of the token told, and pins it; past the last, to the strongest again. */
export const goToLink =
  (by: 1 | -1): Change =>
  (state) => {
    const told = toldOf(state);
    if (!told || told.links.length === 0) return state;
    const { length } = told.links;
    const before = linkOf(state)?.rank ?? (by > 0 ? -1 : 0);
    const link = { of: told.token, reversed: state.view.reversed, rank: (before + by + length) % length };
    return inSight(inScene(() => ({ pinned: told.token, link }))(state));
  };

export const searchFor =
  (search: string): Change =>
  (state) => ({ ...state, search });

/** Goes to the next match after the token told, or to the one before; past the end, from the other one on. */
export const goToMatch =
  (by: 1 | -1): Change =>
  (state) => {
    const all = matchesOf(state).map(([first]) => first);
    if (!state.scene || all.length === 0) return state;
    const from = (toldInDocument(state) ? toldToken(state.scene) : null) ?? -1;
    const next =
      by > 0
        ? (all.find((first) => first > from) ?? all[0])
        : (all.filter((first) => first < from).at(-1) ?? all[all.length - 1]);
    return point(next, 'source', true)(state);
  };

/** Frees the pin and what is pointed at. */
export const free: Change = inScene(() => ({ pinned: null, pointed: null, link: null }));

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
