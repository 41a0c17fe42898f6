/** How long a run may take before it is given up, and what a person is told to expect. */
import type { Opened } from './launch';

/** A run that outlives this many times its estimate is ended. */
const PATIENCE = 3;
/** No run is ended sooner than this, in ms, however short its estimate: the machine may be busy. */
const SHORTEST_DEADLINE = 10_000;
/** For the first run, which has no estimate and may still compile. */
export const FIRST_DEADLINE = 60_000;

/** What a run will take, from the last one: at least as long a token, at most growing with the square. */
export function expectation(last: Opened['last'], tokens: number): { estimate: string; deadline: number } {
  if (!last) return { estimate: '', deadline: FIRST_DEADLINE };
  const ratio = tokens / last.tokens;
  const linear = last.ms * ratio;
  const most = linear * Math.max(1, ratio);
  return {
    estimate: linear >= 500 ? `, about ${(linear / 1000).toFixed(1)} s` : '',
    deadline: Math.max(SHORTEST_DEADLINE, PATIENCE * most),
  };
}
