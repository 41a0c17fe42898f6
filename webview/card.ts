/** What the hover card in the editor says of the token it points at. */
import type { Card, Named } from '../src/protocol';
import { strongest } from './core/attention';
import { lookName } from './core/look';
import { visible } from './core/names';
import type { State } from './state';
import { lookOf, staleness, weightsAt } from './state';

const SHOWN = 5;

/** Of the token that was pointed at last, pinned or not; null where there is none, or its numbers have not come. */
export function cardOf(state: State, id: number): Card | null {
  const { scene, view } = state;
  const token = scene?.picture.subject.id === id && !staleness(state) ? scene.pointed : null;
  const weights = token === null ? null : weightsAt(state, token);
  if (!scene || token === null || !weights) return null;
  const { tokens, subject, mask } = scene.picture;
  const named = (i: number): Named => {
    const { text, span } = tokens[i];
    return { name: visible(text), span: [subject.offset + span.start, subject.offset + span.end] };
  };
  const look = lookOf(view, scene);
  // A difference has values on both sides of 0.
  const links = strongest(weights.map(Math.abs), SHOWN).filter((i) => weights[i] !== 0);
  return {
    ...named(token),
    look: look.kind === 'head' ? `head ${lookName(look)}` : lookName(look),
    mask: look.kind === 'difference' ? null : mask,
    reversed: view.reversed,
    links: links.map((i) => ({ ...named(i), weight: weights[i] })),
  };
}
