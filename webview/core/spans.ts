/** Where tokens lie in the text. */

/** A half-open range of UTF-16 units. Empty for tokens that stand for no text, such as `<s>`. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

/**
 * Spans as a tokenizer gives them, in order, made to lie side by side: tokens that share a character, which byte-level
 * tokenizers cut and normalisers multiply, all get the whole of what they cover together. Empty ones stay.
 */
export function sideBySide(spans: readonly TextSpan[]): TextSpan[] {
  const groups: { start: number; end: number }[] = [];
  const result = spans.map((span) => {
    if (span.start === span.end) return span;
    const last = groups.at(-1);
    if (last && span.start < last.end) {
      last.start = Math.min(last.start, span.start);
      last.end = Math.max(last.end, span.end);
      return last;
    }
    const group = { ...span };
    groups.push(group);
    return group;
  });
  return result.map(({ start, end }) => ({ start, end }));
}

/** Index of the token whose span holds `offset`; the last one for the text's very end; -1 for none. */
export function tokenAt(spans: readonly TextSpan[], offset: number): number {
  let low = 0;
  let high = spans.length - 1;
  let best = -1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (spans[middle].start <= offset) low = middle + 1;
    else high = middle - 1;
  }
  // `high` is the last token that starts at or before the offset; empty spans may stand between it and the one that holds it.
  for (let i = high; i >= 0; i--) {
    if (spans[i].end === spans[i].start) continue;
    if (offset < spans[i].end) best = i;
    else if (offset === spans[i].end && isLast(spans, i)) best = i;
    break;
  }
  // Of several tokens that share a character, the first speaks for it.
  while (best > 0 && spans[best - 1].start === spans[best].start && spans[best - 1].end === spans[best].end)
    best--;
  return best;
}

function isLast(spans: readonly TextSpan[], index: number): boolean {
  for (let i = index + 1; i < spans.length; i++) if (spans[i].end > spans[i].start) return false;
  return true;
}
