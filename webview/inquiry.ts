/** Asks the model what the open tab of "Inside" lacks. What stands on the screen goes first; an inquiry can wait. */
import { putBack, shuffled } from './core/order';
import { cosine, norm, spreadOver, standardised } from './core/vector';
import type { Fed, Token } from './engine/engine';
import { ASIDE, fedOf, rearranged, unchanged } from './engine/engine';
import type { Answer, Contexts, Failure, Inside, Price, Prices, Reordered } from './inside';
import {
  answered,
  foreign,
  layerQuestion,
  measuredLength,
  openedToken,
  orderQuestion,
  priceQuestion,
} from './inside';
import { describe } from './failure';
import type { Session } from './runs';
import type { Job } from './runner';
import type { Picture } from './picture';
import type { Scene, State } from './state';

/** Any order does; the same one each time, so that a picture can be talked about. */
const SEED = 1;
/** Prefixes measured, as shares of the longest. */
const SHARES = [1 / 8, 1 / 4, 3 / 8, 1 / 2, 5 / 8, 3 / 4, 7 / 8, 1];
/** Each up to so many times, unless that would take longer than so many ms: the fastest counts, others were disturbed. */
const REPEATS = 3;
const PATIENCE = 1500;

export interface InquiryActions {
  /** One job for the model of a picture, when nothing else is wanted of it; none where the answer is wanted no more. */
  ask<T>(picture: Picture, job: Job<T>, isWanted: () => boolean): Promise<T>;
  /** One job in a worker opened for it, that reads so many tokens at most. */
  apart<T>(picture: Picture, tokens: number, job: Job<T>): Promise<T>;
  change(by: (inside: Inside) => Partial<Inside>): void;
}

type Question = 'layer' | 'reordered' | 'contexts';

export class Inquiry {
  /** Questions that are under way. */
  private readonly asked = new Set<string>();
  /** The question of each kind that stands: what was asked before is answered no more. */
  private readonly newest = new Map<Question, string>();
  /** Whose picture stands. */
  private model = '';

  constructor(private readonly actions: InquiryActions) {}

  /** After every change of state. */
  follow({ scene, view, inside }: State): void {
    // What is open asks anew below.
    this.newest.delete('layer');
    this.newest.delete('reordered');
    if (!scene) return;
    const { picture, focus } = scene;
    this.model = picture.model.id;
    if (view.inside && foreign(picture, view.inside)) return;
    const token = openedToken(scene, view.reversed);
    if (view.inside === 'row' || view.inside === 'layer')
      this.inquire(
        'layer',
        layerQuestion(scene, token),
        inside.layer,
        picture,
        ({ engine, fed, targetIds, deadline }) =>
          engine.call('layer', [fed, picture.mask, focus.layer, token, picture.kind, targetIds], {
            deadline,
          }),
      );
    else if (view.inside === 'position')
      this.inquire('reordered', orderQuestion(scene), inside.reordered, picture, (session, giveWay) =>
        reorder(session, giveWay, scene),
      );
  }

  /** One word in two texts; the word both hold, or the tokens chosen. */
  compare(
    picture: Picture,
    texts: readonly [string, string],
    tokens: readonly [number, number] | null,
  ): void {
    const question = JSON.stringify([picture.key, texts, tokens]);
    this.actions.change(() => ({ texts, compared: question }));
    this.inquire('contexts', question, null, picture, (session, giveWay) =>
      compare(session, giveWay, picture, texts, tokens),
    );
  }

  /** Stops measuring, where it goes on; what was measured so far stays. */
  stop = (): void => {};

  /** Runs over growing prefixes, and tells each as it comes: its time, and how far it made the heap grow. */
  async measure(picture: Picture): Promise<void> {
    const of = priceQuestion(picture);
    const tell = (value: Prices | Failure) => this.actions.change(() => ({ prices: { of, value } }));
    const longest = measuredLength(picture);
    this.actions.change(() => ({ measuring: true, prices: null }));
    let stopped = false;
    this.stop = () => void (stopped = true);
    try {
      await this.actions.apart(picture, longest, async (session) => {
        const { engine, fed } = session;
        if (stopped) return;
        this.stop = () => {
          stopped = true;
          engine.end('Measuring was stopped.');
        };
        const opened = (await engine.call('heap', []))!.touched;
        const runs: Price[] = [];
        for (const share of SHARES) {
          const n = Math.max(1, Math.round(longest * share));
          const places = Array.from({ length: n }, (_, i) => i % fed.ids.length);
          const prefix = rearranged(fed, places);
          const ms = await fastest(session, picture, prefix);
          runs.push({ n, ms, heap: (await engine.call('heap', []))!.touched });
          tell({ opened, runs: [...runs] });
        }
      });
    } catch (error) {
      if (!stopped) tell({ failed: describe(error)[0] });
    } finally {
      this.stop = () => {};
      this.actions.change(() => ({ measuring: false }));
    }
  }

