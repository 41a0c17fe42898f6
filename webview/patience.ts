/** How long a run may take before it is given up, and what a person is told to expect. */
import type { Opened } from './launch';

/** A run that outlives this many times its estimate is ended. */
const PATIENCE = 3;
/** No run is ended sooner than this, in ms, however short its estimate: the machine may be busy. */
const SHORTEST_DEADLINE = 10_000;
/** For the first run, which has no estimate and may still compile. */
export const FIRST_DEADLINE = 60_000;

/** Operations a ms of one thread of WebAssembly, about. */
const SPEED = 12e6;

/** What the first run of a worker may take, in ms: a guess within a factor of three or so. */
export const roughly = (operations: number): number => operations / SPEED;

/**
 * What a run will take, from the last one, growing as its operations do; at most with the square.
 * @param operations of a run over so many tokens, in any unit
 */
export function expectation(
  last: Opened['last'],
  tokens: number,
  operations: (tokens: number) => number = (n) => n,
): { estimate: string; deadline: number } {
  if (!last) return { estimate: '', deadline: FIRST_DEADLINE };
  const ratio = tokens / last.tokens;
  const expected = (last.ms * operations(tokens)) / operations(last.tokens);
  const most = last.ms * ratio * Math.max(1, ratio);
  return {
    estimate: expected >= 500 ? `, about ${(expected / 1000).toFixed(expected < 9500 ? 1 : 0)} s` : '',
    deadline: Math.max(SHORTEST_DEADLINE, PATIENCE * most),
  };
}
