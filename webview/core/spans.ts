/** Where tokens lie in the text: from byte lengths to UTF-16 spans. */

/** A half-open range of UTF-16 units. Empty for tokens that stand for no text, such as `<s>`. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

/** UTF-8 bytes of the character that starts at `at`; a lone surrogate counts as U+FFFD, as TextEncoder has it. */
function bytesAt(text: string, at: number): number {
  const code = text.codePointAt(at)!;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/** UTF-16 units of the character that starts at `at`. */
function unitsAt(text: string, at: number): number {
  return text.codePointAt(at)! > 0xffff ? 2 : 1;
}

/**
 * Spans of consecutive tokens, given how many UTF-8 bytes of `text` each one covers.
 *
 * A byte-level tokenizer may cut inside a character. All tokens between two cuts that fall on character boundaries
 * then get the same span, so the distinct non-empty spans always tile the text they cover.
 *
 * @returns one span a token, and the number of UTF-16 units that the tokens cover in whole
 * @throws RangeError when the lengths add up to more bytes than the text has
 */
export function spansOfBytes(
  text: string,
  lengths: ArrayLike<number>,
): { spans: TextSpan[]; covered: number } {
  const spans: TextSpan[] = [];
  let unit = 0; // UTF-16 position of the current character
  let ahead = 0; // bytes of the current group that the tokens so far have not covered
  let start = 0; // UTF-16 start of the current group of tokens
  let first = 0; // index of the group's first token
  for (let token = 0; token < lengths.length; token++) {
    ahead -= lengths[token];
    while (ahead < 0) {
      if (unit >= text.length) throw new RangeError('the tokens cover more bytes than the text has');
      ahead += bytesAt(text, unit);
      unit += unitsAt(text, unit);
    }
    if (ahead > 0) continue; // the cut is inside a character: this token shares its span with the next
    for (; first <= token; first++) spans.push({ start: lengths[first] === 0 ? unit : start, end: unit });
    start = unit;
  }
  // A text cut off inside a character (it did not fit the context) leaves an open group: it covers what it touches.
  for (; first < lengths.length; first++) spans.push({ start, end: unit });
  return { spans, covered: unit };
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
