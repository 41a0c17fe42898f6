/** Tokens that were added to a vocabulary, which are found in the text before anything else happens to it. */
import { Aligned } from './aligned';
import { isId } from './json';
import type { Normalizer } from './normalize';

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly single_word: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
  /** Never read from text: what somebody writes is text, `<s>` and all. */
  readonly special: boolean;
}

/** A piece of text, or an added token with the text that it stands for. */
interface Section {
  readonly text: Aligned;
  readonly token: AddedToken | null;
}

/** @throws Error where the list is not one */
export function readAddedTokens(list: unknown): AddedToken[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw new Error('its added_tokens are not a list');
  return list.map((token: Partial<AddedToken> | null) => {
    const { id, content, special = false } = token ?? {};
    if (typeof content !== 'string' || !isId(id)) throw new Error('an added token has no text or no number');
    return {
      id,
      content,
      special: special === true,
      single_word: token!.single_word ?? false,
      lstrip: token!.lstrip ?? false,
      rstrip: token!.rstrip ?? false,
      normalized: token!.normalized ?? !special,
    };
  });
}

/** Finds the longest of the leftmost, some in the text as it is and some as it is once normalised. */
export class AddedTokens {
  private readonly asWritten = new Finder();
  private readonly asNormalized = new Finder();

  constructor(
    tokens: readonly AddedToken[],
    private readonly normalize: Normalizer,
  ) {
    for (const token of tokens) {
      if (token.content === '') continue;
      if (token.normalized) this.asNormalized.add(normalize(Aligned.of(token.content)).text, token);
      else this.asWritten.add(token.content, token);
    }
  }

  /** The text normalised, but for the tokens found. */
  split(text: Aligned): Section[] {
    return this.asWritten
      .split(text)
      .flatMap((section) =>
        section.token ? [section] : this.asNormalized.split(this.normalize(section.text)),
      );
  }
}

class Finder {
  private readonly tokens = new Map<string, AddedToken>();
  /** How long the tokens are that begin with a UTF-16 unit, the longest first. */
  private readonly lengths = new Map<string, number[]>();

  add(content: string, token: AddedToken): void {
    if (content === '') return;
    this.tokens.set(content, token);
    const lengths = this.lengths.get(content[0]) ?? [];
    if (!lengths.includes(content.length)) lengths.push(content.length);
    this.lengths.set(
      content[0],
      lengths.sort((a, b) => b - a),
    );
  }

  split(text: Aligned): Section[] {
    const sections: Section[] = [];
    const push = (start: number, end: number, token: AddedToken | null) => {
      if (start < end) sections.push({ text: text.slice(start, end), token });
    };
    const whole = text.text;
    let last = 0; // the end of the section before
    let at = 0;
    while (this.tokens.size > 0 && at < whole.length) {
      const found = this.longest(whole, at);
      if (!found) {
        at++;
        continue;
      }
      const { token, length } = found;
      let [start, end] = [at, at + length];
      at = end;
      const { special, single_word, lstrip, rstrip } = token;
      if (
        special ||
        (single_word && (WORD_BEFORE.test(whole.slice(0, start)) || WORD.test(whole.slice(end))))
      )
        continue;
      while (lstrip && start > last && SPACE.test(whole[start - 1])) start--;
      while (rstrip && end < whole.length && SPACE.test(whole[end])) end++;
      start = Math.max(start, last);
      push(last, start, null);
      push(start, end, token);
      last = end;
    }
    push(last, whole.length, null);
    return sections;
  }

  private longest(text: string, start: number): { token: AddedToken; length: number } | null {
    for (const length of this.lengths.get(text[start]) ?? []) {
      const token = this.tokens.get(text.slice(start, start + length));
      if (token) return { token, length };
    }
    return null;
  }
}

const SPACE = /\p{White_Space}/u;
const WORD = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;
const WORD_BEFORE = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u;
