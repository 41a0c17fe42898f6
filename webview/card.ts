/** What the hover card in the editor says of the token it points at. */
import type { Card, Elsewhere, Named, Span } from '../src/protocol';
import { strongest } from './core/attention';
import { lookName } from './core/look';
import { visible } from './core/names';
import type { State } from './state';
import type { Side } from './sides';
import { type Stand, standsOn } from './segments';
import { kindName, tokensOn, weighedSide } from './sides';
import { lookOf, staleness, toldInDocument } from './state';
import { weightsAt } from './told';

const SHOWN = 5;

/** Of the token that was pointed at last, pinned or not; null where there is none, or its numbers have not come. */
export function cardOf(state: State, id: number): Card | null {
  const { scene, view } = state;
  const told = scene?.picture.subject.id === id && !staleness(state) && toldInDocument(state);
  const token = told ? scene.pointed : null;
  const weights = token === null ? null : weightsAt(state, token);
  if (!scene || token === null || !weights) return null;
  const { picture } = scene;
  const { mask } = picture;
  const side = weighedSide(picture, view.reversed);
  const named = (i: number, of: Side): Named => ({
    name: visible(tokensOn(picture, of)[i].text),
    place: placeOf(standsOn(picture, of)[i], of),
  });
  const look = lookOf(view, scene);
  // A difference has values on both sides of 0.
  const links = strongest(weights.map(Math.abs), SHOWN).filter((i) => weights[i] !== 0);
  return {
    ...named(token, 'source'),
    look: kindName(picture, look.kind === 'head' ? `head ${lookName(look)}` : lookName(look)),
    mask: look.kind === 'difference' || picture.kind === 'encoder' ? null : mask,
    reversed: view.reversed,
    links: links.map((i) => ({ ...named(i, side), weight: weights[i] })),
  };
}

/** What is in no document is of the target, or else of a second text that was typed. */
function placeOf({ start, end, inDocument }: Stand, of: Side): Span | Elsewhere {
  if (start === end) return 'no text';
  if (inDocument) return [start, end];
  return of === 'target' ? 'target' : 'second text';
}
