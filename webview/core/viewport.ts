/**
 * What of a matrix is seen: a frame of a fixed size before a picture that is magnified. In shares of the whole, so that
 * it means the same at any size of the panel and for any number of tokens.
 */
import type { Axis, Window } from './axis';

export interface Viewport {
  /** 1 or more; 1 is the whole. */
  readonly zoom: number;
  /** Left and top of the frame, 0 to 1 - 1/zoom. */
  readonly x: number;
  readonly y: number;
}

/** A place in the frame, or a way across it: 0 to 1 from its left and its top. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

export const whole: Viewport = { zoom: 1, x: 0, y: 0 };

export const isWhole = ({ zoom }: Viewport): boolean => zoom === 1;

/** The nearest one that shows nothing beyond the edges, no less than the whole, and no more magnified than `most`. */
function within({ zoom, x, y }: Viewport, most: number): Viewport {
  const fitting = Math.max(1, Math.min(zoom, most));
  const edge = (share: number) => Math.max(0, Math.min(share, 1 - 1 / fitting));
  return { zoom: fitting, x: edge(x), y: edge(y) };
}

/** Magnifies about a place in the frame, whose point stays under it as long as no edge comes in the way. */
export function zoomed({ zoom, x, y }: Viewport, factor: number, at: Place, most: number): Viewport {
  const next = Math.max(1, Math.min(zoom * factor, most));
  const stays = 1 / zoom - 1 / next;
  return within({ zoom: next, x: x + at.x * stays, y: y + at.y * stays }, most);
}

/** Moves the frame over the picture, in its own widths and heights. */
export function panned({ zoom, x, y }: Viewport, by: Place): Viewport {
  return within({ zoom, x: x + by.x / zoom, y: y + by.y / zoom }, zoom);
}

/** Puts a point of the whole into the middle of the frame. */
export function centred({ zoom }: Viewport, { x, y }: Place): Viewport {
  return within({ zoom, x: x - 0.5 / zoom, y: y - 0.5 / zoom }, zoom);
}

/** Room, in shares of the frame, that is kept on both sides of what the frame goes along with. */
const AHEAD = 0.1;

/** Moves the frame along a side no further than it takes to have a stretch of the whole in it. */
export function reaching(viewport: Viewport, side: 'x' | 'y', from: number, to: number): Viewport {
  const { zoom } = viewport;
  const ahead = Math.min(AHEAD / zoom, Math.max(0, (1 / zoom - (to - from)) / 2));
  const least = to + ahead - 1 / zoom;
  const most = from - ahead;
  const at = Math.max(least, Math.min(viewport[side], most));
  return at === viewport[side] ? viewport : within({ ...viewport, [side]: at }, zoom);
}

/** What of one side is seen, in shares of the whole. */
export interface Stretch {
  readonly zoom: number;
  /** Where it begins. */
  readonly at: number;
}

export const along = ({ zoom, x, y }: Viewport, side: 'x' | 'y'): Stretch => ({
  zoom,
  at: side === 'x' ? x : y,
});

/**
 * A stretch of groups as one of the tokens that they are made of: `starts` has the first token of each group, and at the
 * end the number of tokens. Between two groups it goes on evenly, so that it moves as smoothly.
 */
export function ungrouped({ zoom, at }: Stretch, starts: ArrayLike<number>): Stretch {
  const groups = starts.length - 1;
  const tokens = starts[groups];
  const share = (of: number) => {
    const place = Math.max(0, Math.min(groups, of * groups));
    const group = Math.min(groups - 1, Math.floor(place));
    return (starts[group] + (place - group) * (starts[group + 1] - starts[group])) / tokens;
  };
  const from = share(at);
  return { zoom: 1 / (share(at + 1 / zoom) - from), at: from };
}

/** First and last of `n` places along a side that are seen. */
export function rangeOf({ zoom, at }: Stretch, n: number): readonly [first: number, last: number] {
  const first = Math.min(n - 1, Math.floor(at * n + 1e-9));
  return [first, Math.max(first, Math.min(n, Math.ceil((at + 1 / zoom) * n - 1e-9)) - 1)];
}

/** The part of an axis, laid out for the whole, that is seen: as many pixels as the whole takes. */
export function windowOf({ n, size }: Axis, { zoom, at }: Stretch): Window {
  const magnified = Math.round(size * zoom);
  const from = Math.round(at * magnified);
  return { n, size: magnified, from: Math.max(0, Math.min(from, magnified - size)), shown: size };
}
