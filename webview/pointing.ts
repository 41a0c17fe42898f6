/** The ways the state changes by pointing: at a token, along links and matches, and over the drawing. */
import type { Viewport } from './core/viewport';
import { isWhole, reaching } from './core/viewport';
import type { Change } from './changes';
import { inScene, reverse } from './changes';
import { matchesOf } from './found';
import { placesOn } from './places';
import { tokenUnder } from './segments';
import type { Side } from './sides';
import { isAcross, tokensOn, toldSide, weighedSide } from './sides';
import type { State } from './state';
import { toldInDocument, toldToken } from './state';
import { linkOf, toldOf } from './told';

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
    // A pointer that moves within a token changes nothing.
    if (!unpin && state.scene?.pointed === token && (token === null || turnTo(state, side) === state))
      return state;
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

/** Pins the token told, or frees it. */
export const pinTold: Change = (state) => {
  const { scene, view } = state;
  const token = scene && toldToken(scene);
  if (!scene || token === null) return state;
  return pin(token, toldSide(scene.picture, view.reversed))(state);
};

/**
 * Moves the token told by so many tokens, from the start or the end where there is none.
 * @param wanted the side of the list that has the focus; null for the one that is told
 */
export const moveToken =
  (by: number, wanted: Side | null = null): Change =>
  (state) => {
    const { scene, view } = state;
    if (!scene) return state;
    const told = toldSide(scene.picture, view.reversed);
    const side = wanted ?? told;
    const { length } = tokensOn(scene.picture, side);
    const token = side === told ? toldToken(scene) : null;
    return point(moved(token, by, length), side, true)(state);
  };

/** The same by so many rows of the matrix: to the first token of each. */
export const movePlace =
  (by: number): Change =>
  (state) => {
    const { scene, view } = state;
    if (!scene) return state;
    const side = toldSide(scene.picture, view.reversed);
    const { of, starts } = placesOn(scene.picture, side, view.grain).groups;
    const token = toldToken(scene);
    return point(starts[moved(token === null ? null : of[token], by, starts.length - 1)], side, true)(state);
  };

/** From one of `count` places to another, not beyond the last; from none, in at an end. */
function moved(from: number | null, by: number, count: number): number {
  return Math.max(0, Math.min(count - 1, (from ?? (by > 0 ? -1 : count)) + by));
}

/** The caret points, as a pointer does, in the text that it is in. */
export const pointCaret =
  (id: number, offset: number | null): Change =>
  (state) => {
    const told = { ...state, caret: { id, offset } };
    const picture = state.scene?.picture;
    return picture?.subject.id === id ? inSight(point(tokenUnder(picture, offset))(told)) : told;
  };

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
