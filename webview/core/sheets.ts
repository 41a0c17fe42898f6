/**
 * How a look is drawn: as one or several sheets of weights, each in a tint of its own. Where sheets meet, the strongest
 * shows. One head is one sheet; an overlay has one a head; a difference has one for what the causal run gives more and
 * one for what it gives less.
 */
import type { Matrix } from './attention';
import { weightsOf } from './attention';
import type { Tint, Visibility } from './colour';
import { visibly } from './colour';
import type { Groups } from './groups';
import { grouped } from './groups';
import type { Seen } from './look';
import type { Part } from './part';
import { only, samePart } from './part';
import { seenBy, sourcesOf } from './look';
import type { Redraw } from './redraw';
import { redrawn } from './redraw';

/** A matrix of weights, all 0 or more. */
export interface Sheet extends Matrix {
  readonly tint: Tint;
}

/** Weaker than this, on the scale in use, nothing has a mark: what is hardly seen need not be told apart. */
export const FAINTEST_MARKED = 0.2;

/** What tells a tint where colour alone must not: a letter, or a sign. */
export function tintMark(tint: Tint): string {
  return typeof tint === 'number' ? 'ABCDE'[tint] : { heat: '', more: '+', less: '−' }[tint];
}

/** How tokens are brought together, down and across. */
export interface Grained {
  readonly queries: Groups;
  readonly keys: Groups;
}

interface Made extends Redraw {
  readonly grained: Grained | null;
  readonly part: Part | null;
  readonly sheets: readonly Sheet[];
}

const made = new WeakMap<Seen, Made>();

/**
 * The sheets of what is seen, of groups of tokens or, with null, of each; made once for each way of drawing it.
 *
 * @param part the rows and columns whose pairs weigh anything; null for all
 */
export function sheetsOf(
  seen: Seen,
  redraw: Redraw,
  grained: Grained | null = null,
  part: Part | null = null,
): readonly Sheet[] {
  const known = made.get(seen);
  const { sinkHidden, lengths } = redraw;
  const same = known?.sinkHidden === sinkHidden && known.lengths === lengths && known.grained === grained;
  if (known && same && samePart(known.part, part)) return known.sheets;
  const whole = makeSheets(seen, redraw, grained);
  const sheets = part ? whole.map((sheet) => only(sheet, part)) : whole;
  made.set(seen, { sinkHidden, lengths, grained, part, sheets });
  return sheets;
}

const grains = new WeakMap<Seen, { readonly grained: Grained; readonly seen: Seen }>();

/** What is seen, of groups of tokens; made once for each kind of group. */
export function grainedSeen(seen: Seen, grained: Grained | null): Seen {
  if (!grained) return seen;
  const known = grains.get(seen);
  if (known?.grained === grained) return known.seen;
  const made = seenBy(seen.look, inGroups(seen.parts, grained));
  grains.set(seen, { grained, seen: made });
  return made;
}

const inGroups = (parts: readonly Matrix[], { queries, keys }: Grained) =>
  parts.map((part) => grouped(part, queries, keys));

function makeSheets(seen: Seen, { sinkHidden, lengths }: Redraw, grained: Grained | null): readonly Sheet[] {
  const { look } = seen;
  // The two runs of a difference hand over different values.
  const redraw = { sinkHidden, lengths: look.kind === 'difference' ? null : lengths };
  const changes = redraw.sinkHidden || redraw.lengths !== null;
  const sources = sourcesOf(look, 'causal');
  const redrawnPart = (part: Matrix, i: number) => redrawn(part, redraw, sources[i].of);
  const whole = grainedSeen(changes ? seenBy(look, seen.parts.map(redrawnPart)) : seen, grained);
  if (look.kind === 'overlay') return whole.parts.map((part, tint) => ({ ...part, tint }));
  if (look.kind !== 'difference') return [{ ...whole, tint: 'heat' }];
  const arm = (sign: number) => {
    const weights = new Float32Array(whole.weights.length);
    for (let i = 0; i < weights.length; i++) weights[i] = Math.max(0, sign * whole.weights[i]);
    return weights;
  };
  return [
    { ...whole, tint: 'more', weights: arm(1) },
    { ...whole, tint: 'less', weights: arm(-1) },
  ];
}

/** One token's row as it is to be seen: the strongest sheet for each other token, and how strong it is. */
export interface Row {
  /** 0 to 1 on the scale in use; 0 for what is not to be seen. */
  readonly strengths: Float32Array;
  /** Index of the sheet that shows. */
  readonly sheet: Uint8Array;
}

/** The row of a token (or its column, reversed) on a drawing of these sheets. */
export function rowOf(
  sheets: readonly Sheet[],
  token: number,
  reversed: boolean,
  { scale, threshold }: Visibility,
): Row {
  const rows = sheets.map((sheet) => weightsOf(sheet, token, reversed));
  const strengths = new Float32Array(rows[0].length);
  const sheet = new Uint8Array(rows[0].length);
  for (let i = 0; i < strengths.length; i++) {
    for (let each = 1; each < rows.length; each++) if (rows[each][i] > rows[sheet[i]][i]) sheet[i] = each;
    strengths[i] = visibly(rows[sheet[i]][i], scale, threshold);
  }
  return { strengths, sheet };
}
