/** Reads on from the text that was read last: under a causal mask, what stands before a change stays as it was. */
import * as ort from 'onnxruntime-web/wasm';
import { cellFor } from '../core/attention';
import type { PastTensor, Request, Rewrite, Tensor } from '../onnx/index';
import { sidesGraph } from '../onnx/index';
import { joined, part, resized } from './blocks';
import { unchanged, untyped } from './engine';
import type { Fed } from './engine';
import type { Feeds, Pass, PlannedGraph, Session } from './graph';
import { attentionsOf, createSession, openGraph, pictured, runSession } from './graph';
import type { Heads } from './heads';
import type { Asked, Given, Giver } from './pass';
import { feedsOf } from './pass';

/** Bytes that are kept of the text that was read last, at most. */
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

/** Inputs of one element a token that is read; others are of the whole text. */
const PER_TOKEN = /^(input_ids|attention_mask|position_ids|token_type_ids|segment_ids|cache_position)$/;

export type Text = Pick<Fed, 'ids' | 'types'>;

/** As it was read. */
interface Read extends Text {
  readonly results: Feeds;
}

export class Onward {
  private last: Read | null = null;
  /** So many tokens leave more than is kept. */
  private most = Infinity;
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
      const onward = new Onward(session, sides, give);
      if (await onward.agrees()) return onward;
    } catch {
      // What cannot be done costs a whole run, as without it.
    }
    for (const session of opened) await session.release();
    return null;
  }

  /** Whether anything of a text could be kept for the next. */
  takes({ ids }: Text): boolean {
    return ids.length < this.most;
  }

  /** One pass, of which only what differs from the last text is run. `known`: so many tokens were not. */
  async run(asked: Asked, heads: Heads): Promise<Pass> {
    const { ids, types } = asked.fed;
    const cell = cellFor(ids.length);
    const piece = PIECE - (PIECE % cell);
    const known = this.last ? commonOf(this.last, asked.fed) : 0;
    let results = known > 0 ? this.last!.results : null;
    const started = performance.now();
    for (let from = known; from < ids.length; from += piece) {
      const to = Math.min(ids.length, from + piece);
      const given = await this.given({ ...asked, fed: firstOf(asked.fed, to) });
      const read = await this.read(given, results, from, cell);
      results = results ? this.together(results, read, from, cell) : read;
    }
    const ms = performance.now() - started;
    const pass = { ...(await this.given(asked)), results: results! };
    const kept = new Set(Object.values(pass.results).map(({ data }) => data as Uint8Array));
    const bytes = [...kept].reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (bytes > BUDGET) this.most = Math.min(this.most, ids.length);
    this.last = bytes > BUDGET ? null : { ids, types, results: pass.results };
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

  /** What is told of the tokens that are read: of all but the first, which are `known`, as `before` tells. */
  private async read(given: Given, before: Feeds | null, known: number, cell: number): Promise<Feeds> {
    const { inputs, maskInputs, cellInput, pasts } = this.session.rewritten;
    const n = given.lengths.source;
    const feeds = ofSession(this.session.session, feedsOf(this.session, given));
    feeds[cellInput!] = new ort.Tensor('int64', BigInt64Array.of(BigInt(cell)), [1]);
    for (const name of inputs)
      if (PER_TOKEN.test(name)) feeds[name] = part(feeds[name], feeds[name].dims.length - 1, known, n);
    for (const { allow } of maskInputs) feeds[allow!] = part(feeds[allow!], 0, known, n);
    const made = await this.sides.run(ofSession(this.sides, given.own));
    for (const { side, input } of pasts!.sides) feeds[input] = rowsOf(made[side], known);
    for (const { input, output, axis } of this.kept) {
      const { data } = before ? part(before[output], axis, 0, known) : { data: NOTHING };
      feeds[input] = new ort.Tensor('float32', data as Float32Array, [data.length]);
    }
    const shown = this.session.rewritten.outputs.map(({ name }) => name);
    const names = [...shown, ...this.fed, ...this.kept.map(({ output }) => output)];
    const results = await runSession(this.session, feeds, names, given.lengths);
    // Keys from which single heads are computed are those that are kept.
    return {
      ...results,
      ...Object.fromEntries(this.kept.map(({ tensor, output }) => [tensor, results[output]])),
    };
  }

  /** The results of a whole run, from those of a text that is the same up to `known` and those read after. */
  private together(before: Feeds, after: Feeds, known: number, cell: number): Feeds {
    const all = { ...after };
    for (const { what, name } of this.session.rewritten.outputs) {
      const [rows, columns] = [after[name].dims.length - 2, after[name].dims.length - 1];
      if (what === 'measures')
        all[name] = joined(part(before[name], columns, 0, known), after[name], columns);
      else {
        // Of the cells of later tokens they have none: nothing looks ahead.
        const upper = resized(part(before[name], rows, 0, known / cell), columns, after[name].dims[columns]);
        all[name] = joined(upper, after[name], rows);
      }
    }
    for (const [name, axis] of this.axes)
      all[name] = joined(part(before[name], axis, 0, known), after[name], axis);
    return all;
  }

  /** Whether a short text read on from a shorter one gives what it gives read whole. */
  private async agrees(): Promise<boolean> {
    const { maskInputs } = this.session.rewritten;
    if (maskInputs.some(({ allow, open }) => allow === null || open !== null)) return false;
    const [fed, shorter] = [untyped(TRIED), untyped(TRIED.slice(0, TRIED_BEFORE))];
    const given = await this.given(trial(fed));
    const whole = await this.read(given, null, 0, 1);
    const before = await this.read(await this.given(trial(shorter)), null, 0, 1);
    const after = await this.read(given, before, TRIED_BEFORE, 1);
    for (const name of this.fed) {
      const differing = whole[name].dims.flatMap((dim, axis) =>
        dim === before[name].dims[axis] && dim === after[name].dims[axis] ? [] : [axis],
      );
      if (differing.length > 1) return false;
      if (differing.length === 1) this.axes.set(name, differing[0]);
    }
    const together = this.together(before, after, TRIED_BEFORE, 1);
    return Object.entries(whole).every(([name, one]) => isSame(one, together[name]));
  }
}

const NOTHING = new Float32Array();

const trial = (fed: Fed): Asked => ({ fed, mask: 'causal', experiment: unchanged, target: null });

const firstOf = ({ ids, types, pixels }: Fed, count: number): Fed => ({
  pixels,
  ids: ids.slice(0, count),
  types: types.slice(0, count),
});

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

/** Those of tokens from `known` on, where there is one a token. */
function rowsOf(side: ort.Tensor, known: number): ort.Tensor {
  const axis = side.dims.length - 2;
  return axis < 0 || side.dims[axis] === 1 ? side : part(side, axis, known, side.dims[axis]);
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
