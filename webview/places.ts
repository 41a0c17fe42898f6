/** What rows and columns stand for: tokens, or words or lines that they are brought together to. */
import type { Groups } from './core/groups';
import { lineIn, linesOf, wordsOf } from './core/groups';
import { spoken, visible } from './core/names';
import type { Part } from './core/part';
import type { Grained } from './core/sheets';
import type { TextSpan } from './core/spans';
import type { Token } from './engine/engine';
import { label, said } from './label';
import type { Stand } from './segments';
import { firstOfSecond, standsOn } from './segments';
import type { Side } from './sides';
import { sidesOf, tokensOn } from './sides';
import type { Picture } from './picture';

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
  /** Where it stands. */
  stand(place: number): Stand;
  /** Which one it is of its kind: "token 12", "line 12". */
  name(place: number): string;
}

const known = new WeakMap<readonly Token[], Map<Grain, Places>>();

/** The places on a side of a picture, made once. */
export function placesOn(picture: Picture, side: Side, grain: Grain): Places {
  const tokens = tokensOn(picture, side);
  // Patches make no words and no lines.
  if (picture.sight) grain = 'tokens';
  const made = known.get(tokens) ?? new Map<Grain, Places>();
  known.set(tokens, made);
  const before = made.get(grain);
  if (before) return before;
  const places = placesOf(tokens, grain, layoutOf(picture, side), standsOn(picture, side));
  made.set(grain, places);
  return places;
}

const grains = new WeakMap<Picture, { readonly grain: Grain; readonly grained: Grained }>();

/** How the tokens of a picture are brought together; null where each stands for itself. */
export function grainedOf(picture: Picture, grain: Grain): Grained | null {
  if (grain === 'tokens' || picture.sight) return null;
  const before = grains.get(picture);
  if (before?.grain === grain) return before.grained;
  const grained = { queries: rowsOf(picture, grain).groups, keys: columnsOf(picture, grain).groups };
  grains.set(picture, { grain, grained });
  return grained;
}

export const rowsOf = (picture: Picture, grain: Grain) => placesOn(picture, sidesOf(picture).queries, grain);
export const columnsOf = (picture: Picture, grain: Grain) => placesOn(picture, sidesOf(picture).keys, grain);

/** How the part of a matrix lies in what its tokens are brought together to; nothing there is of two sentences. */
export function grainedPart(part: Part, grained: Grained | null): Part {
  if (!grained) return part;
  const within = ({ of }: Groups, [from, to]: Part['keys']): Part['keys'] =>
    from < to ? [of[from], of[to - 1] + 1] : [0, 0];
  return { queries: within(grained.queries, part.queries), keys: within(grained.keys, part.keys) };
}

/** What a side is laid out by: its text, of a pair one below the other, and where the tokens are in that. */
interface Layout {
  readonly text: string;
  readonly spans: readonly TextSpan[];
  /** The line of an offset, as its document has it. */
  line(offset: number): number;
}

export function layoutOf(picture: Picture, side: Side): Layout {
  const { subject, second, target } = picture;
  const spans = tokensOn(picture, side).map(({ span }) => span);
  const [text, first] = side === 'source' ? [subject.text, subject.line] : [target?.text ?? '', 0];
  if (side === 'target' || !second) {
    const line = lineIn(text);
    return { text, spans, line: (offset) => first + 1 + line(offset) };
  }
  const [whole, below] = [`${text}\n${second.text}`, text.length + 1];
  const from = firstOfSecond(picture);
  const line = lineIn(whole);
  const moved = ({ start, end }: TextSpan) => ({ start: start + below, end: end + below });
  return {
    text: whole,
    spans: spans.map((span, i) => (i < from ? span : moved(span))),
    line: (offset) =>
      offset < below ? first + 1 + line(offset) : second.line + 1 + line(offset) - line(below),
  };
}

/** Characters of a line that its label has: it is cut to the room anyway. */
const LINE = 60;

function placesOf(
  tokens: readonly Token[],
  grain: Grain,
  { text, spans, line }: Layout,
  stands: readonly Stand[],
): Places {
  const pieces = tokens.map((token, i) => ({ ...token, span: spans[i] }));
  const groups = groupsOf(pieces, grain, text);
  const count = groups.starts.length - 1;
  const all = Array.from({ length: count }, (_, place) => place);
  const span = (place: number): TextSpan => ({
    start: spans[groups.starts[place]].start,
    end: spans[groups.starts[place + 1] - 1].end,
  });
  const stand = (place: number): Stand => ({
    ...stands[groups.starts[place]],
    end: stands[groups.starts[place + 1] - 1].end,
  });
  const own = (place: number) => {
    const token = tokens[groups.starts[place]];
    return grain === 'tokens' || token.special ? token.text : textIn(text, span(place));
  };
  if (grain !== 'lines')
    return withLongest({
      groups,
      texts: all.map((place) => (grain === 'tokens' ? label(tokens[place]) : visible(own(place)))),
      numbers: all,
      spoken: (place) => {
        const token = tokens[groups.starts[place]];
        return grain === 'tokens' || token.special ? said(token) : spoken(own(place));
      },
      stand,
      name: (place) => `${grain.slice(0, -1)} ${place}`,
    });
  const numbers = all.map((place) => line(span(place).start));
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
    // Its last token may hold the line's end, and the indentation of the next.
    stand: (place) => {
      const all = stand(place);
      const { length } = own(place).trimEnd();
      return isSpecial(place) || length === 0 ? all : { ...all, end: all.start + length };
    },
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
