/** One run of a graph: what it is fed, which is made here and nowhere else, and the picture of what comes out. */
import * as ort from 'onnxruntime-web/wasm';
import type { Mask } from '../core/attention';
import type { Experiment, Fed } from './engine';
import { truth, vector } from './feeds';
import type { Feeds, Lengths, Pass, Session } from './graph';
import { attentionsOf, cellFeed, fedOf, maskFeeds, pictureNames, runSession } from './graph';
import type { Heads } from './heads';
import type { Rewrite } from '../onnx/index';

/** What a run is asked for. */
export interface Asked {
  readonly fed: Fed;
  readonly mask: Mask;
  readonly experiment: Experiment;
  /** What the decoder of an encoder-decoder is given. */
  readonly target: readonly number[] | null;
}

/** The same as a graph is given it. */
export interface Given {
  /** Of the model's own inputs. */
  readonly own: Feeds;
  readonly lengths: Lengths;
  readonly mask: Mask;
  readonly experiment: Experiment;
}

/** Whatever declares inputs of the model's own. */
interface Asking {
  readonly rewritten: Pick<Rewrite, 'inputs' | 'givenInputs'>;
}

export type Giver = (asking: Asking, asked: Asked) => Given | Promise<Given>;

/** A run as heads are computed from it: what it was given, and what of it was fetched. */
export interface PassFeeds extends Given {
  readonly results: Readonly<Feeds>;
}

/** Everything that a graph asks for. @param rows the queries whose rows it is to give, where it gives any */
export function feedsOf({ rewritten }: Session, given: Given, rows: readonly number[] = [0]): Feeds {
  const { own, lengths, mask, experiment } = given;
  const { scaleInputs, unplacedInput, rowsInput } = rewritten;
  const feeds: Feeds = {
    ...own,
    ...maskFeeds(rewritten, mask, lengths, experiment.window),
    ...cellFeed(rewritten, lengths),
  };
  if (unplacedInput !== null) feeds[unplacedInput] = truth(experiment.positions === 'none');
  for (const { name } of scaleInputs) feeds[name] = vector([experiment.scores]);
  if (rowsInput !== null)
    feeds[rowsInput] = new ort.Tensor('int64', BigInt64Array.from(rows, BigInt), [rows.length]);
  return feeds;
}

/** @param more outputs that are wanted beside the picture */
export async function runPass(
  session: Session,
  heads: Heads,
  given: Given,
  more: readonly string[] = [],
): Promise<Pass & Pick<PassFeeds, 'results'>> {
  const feeds = feedsOf(session, given);
  const names = [...new Set([...pictureNames(session), ...more])];
  const started = performance.now();
  const results = await runSession(session, feeds, names, given.lengths);
  const ms = performance.now() - started;
  const pass = { ...given, results };
  heads.trial ??= fedOf(pass, session.planned.plan.sites);
  return { attentions: attentionsOf(session, pass, heads), ms, known: 0, results };
}
