/** How a picture will be looked at: what of the way that one stood before it goes over to it. */
import type { Head } from './core/attention';
import { mostTelling } from './core/measures';
import { whole } from './core/viewport';
import type { Picture } from './picture';
import { hasHead, sameTarget } from './picture';
import { standsOn, tokenUnder } from './segments';
import { isAcross, keysOf, toldSide } from './sides';
import type { Scene, State } from './state';

/**
 * How a picture will be looked at. The same text under another mask keeps what is focused, pinned and pointed at; so
 * does another attention or another target, as long as the tokens that are told are the same ones. A text that continues
 * another keeps the head, and the pin where its token is still there.
 */
export function sceneOf({ scene, view, caret }: State, picture: Picture): Scene {
  const shown = scene?.picture;
  const same = shown && sameTold(shown, picture, view.reversed) ? scene : null;
  // The very picture that stands: what was fetched for it is not fetched again.
  const stands = shown === picture ? scene : null;
  const alike = shown?.kind === picture.kind && sameTarget(shown, picture);
  const goesOn = same ?? (alike && picture.subject.continues ? scene : null);
  const isOnSource = toldSide(picture, view.reversed) === 'source';
  const kept = view.focus ?? goesOn?.focus ?? null;
  return {
    picture,
    focus: kept && hasHead(picture, kept) ? kept : firstHead(picture),
    preview: same?.preview ?? null,
    seen: null,
    redrawn: stands?.redrawn ?? null,
    detail: stands?.detail ?? null,
    lengths: stands?.lengths ?? null,
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
  return side === 'source' ? a.second?.text === b.second?.text : sameTarget(a, b);
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
