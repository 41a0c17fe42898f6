/** Patterns of a tokenizer.json, and what a text falls into where one matches. */
import { SplitPreTokenizer } from '@huggingface/tokenizers';
import type { Part } from './aligned';

/** All parts of a text in order, matched and not. */
export type Pattern = (text: string) => Part[];

export type PatternConfig = { readonly String?: unknown; readonly Regex?: unknown };

/**
 * The library translates regular expressions, which tokenizer.json writes for Oniguruma.
 *
 * @throws Error where the expression has no translation
 */
export function patternOf({ String: literal, Regex: regex }: PatternConfig): Pattern {
  if (typeof literal === 'string') return literally(literal);
  if (typeof regex !== 'string') throw new Error('a pattern is neither a string nor a regular expression');
  const { pattern } = new SplitPreTokenizer({
    type: 'Split',
    pattern: { Regex: regex },
    behavior: 'Isolated',
    invert: true,
  });
  return matching(pattern!);
}

export const matching =
  (expression: RegExp): Pattern =>
  (text) => {
    const found: [number, number][] = [];
    for (const { 0: match, index } of text.matchAll(expression)) found.push([index, index + match.length]);
    return parts(text, found);
  };

function literally(literal: string): Pattern {
  return (text) => {
    const found: [number, number][] = [];
    if (literal.length > 0)
      for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + literal.length))
        found.push([at, at + literal.length]);
    return parts(text, found);
  };
}

export const inverted =
  (pattern: Pattern): Pattern =>
  (text) =>
    pattern(text).map((part) => ({ ...part, matched: !part.matched }));

function parts(text: string, found: readonly (readonly [number, number])[]): Part[] {
  const all: Part[] = [];
  let last = 0;
  for (const [start, end] of found) {
    if (last < start) all.push({ start: last, end: start, matched: false });
    all.push({ start, end, matched: true });
    last = end;
  }
  if (last < text.length) all.push({ start: last, end: text.length, matched: false });
  return all;
}
