/** Exports without dynamic axes read texts of one length, which their file states and may overstate. */
import { mostTokens } from '../core/cost';
import { fixedLength } from '../onnx/index';
import type { Plan } from '../onnx/index';
import { EngineError, MOST_TOKENS } from './engine';

/** What a run may take. */
export interface Room {
  readonly bytes: number;
  /** Numbers that a head has for each token; null where config.json does not say. */
  readonly headWidth: number | null;
}

/**
 * To be asked before anything is made in that length: a text of it is the shortest that the graph runs on.
 *
 * @throws EngineError where a graph reads one length only, and that is more than can be run
 */
export function assertShort({ inputs, sites }: Plan, { bytes, headWidth }: Room): void {
  const fixed = fixedLength(inputs);
  if (fixed === null) return;
  // As far as the graph tells: fewer heads take less, so nothing is refused that would have run.
  const heads = Math.max(1, ...sites.map((site) => site.heads ?? 1));
  const width = heads * (headWidth ?? 0);
  const most = Math.min(MOST_TOKENS, mostTokens({ layers: sites.length, heads, width }, bytes));
  if (fixed > most)
    throw new EngineError(
      `This model reads exactly ${fixed} tokens at once, and Headlight can run it on ${most} at most: export it with dynamic axes.`,
    );
}
