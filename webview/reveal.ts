/** What the host paints into the document for the token told: its row of weights as document spans. */
import type { Reveal, Span } from '../src/protocol';
import { strongest } from './core/attention';
import type { State } from './state';
import { staleness, toldOf } from './state';

/** Null where nothing is told, or the document no longer holds the text. */
export function revealOf(state: State): Reveal | null {
  const told = toldOf(state);
  if (!told || staleness(state)) return null;
  const { token, weights } = told;
  const { strengths } = told.row;
  const { tokens, subject } = state.scene!.picture;
  const place = (i: number): Span => [
    subject.offset + tokens[i].span.start,
    subject.offset + tokens[i].span.end,
  ];
  const painted = strongest(weights.map(Math.abs), tokens.length).filter(
    (i) => strengths[i] > 0 && !tokens[i].special,
  );
  return {
    token: place(token),
    spans: painted.map(place),
    weights: painted.map((i) => weights[i]),
    strengths: painted.map((i) => strengths[i]),
  };
}
