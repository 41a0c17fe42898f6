/** What the host paints into the document for the token told: its row of weights as document spans, of tokens or of the words or lines they are brought together to. */
import type { Reveal, Span } from '../src/protocol';
import type { Places } from './places';
import type { State } from './state';
import { toldSide, weighedSide } from './sides';
import { staleness, toldOf } from './state';

/** Null where nothing is told, or the document no longer holds the text. */
export function revealOf(state: State): Reveal | null {
  const told = toldOf(state);
  if (!told || staleness(state)) return null;
  const { place, own, others, values, links } = told;
  const { strengths } = told.row;
  const { picture } = state.scene!;
  const { tokens, subject } = picture;
  const { reversed } = state.view;
  const spanOf = (places: Places, i: number): Span => {
    const { start, end } = places.span(i);
    return [subject.offset + start, subject.offset + end];
  };
  // What an encoder-decoder writes stands in no document.
  const inDocument = weighedSide(picture, reversed) === 'source';
  const isSpecial = (i: number) => tokens[others.groups.starts[i]].special;
  const painted = inDocument ? links.filter((i) => strengths[i] > 0 && !isSpecial(i)) : [];
  return {
    token: toldSide(picture, reversed) === 'source' ? spanOf(own, place) : [subject.offset, subject.offset],
    spans: painted.map((i) => spanOf(others, i)),
    weights: painted.map((i) => values[i]),
    strengths: painted.map((i) => strengths[i]),
  };
}
