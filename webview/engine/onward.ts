/** Reads on from the text that was read last: under a causal mask, what stands before a change stays as it was. */
import * as ort from 'onnxruntime-web/wasm';
import { cellFor, maskCells } from '../core/attention';
import type { Request, Rewrite, Tensor } from '../onnx/index';
import { sidesGraph } from '../onnx/index';
import { joined, part, resized } from './blocks';
import { unchanged, untyped } from './engine';
import type { Fed } from './engine';
import { cells } from './feeds';
import type { Feeds, Pass, PlannedGraph, Session } from './graph';
import { attentionsOf, createSession, openGraph, pictured, pictureNames, runSession } from './graph';
import type { Heads } from './heads';
import type { Asked, Given, Giver } from './pass';
import { feedsOf } from './pass';

/** Bytes that are kept of the text that was read last, at most. */
const BUDGET = 100e6;
/** A graph is tried on these, read whole and read on from some of them; every vocabulary has them. */
const TRIED = [1, 2, 3, 4, 3, 1, 4, 2];
const TRIED_BEFORE = 5;
/** What it gives must be what the whole run gives, as far as this, of 1 or of the number itself. */
const TOLERANCE = 1e-4;

/** Inputs of one element a token that is read; others are of the whole text. */
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

  private constructor(
    private readonly session: Session,
    /** Makes masks and biases. */
    private readonly sides: ort.InferenceSession,
    private readonly give: Giver,
  ) {}

  /** @returns null where the model cannot be read on: it counts its tokens, or remembers them, in ways of its own */
  static async open(planned: PlannedGraph, give: Giver, request: Request): Promise<Onward | null> {
    const graph = sidesGraph(planned.model, planned.plan);
    if (!graph) return null;
    const opened: ort.InferenceSession[] = [];
    try {
      const sides = await createSession(graph, planned.weights);
      opened.push(sides);
      const made = await sides.run((await give(asIf(sides.inputNames), asked(untyped(TRIED)))).own);
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

  /** One pass, of which only what differs from the last text is run. `known`: so many tokens were not. */
  async run(asked: Asked, heads: Heads): Promise<Pass> {
    const { ids, types } = asked.fed;
    const given = await this.given(asked);
    const known = this.last ? commonOf(this.last, asked.fed) : 0;
    const started = performance.now();
    const read = await this.read(given, known);
    const results = known > 0 ? this.together(this.last!.results, read, ids.length, known) : read;
    const ms = performance.now() - started;
    const bytes = Object.values(results).reduce((sum, { data }) => sum + (data as Uint8Array).byteLength, 0);
    this.last = bytes > BUDGET ? null : { ids, types, results };
    return { attentions: attentionsOf(this.session, { ...given, results }, heads), ms, known };
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

  /** What is told of the tokens that are read: of all but those that are `known`. */
  private async read(given: Given, known: number): Promise<Feeds> {
    const { inputs, maskInputs, pasts } = this.session.rewritten;
    const n = given.lengths.source;
    const isAlien = (name: string) => this.sides.inputNames.includes(name) && !inputs.includes(name);
    const feeds = without(feedsOf(this.session, given), isAlien);
    for (const name of inputs)
      if (PER_TOKEN.test(name)) feeds[name] = part(feeds[name], feeds[name].dims.length - 1, known, n);
    for (const { allow } of maskInputs)
      feeds[allow!] = cells(maskCells('causal', n).subarray(known * n), n - known, n);
    const made = await this.sides.run(without(given.own, (name) => !this.sides.inputNames.includes(name)));
    for (const { side, input } of pasts!.sides) feeds[input] = rowsOf(made[side], known);
    const both = pasts!.sites.flatMap(({ keys, values }) => [keys, values]);
    for (const { input, output, axis } of both) {
      const { data } = known > 0 ? part(this.last!.results[output], axis, 0, known) : { data: NOTHING };
      feeds[input] = new ort.Tensor('float32', data as Float32Array, [data.length]);
    }
    const names = [...pictureNames(this.session), ...both.map(({ output }) => output)];
    return runSession(this.session, feeds, names, given.lengths);
  }

  /** The results of a whole run, from those of a text that is the same up to `known` and those read after. */
  private together(before: Feeds, after: Feeds, n: number, known: number): Feeds {
    const all = { ...after };
    const cell = cellFor(n);
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

  /** Whether a short text read on gives what it gives read whole. */
  private async agrees(): Promise<boolean> {
    const { outputs, maskInputs } = this.session.rewritten;
    const isSmall = outputs.every(({ what }) => what === 'thumbnails' || what === 'measures');
    if (!isSmall || maskInputs.some(({ allow, open }) => allow === null || open !== null)) return false;
    const fed = untyped(TRIED);
    const given = await this.given(asked(fed));
    const results = await this.read(given, 0);
    this.last = { ...fed, results };
    const after = await this.read(given, TRIED_BEFORE);
    this.last = null;
    for (const name of new Set(this.session.planned.plan.sites.flatMap(({ path }) => path.fed))) {
      const [whole, part] = [results[name].dims, after[name].dims];
      const differing = whole.flatMap((dim, axis) => (dim === part[axis] ? [] : [axis]));
      if (differing.length > 1) return false;
      if (differing.length === 1) this.axes.set(name, differing[0]);
    }
    const together = this.together(results, after, TRIED.length, TRIED_BEFORE);
    return Object.entries(results).every(([name, one]) => isSame(one, together[name]));
  }
}

const NOTHING = new Float32Array();

const asked = (fed: Fed): Asked => ({ fed, mask: 'causal', experiment: unchanged, target: null });

/** As a graph that asks for these inputs. */
const asIf = (inputs: readonly string[], givenInputs: Rewrite['givenInputs'] = []) => ({
  rewritten: { inputs, givenInputs },
});

const without = (feeds: Feeds, isLeft: (name: string) => boolean): Feeds =>
  Object.fromEntries(Object.entries(feeds).filter(([name]) => !isLeft(name)));

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
  return side.dims[axis] === 1 ? side : part(side, axis, known, side.dims[axis]);
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
