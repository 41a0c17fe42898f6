/**
 * Reads a text piece by piece, as a causal mask lets it: what stands before stays as it was. So a text that begins as the last
 * one is read on from there, and of a long one most of what the mask closes is never computed.
 */
import * as ort from 'onnxruntime-web/wasm';
import { cellFor } from '../core/attention';
import type { PastTensor, Request, Rewrite, Tensor } from '../onnx/index';
import { sidesGraph } from '../onnx/index';
import { joined, part, resized } from './blocks';
import { unchanged, untyped } from './engine';
import type { Fed } from './engine';
import type { Feeds, Lengths, Pass, PlannedGraph, Session } from './graph';
import { attentionsOf, createSession, openGraph, pictured, runSession } from './graph';
import type { Heads } from './heads';
import type { Asked, Given, Giver } from './pass';
import { feedsOf } from './pass';

/** Bytes that are kept of the text that was read last, at most; and of the masks and biases of one that is read. */
const BUDGET = 100e6;
/** A graph is tried on these, read whole and read on from the first few; every vocabulary has them. */
const TRIED = [1, 2, 3, 4, 3, 1, 4, 2];
const TRIED_BEFORE = 5;
/** What it gives must be what the whole run gives, as far as this, of 1 or of the number itself. */
const TOLERANCE = 1e-4;

/**
 * About so many tokens are read at once, whole cells: the maps of a layer are then small beside those of a whole run,
 * and what a causal mask closes is mostly not computed.
 */
const PIECE = 256;

/** Inputs of one element a token that is read. */
const PER_TOKEN = /^(input_ids|attention_mask|position_ids|token_type_ids|segment_ids|cache_position)$/;

export type Text = Pick<Fed, 'ids' | 'types'>;

/** As it was read. */
interface Read extends Text {
  readonly results: Feeds;
}

export class Onward {
  private last: Read | null = null;
  /** The axis of tokens in what single heads are computed from; what is not here has none. */
  private readonly axes = new Map<string, number>();
  /** Keys and values. */
  private readonly kept: readonly PastTensor[];
  /** What single heads are computed from beside keys that are kept anyway. */
  private readonly fed: readonly string[];

  private constructor(
    private readonly session: Session,
    /** Makes masks and biases. */
    private readonly sides: ort.InferenceSession,
    private readonly give: Giver,
    /** Bytes of masks and biases for each pair of tokens. */
    private readonly pair: number,
  ) {
    this.kept = session.rewritten.pasts!.sites.flatMap(({ keys, values }) => [keys, values]);
    const own = new Set(this.kept.map(({ tensor }) => tensor));
    const fed = new Set(session.planned.plan.sites.flatMap(({ path }) => path.fed));
    this.fed = [...fed].filter((name) => !own.has(name));
  }

  /** @returns null where the model cannot be read on: it counts its tokens, or remembers them, in ways of its own */
  static async open(planned: PlannedGraph, give: Giver, request: Request): Promise<Onward | null> {
    const opened: ort.InferenceSession[] = [];
    try {
      const graph = sidesGraph(planned.model, planned.plan);
      if (!graph) return null;
      const sides = await createSession(graph, planned.weights);
      opened.push(sides);
      const made = await sides.run((await give(asIf(sides.inputNames), trial(untyped(TRIED)))).own);
      const past = Object.fromEntries(Object.entries(made).map(([name, one]) => [name, one as Tensor]));
      const session = await openGraph(planned, { ...pictured, ...request, past });
      opened.push(session.session);
      const onward = new Onward(session, sides, give, bytesOfPairs(past));
      if (await onward.agrees()) return onward;
    } catch {
      // What cannot be done costs a whole run, as without it.
    }
    for (const session of opened) await session.release().catch(() => {});
    return null;
  }

  /** Whether its masks and biases can be held all at once: some models have one a layer. */
  takes({ ids }: Text): boolean {
    return this.pair * ids.length ** 2 <= BUDGET;
  }

