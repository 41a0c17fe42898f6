/**
 * How far a shown text reaches in its document: cut at a limit, carried along through edits, clamped after a
 * reload. Pure; offsets are UTF-16 units.
 */
import type { Span } from './protocol';

/** What of a document is read: one text, or two as a pair. */
export type Spans = readonly [Span] | readonly [Span, Span];

/** One replacement in a document, as `TextDocumentContentChangeEvent` tells it. */
export interface Change {
  readonly rangeOffset: number;
  readonly rangeLength: number;
  readonly text: string;
}

/** The largest length up to `limit` at which `text` can be cut: not inside a surrogate pair or a CRLF. */
export function cutLength(text: string, limit: number): number {
  if (text.length <= limit) return text.length;
  const pair = text.slice(Math.max(limit - 1, 0), limit + 1);
  return /^(?:[\uD800-\uDBFF][\uDC00-\uDFFF]|\r\n)$/.test(pair) ? limit - 1 : limit;
}

/**
 * Where a span lies after an edit. Text typed at either edge stays outside, as it was not asked for; an edit that
 * replaces all of the span, or reaches over an edge, keeps what is left of it together with what replaced it.
 */
export function carried([start, end]: Span, { rangeOffset, rangeLength, text }: Change): Span {
  const changeEnd = rangeOffset + rangeLength;
  const growth = text.length - rangeLength;
  if (changeEnd <= start) return [start + growth, end + growth];
  if (rangeOffset >= end) return [start, end];
  return [Math.min(start, rangeOffset), Math.max(end, changeEnd) + growth];
}

/** The part of a span that a document of `length` units still has. */
export function clamped([start, end]: Span, length: number): Span {
  const from = Math.min(Math.max(0, start), length);
  return [from, Math.min(Math.max(from, end), length)];
}

/** Two texts in the order of the document; what runs into each other, or is empty, is one. */
export function apart(spans: readonly Span[]): Spans {
  const [first, second] = [...spans].sort(([a], [b]) => a - b);
  if (!second) return [first];
  const [both, hull] = [[first, second] as const, [first[0], Math.max(first[1], second[1])] as const];
  return both.some(([start, end]) => start === end) || second[0] < first[1] ? [hull] : both;
}
