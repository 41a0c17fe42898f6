/** What the host paints into the document for the token told: its row of weights as document spans, of tokens or of the words or lines they are brought together to. */
import type { Reveal, Span } from '../src/protocol';
import type { Stand } from './segments';
import type { State } from './state';
import { staleness } from './state';
import { toldOf } from './told';

/** Null where nothing is told, there is no document, or it no longer holds the text. */
export function revealOf(state: State): Reveal | null {
  const told = toldOf(state);
  if (!told || staleness(state) || state.scene!.picture.sight) return null;
  const { place, own, others, values, links } = told;
  const { strengths } = told.row;
  const { picture } = state.scene!;
  const { tokens, subject } = picture;
  const isSpecial = (i: number) => tokens[others.groups.starts[i]].special;
  // What was typed, and what an encoder-decoder writes, stands in no document.
  const painted = links.filter((i) => strengths[i] > 0 && others.stand(i).inDocument && !isSpecial(i));
  const spanOf = ({ start, end }: Stand): Span => [start, end];
  const teller = own.stand(place);
  return {
    token: teller.inDocument ? spanOf(teller) : [subject.offset, subject.offset],
    spans: painted.map((i) => spanOf(others.stand(i))),
    weights: painted.map((i) => values[i]),
    strengths: painted.map((i) => strengths[i]),
  };
}
