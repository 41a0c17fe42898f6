/** What is told of the token that is pointed at or pinned, and of its strongest links. */
import { Again } from './again';
import { strongest, weightsOf } from './core/attention';
import { pairsOf } from './core/part';
import type { Row, Sheet } from './core/sheets';
import { grainedSeen, rowOf, sheetsOf } from './core/sheets';
import type { Places } from './places';
import { grainedOf, placesOn } from './places';
import { toldSide, weighedSide } from './sides';
import type { State } from './state';
import { drawnPart, redrawOf, toldToken } from './state';

/** f32 values of a token in the look; null where the numbers have not come. */
export const weightsAt = ({ view, scene }: State, token: number): Float32Array | null =>
  scene?.seen ? weightsOf(scene.seen, token, view.reversed) : null;

/**
 * What is told of a token. Its own weights are those of the look, whatever is drawn. Row and links are as it is drawn:
 * of the word or the line that it belongs to, where tokens are brought together, and to words or lines.
 */
export interface Told {
  readonly token: number;
  /** f32, one for each token. */
  readonly weights: Float32Array;
  /** Where it is among the places of its side, and those of the other. */
  readonly place: number;
  readonly own: Places;
  readonly others: Places;
  /** f32, one for each of the others; the token's own weights where others are tokens. */
  readonly values: Float32Array;
  /** How strongly each of the others is drawn. */
  readonly row: Row;
  readonly sheets: readonly Sheet[];
  /** The others whose pair with it is drawn, by the size of their values, those of 0 left out. */
  readonly links: readonly number[];
}

const telling = new Again();
let lastTold: Told;

/** What is told of the told token, made once however often it is asked for; null where none is, or no numbers have come. */
export function toldOf(state: State): Told | null {
  const { view, scene } = state;
  const token = scene && toldToken(scene);
  if (!scene?.seen || token === null) return null;
  const { picture, seen, lengths } = scene;
  // Nothing else of a state bears on it: what is seen of the drawing may move.
  if (telling.same(picture, seen, lengths, view, token)) return lastTold;
  const { reversed, grain } = view;
  const grained = grainedOf(picture, grain);
  const part = drawnPart(view, scene);
  const sheets = sheetsOf(seen, redrawOf(view, scene), grained, part);
  const own = placesOn(picture, toldSide(picture, reversed), grain);
  const place = own.groups.of[token];
  const values = weightsOf(grainedSeen(seen, grained), place, reversed);
  const [from, to] = part ? pairsOf(part, place, reversed) : [0, values.length];
  lastTold = {
    token,
    place,
    own,
    values,
    sheets,
    others: placesOn(picture, weighedSide(picture, reversed), grain),
    weights: grained ? weightsOf(seen, token, reversed) : values,
    row: rowOf(sheets, place, reversed, view),
    links: strongest(values.map(Math.abs), values.length).filter(
      (i) => values[i] !== 0 && from <= i && i < to,
    ),
  };
  return lastTold;
}

/** The link that was gone to, as a rank among those that are told now; null where something else is told since. */
export function linkOf(state: State): { readonly rank: number; readonly place: number } | null {
  const { scene, view } = state;
  const told = toldOf(state);
  const link = scene?.link;
  if (!told || link?.of !== told.token || link.reversed !== view.reversed || told.links.length === 0)
    return null;
  const rank = Math.min(link.rank, told.links.length - 1);
  return { rank, place: told.links[rank] };
}