  /**
   * One pass, of which only what differs from the last text is run. `known`: so many tokens were not.
   * @param alone neither goes on from the last text, nor is gone on from
   */
  async run(asked: Asked, heads: Heads, alone = false): Promise<Pass> {
    const { ids, types } = asked.fed;
    const cell = cellFor(ids.length);
    const piece = PIECE - (PIECE % cell);
    const last = alone ? null : this.last;
    const known = last ? commonOf(last, asked.fed) : 0;
    const started = performance.now();
    const given = await this.given(asked);
    const sheet = await this.sheet(given);
    const first = known > 0 ? this.firstOf(last!.results, known, cell) : null;
    const pieces = first ? [first.told] : [];
    let past = first && first.past;
    for (let from = known; from < ids.length; from += piece) {
      const span = { from, to: Math.min(ids.length, from + piece), cell };
      const { told, past: next } = await this.read(sheet, past, span);
      pieces.push(told);
      past = next;
    }
    const pass = { ...given, results: this.together(pieces, past!) };
    const ms = performance.now() - started;
    const kept = new Set(Object.values(pass.results).map(({ data }) => data as Uint8Array));
    const bytes = [...kept].reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (!alone) this.last = bytes <= BUDGET ? { ids, types, results: pass.results } : null;
    return { attentions: attentionsOf(this.session, pass, heads), ms, known };
  }

  async release(): Promise<void> {
    await this.sides.release();
    await this.session.session.release();
  }

  /** All that the whole text is given as: masks, and what single heads are computed from, may ask for more than the graph. */
  private async given(asked: Asked): Promise<Given> {
    const { inputs, givenInputs } = this.session.rewritten;
    return this.give(asIf([...new Set([...inputs, ...this.sides.inputNames])], givenInputs), asked);
  }

  private async sheet(given: Given): Promise<Sheet> {
    return {
      feeds: ofSession(this.session.session, feedsOf(this.session, given)),
      sides: await this.sides.run(ofSession(this.sides, given.own)),
      lengths: given.lengths,
    };
  }

  /** @param past of all tokens before the span */
  private async read({ feeds, sides, lengths }: Sheet, past: Feeds | null, span: Span): Promise<Piece> {
    const { inputs, maskInputs, cellInput, pasts, outputs } = this.session.rewritten;
    const { from, to, cell } = span;
    const fed = { ...feeds, [cellInput!]: new ort.Tensor('int64', BigInt64Array.of(BigInt(cell)), [1]) };
    for (const name of inputs)
      if (PER_TOKEN.test(name)) fed[name] = part(feeds[name], feeds[name].dims.length - 1, from, to);
    for (const { allow } of maskInputs) fed[allow!] = pairsOf(feeds[allow!], span);
    for (const { side, input } of pasts!.sides) fed[input] = pairsOf(sides[side], span);
    for (const { input, output } of this.kept) {
      const data = past ? (past[output].data as Float32Array) : NOTHING;
      fed[input] = new ort.Tensor('float32', data, [data.length]);
    }
    const told = [...outputs.map(({ name }) => name), ...this.fed];
    const kept = this.kept.map(({ output }) => output);
    const results = await runSession(this.session, fed, [...told, ...kept], lengths);
    return { told: picked(results, told), past: picked(results, kept) };
  }

  /** A text's first tokens, whole cells of its picture. */
  private firstOf(results: Feeds, count: number, cell: number): Piece {
    const first = (name: string, axis: number, size = count) => [name, part(results[name], axis, 0, size)];
    const told = this.session.rewritten.outputs.map(({ what, name }) => {
      const last = results[name].dims.length - 1;
      return what === 'measures' ? first(name, last) : first(name, last - 1, count / cell);
    });
    const fed = this.fed.map((name) =>
      this.axes.has(name) ? first(name, this.axes.get(name)!) : [name, results[name]],
    );
    return {
      told: Object.fromEntries([...told, ...fed]),
      past: Object.fromEntries(this.kept.map(({ output, axis }) => first(output, axis))),
    };
  }

  /** The results of one run of all pieces. @param past of all tokens */
  private together(pieces: readonly Feeds[], past: Feeds): Feeds {
    const last = pieces.at(-1)!;
    const all = { ...last, ...past };
    for (const { what, name } of this.session.rewritten.outputs) {
      const [rows, columns] = [last[name].dims.length - 2, last[name].dims.length - 1];
      const own = pieces.map((told) => told[name]);
      all[name] =
        what === 'measures'
          ? joined(own, columns)
          : // Of the cells of later tokens earlier ones have none: nothing looks ahead.
            joined(
              own.map((cells) => resized(cells, columns, last[name].dims[columns])),
              rows,
            );
    }
    for (const [name, axis] of this.axes)
      all[name] = joined(
        pieces.map((told) => told[name]),
        axis,
      );
    // Keys from which single heads are computed are those that are kept.
    for (const { tensor, output } of this.kept) all[tensor] = past[output];
    return all;
  }

