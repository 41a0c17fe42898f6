/**
 * How a look is drawn: as one or several sheets of weights, each in a tint of its own. Where sheets meet, the strongest
 * shows. One head is one sheet; an overlay has one a head; a difference has one for what the causal run gives more and
 * one for what it gives less.
 */
import type { Matrix } from './attention';
import { weightsOf } from './attention';
import type { Tint, Visibility } from './colour';
import { visibly } from './colour';
import type { Seen } from './look';
import { seenBy } from './look';

/** A matrix of weights, all 0 or more. */
export interface Sheet extends Matrix {
  readonly tint: Tint;
}

/** What tells a tint where colour alone must not: a letter, or a sign. */
export function tintMark(tint: Tint): string {
  return typeof tint === 'number' ? 'ABCDE'[tint] : { heat: '', more: '+', less: '−' }[tint];
}

const made = new WeakMap<Seen, Map<boolean, readonly Sheet[]>>();

/** The sheets of what is seen, made once. */
export function sheetsOf(seen: Seen, sinkHidden: boolean): readonly Sheet[] {
  let known = made.get(seen);
  if (!known) made.set(seen, (known = new Map()));
  let sheets = known.get(sinkHidden);
  if (!sheets) known.set(sinkHidden, (sheets = makeSheets(seen, sinkHidden)));
  return sheets;
}

function makeSheets(seen: Seen, sinkHidden: boolean): readonly Sheet[] {
  const { look } = seen;
  const parts = sinkHidden ? seen.parts.map(withoutSink) : seen.parts;
  if (look.kind === 'overlay') return parts.map((part, tint) => ({ ...part, tint }));
  const whole = sinkHidden ? seenBy(look, parts) : seen;
  if (look.kind !== 'difference') return [{ ...whole, tint: 'heat' }];
  const arm = (sign: number) => whole.weights.map((value) => Math.max(0, sign * value));
  return [
    { ...whole, tint: 'more', weights: arm(1) },
    { ...whole, tint: 'less', weights: arm(-1) },
  ];
}

/** The matrix without its first key, the rest of each row rescaled to the row's sum; a row of nothing else is empty. */
export function withoutSink({ queries, keys, weights }: Matrix): Matrix {
  const rest = new Float32Array(weights.length);
  for (let query = 0, at = 0; query < queries; query++, at += keys) {
    let others = 0;
    for (let key = 1; key < keys; key++) others += weights[at + key];
    const factor = others > 0 ? (others + weights[at]) / others : 0;
    for (let key = 1; key < keys; key++) rest[at + key] = Math.min(1, weights[at + key] * factor);
  }
  return { queries, keys, weights: rest };
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