  private inquire<K extends Question>(
    what: K,
    of: string,
    known: Answer<unknown> | null,
    picture: Picture,
    job: Job<NonNullable<Inside[K]>['value']>,
  ): void {
    this.newest.set(what, of);
    if (answered(known, of) !== null || this.asked.has(of + what)) return;
    this.asked.add(of + what);
    const isWanted = () => this.newest.get(what) === of && this.model === picture.model.id;
    const tell = (value: unknown) => this.actions.change(() => ({ [what]: { of, value } }));
    this.actions
      .ask(picture, job, isWanted)
      .then(tell, (error) => isWanted() && tell({ failed: describe(error)[0] }))
      .finally(() => this.asked.delete(of + what));
  }
}

/** The head in focus with the tokens in another order, and with all of them told that they stand first. */
async function reorder(
  { engine, fed, targetIds, deadline }: Session,
  giveWay: () => Promise<void>,
  { picture, focus }: Scene,
): Promise<Reordered> {
  const { mask, tokens, subject, kind } = picture;
  const order = shuffled(
    tokens.map(({ special }) => special),
    SEED,
  );
  const one = async (of: Fed, experiment = unchanged) => {
    await giveWay();
    await engine.call('run', [subject.id, ASIDE, of, mask, experiment, targetIds], { deadline });
    return (await engine.call('matrix', [ASIDE, kind, { kind: 'head', head: focus }]))!;
  };
  const written = await one(fed);
  const other = await one(rearranged(fed, order));
  const back = { ...other, weights: putBack(other.weights, order) };
  const unplaced = await one(fed, { ...unchanged, positions: 'none' }).catch((error) => ({
    failed: describe(error)[0],
  }));
  return { written, shuffled: back, unplaced, order };
}

async function compare(
  { engine, deadline }: Session,
  giveWay: () => Promise<void>,
  { mask }: Picture,
  texts: readonly [string, string],
  chosen: readonly [number, number] | null,
): Promise<Contexts> {
  const readings = [await engine.call('read', [texts[0]]), await engine.call('read', [texts[1]])] as const;
  const labels = [
    readings[0].tokens.map(({ text }) => text),
    readings[1].tokens.map(({ text }) => text),
  ] as const;
  const tokens = chosen ?? sharedWord([readings[0].tokens, readings[1].tokens]);
  const words = [];
  for (const side of [0, 1] as const) {
    const read = readings[side].tokens;
    const token = Math.min(tokens[side], read.length - 1);
    await giveWay();
    words.push(await engine.call('word', [fedOf(read), mask, token], { deadline }));
  }
  const [a, b] = words;
  return {
    texts,
    labels,
    tokens,
    cosines: a.hidden.map((vector, layer) => cosine(vector, b.hidden[layer])),
    standardised: a.hidden.map((vector, layer) => {
      const spread = spreadOver(a.spreads[layer], b.spreads[layer]);
      return cosine(standardised(vector, spread), standardised(b.hidden[layer], spread));
    }),
    brought: a.written.map((heads, layer) =>
      heads.map((vector, head) => norm(vector.map((value, i) => value - b.written[layer][head][i]))),
    ),
  };
}

/**
 * A word that both texts hold, at its last place in each: of several the one with the highest id, since vocabularies
 * are numbered from what is common to what is rare. The last tokens where they share none.
 */
export function sharedWord(texts: readonly [readonly Token[], readonly Token[]]): [number, number] {
  const words = (tokens: readonly Token[]) =>
    tokens.flatMap(({ id, text, special }, place) =>
      !special && /\p{L}/u.test(text) ? [{ id, place }] : [],
    );
  const [first, second] = texts.map((tokens) => new Map(words(tokens).map(({ id, place }) => [id, place])));
  const shared = [...first.keys()].filter((id) => second.has(id));
  if (shared.length === 0) return [texts[0].length - 1, texts[1].length - 1];
  const rarest = Math.max(...shared);
  return [first.get(rarest)!, second.get(rarest)!];
}

/** @returns ms */
async function fastest({ engine, deadline }: Session, { mask, subject }: Picture, fed: Fed): Promise<number> {
  const times: number[] = [];
  for (let spent = 0; times.length < REPEATS && spent < PATIENCE; spent += times.at(-1)!)
    times.push((await engine.call('run', [subject.id, ASIDE, fed, mask], { deadline })).ms);
  return Math.min(...times);
}