  /** Whether a short text read on from a shorter one, or piece by piece, gives what it gives read whole. */
  private async agrees(): Promise<boolean> {
    const { maskInputs } = this.session.rewritten;
    if (maskInputs.some(({ allow, open }) => allow === null || open !== null)) return false;
    const [first, rest] = [
      { from: 0, to: TRIED_BEFORE, cell: 1 },
      { from: TRIED_BEFORE, to: TRIED.length, cell: 1 },
    ];
    const sheet = await this.sheet(await this.given(trial(untyped(TRIED))));
    const shorter = await this.sheet(await this.given(trial(untyped(TRIED.slice(0, TRIED_BEFORE)))));
    const whole = await this.read(sheet, null, { ...first, to: TRIED.length });
    const before = await this.read(shorter, null, first);
    const after = await this.read(sheet, before.past, rest);
    for (const name of this.fed) {
      const [all, some, others] = [whole, before, after].map(({ told }) => told[name].dims);
      const differing = all.flatMap((dim, axis) =>
        dim === some[axis] && dim === others[axis] ? [] : [axis],
      );
      if (differing.length > 1) return false;
      if (differing.length === 1) this.axes.set(name, differing[0]);
    }
    const areSame = (some: Feeds, others: Feeds) =>
      Object.entries(some).every(([name, one]) => isSame(one, others[name]));
    const again = await this.read(sheet, null, first);
    return (
      areSame({ ...before.told, ...before.past }, { ...again.told, ...again.past }) &&
      areSame(this.together([whole.told], whole.past), this.together([before.told, after.told], after.past))
    );
  }
}

/** A whole text, as pieces of it are fed from: what the graph is given, and the masks and biases that are made of it. */
interface Sheet {
  readonly feeds: Feeds;
  readonly sides: Feeds;
  readonly lengths: Lengths;
}

/** Tokens [from, to) of a text, whose picture has cells of so many tokens. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly cell: number;
}

interface Piece {
  /** What is told of its tokens. */
  readonly told: Feeds;
  /** Keys and values of its tokens and of all before them. */
  readonly past: Feeds;
}

const NOTHING = new Float32Array();

const trial = (fed: Fed): Asked => ({ fed, mask: 'causal', experiment: unchanged, target: null });

const picked = (feeds: Feeds, names: readonly string[]): Feeds =>
  Object.fromEntries(names.map((name) => [name, feeds[name]]));

/** As a graph that asks for these inputs. */
const asIf = (inputs: readonly string[], givenInputs: Rewrite['givenInputs'] = []) => ({
  rewritten: { inputs, givenInputs },
});

/** Those of the feeds that a session takes. */
const ofSession = ({ inputNames }: ort.InferenceSession, feeds: Feeds): Feeds =>
  Object.fromEntries(Object.entries(feeds).filter(([name]) => inputNames.includes(name)));

/** How many tokens two texts begin with, as whole cells of the picture; at least one is to be read. */
export function commonOf(last: Text, { ids, types }: Text): number {
  const cell = cellFor(ids.length);
  if (cellFor(last.ids.length) !== cell) return 0;
  const most = Math.min(ids.length - 1, last.ids.length);
  let common = 0;
  while (common < most && ids[common] === last.ids[common] && types[common] === last.types[common]) common++;
  return common - (common % cell);
}

/** @param sides of the text that is tried */
function bytesOfPairs(sides: Readonly<Record<string, Tensor>>): number {
  const n = TRIED.length;
  const ofPairs = Object.values(sides).filter(({ dims }) => dims.slice(-2).every((dim) => dim === n));
  return ofPairs.reduce((sum, { data }) => sum + (data as Float32Array).byteLength, 0) / n ** 2;
}

/** Of [.., query, key], or of what is alike for all queries or keys: the rows of a span, as far as they look back. */
function pairsOf(pairs: ort.Tensor, { from, to }: Span): ort.Tensor {
  const { dims } = pairs;
  const [queries, keys] = [dims.length - 2, dims.length - 1];
  const rows = queries < 0 || dims[queries] === 1 ? pairs : part(pairs, queries, from, to);
  return keys < 0 || dims[keys] === 1 ? rows : part(rows, keys, 0, to);
}

function isSame(one: ort.Tensor, other: ort.Tensor): boolean {
  if (one.type !== other.type || one.dims.join() !== other.dims.join()) return false;
  const [a, b] = [one, other].map(({ data }) => data as Float32Array);
  // Of pictures, whose weights are bytes, the last digit may differ.
  if (one.type === 'uint8') return a.every((byte, i) => Math.abs(byte - b[i]) <= 1);
  return (
    one.type === 'float32' &&
    a.every((value, i) => Math.abs(value - b[i]) <= TOLERANCE * Math.max(1, Math.abs(value)))
  );
}
