/** What the host paints into the document for the token told: its row of weights as document spans. */
import type { Reveal, Span } from '../src/protocol';
import { strongest } from './core/attention';
import type { State } from './state';
import { toldSide, weighedSide } from './sides';
import { staleness, toldOf } from './state';

/** Null where nothing is told, or the document no longer holds the text. */
export function revealOf(state: State): Reveal | null {
  const told = toldOf(state);
  if (!told || staleness(state)) return null;
  const { token, weights } = told;
  const { strengths } = told.row;
  const { picture } = state.scene!;
  const { tokens, subject } = picture;
  const { reversed } = state.view;
  const place = (i: number): Span => [
    subject.offset + tokens[i].span.start,
    subject.offset + tokens[i].span.end,
  ];
  // What an encoder-decoder writes stands in no document.
  const inDocument = weighedSide(picture, reversed) === 'source';
  const painted = strongest(weights.map(Math.abs), inDocument ? tokens.length : 0).filter(
    (i) => strengths[i] > 0 && !tokens[i].special,
  );
  return {
    token: toldSide(picture, reversed) === 'source' ? place(token) : [subject.offset, subject.offset],
    spans: painted.map(place),
    weights: painted.map((i) => weights[i]),
    strengths: painted.map((i) => strengths[i]),
  };
}
