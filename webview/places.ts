/** What rows and columns stand for: tokens, or words or lines that they are brought together to. */
import type { Groups } from './core/groups';
import { lineIn, linesOf, wordsOf } from './core/groups';
import { spoken, visible } from './core/names';
import type { Grained } from './core/sheets';
import type { TextSpan } from './core/spans';
import type { Token } from './engine/engine';
import type { Side } from './sides';
import { sidesOf, tokensOn } from './sides';
import type { Picture } from './state';

export const GRAINS = ['tokens', 'words', 'lines'] as const;
export type Grain = (typeof GRAINS)[number];

/** One side of a matrix. Places are counted from 0; each has one token or several neighbours. */
export interface Places {
  readonly groups: Groups;
  /** As labels, their white space made visible; lines by what they start with. */
  readonly texts: readonly string[];
  /** What they are counted by, for people: tokens and words from 0, lines as the document has them. */
  readonly numbers: readonly number[];
  /** Characters of the longest text. */
  readonly longest: number;
  /** For the ear. */
  spoken(place: number): string;
  /** In the text of the side. */
  span(place: number): TextSpan;
  /** Which one it is of its kind: "token 12", "line 12". */
  name(place: number): string;
}

const known = new WeakMap<readonly Token[], Map<Grain, Places>>();

/** The places on a side of a picture, made once. */
export function placesOn(picture: Picture, side: Side, grain: Grain): Places {
  const tokens = tokensOn(picture, side);
  const made = known.get(tokens) ?? new Map<Grain, Places>();
  known.set(tokens, made);
  const before = made.get(grain);
  if (before) return before;
  const { subject, target } = picture;
  const places =
    side === 'source'
      ? placesOf(tokens, grain, subject.text, subject.line)
      : placesOf(tokens, grain, target?.text ?? '', 0);
  made.set(grain, places);
  return places;
}

const grains = new WeakMap<Picture, { readonly grain: Grain; readonly grained: Grained }>();

/** How the tokens of a picture are brought together; null where each stands for itself. */
export function grainedOf(picture: Picture, grain: Grain): Grained | null {
  if (grain === 'tokens') return null;
  const before = grains.get(picture);
  if (before?.grain === grain) return before.grained;
  const grained = { queries: rowsOf(picture, grain).groups, keys: columnsOf(picture, grain).groups };
  grains.set(picture, { grain, grained });
  return grained;
}

export const rowsOf = (picture: Picture, grain: Grain) => placesOn(picture, sidesOf(picture).queries, grain);
export const columnsOf = (picture: Picture, grain: Grain) => placesOn(picture, sidesOf(picture).keys, grain);

/** Characters of a line that its label has: it is cut to the room anyway. */
const LINE = 60;

/** @param first the document's line that the text starts in, from 0 */
function placesOf(tokens: readonly Token[], grain: Grain, text: string, first: number): Places {
  const groups = groupsOf(tokens, grain, text);
  const count = groups.starts.length - 1;
  const all = Array.from({ length: count }, (_, place) => place);
  const span = (place: number): TextSpan => ({
    start: tokens[groups.starts[place]].span.start,
    end: tokens[groups.starts[place + 1] - 1].span.end,
  });
  const own = (place: number) => {
    const token = tokens[groups.starts[place]];
    return grain === 'tokens' || token.special ? token.text : textIn(text, span(place));
  };
  if (grain !== 'lines')
    return withLongest({
      groups,
      texts: all.map((place) => visible(own(place))),
      numbers: all,
      spoken: (place) => (tokens[groups.starts[place]].special ? own(place) : spoken(own(place))),
      span,
      name: (place) => `${grain.slice(0, -1)} ${place}`,
    });
  const line = lineIn(text);
  const numbers = all.map((place) => first + 1 + line(span(place).start));
  const isSpecial = (place: number) => tokens[groups.starts[place]].special;
  const starts = all.map((place) => (isSpecial(place) ? own(place) : own(place).trim().slice(0, LINE)));
  return withLongest({
    groups,
    texts: all.map((place) =>
      isSpecial(place) ? visible(starts[place]) : `${numbers[place]} ${starts[place].replace(/\s+/g, ' ')}`,
    ),
    numbers,
    spoken: (place) =>
      isSpecial(place) ? starts[place] : `line ${numbers[place]}, ${starts[place] || 'blank'}`,
    span,
    name: (place) => (isSpecial(place) ? 'special token' : `line ${numbers[place]}`),
  });
}

function withLongest(places: Omit<Places, 'longest'>): Places {
  const longest = places.texts.reduce((most, text) => Math.max(most, text.length), 0);
  return { ...places, longest };
}

const textIn = (text: string, { start, end }: TextSpan) => text.slice(start, end);

function groupsOf(tokens: readonly Token[], grain: Grain, text: string): Groups {
  if (grain === 'words') return wordsOf(tokens);
  if (grain === 'lines') return linesOf(tokens, text);
  const { length } = tokens;
  return {
    of: Int32Array.from({ length }, (_, i) => i),
    starts: Int32Array.from({ length: length + 1 }, (_, i) => i),
  };
}
