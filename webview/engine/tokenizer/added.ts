/** Tokens that were added to a vocabulary, which are found in the text before anything else happens to it. */
import { Aligned } from './aligned';
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
export interface Section {
  readonly text: Aligned;
  readonly token: AddedToken | null;
}

/** @throws Error where the list is not one */
export function readAddedTokens(list: unknown): AddedToken[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw new Error('its added_tokens are not a list');
  return list.map((token: Partial<AddedToken> | null) => {
    const { id, content, special = false } = token ?? {};
    if (typeof content !== 'string' || !Number.isSafeInteger(id) || id! < 0)
      throw new Error('an added token has no text or no number');
    return {
      id: id!,
      content,
      special,
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
  private readonly root: Node = new Map();

  add(content: string, token: AddedToken): void {
    if (content === '') return;
    let node = this.root;
    for (let unit = 0; unit < content.length; unit++) {
      const key = content[unit];
      let next = node.get(key);
      if (!next) node.set(key, (next = new Map()));
      node = next;
    }
    node.token = token;
  }

  split(text: Aligned): Section[] {
    const sections: Section[] = [];
    const push = (start: number, end: number, token: AddedToken | null) => {
      if (start < end) sections.push({ text: text.slice(start, end), token });
    };
    const whole = text.text;
    let last = 0; // the end of the section before
    let at = 0;
    while (this.root.size > 0 && at < whole.length) {
      const token = this.longest(whole, at);
      if (!token) {
        at++;
        continue;
      }
      let [start, end] = [at, at + token.length];
      at = end;
      const { special, single_word, lstrip, rstrip } = token.token;
      if (
        special ||
        (single_word && (WORD_BEFORE.test(whole.slice(0, start)) || WORD.test(whole.slice(end))))
      )
        continue;
      while (lstrip && start > last && SPACE.test(whole[start - 1])) start--;
      while (rstrip && end < whole.length && SPACE.test(whole[end])) end++;
      start = Math.max(start, last);
      push(last, start, null);
      push(start, end, token.token);
      last = end;
    }
    push(last, whole.length, null);
    return sections;
  }

  private longest(text: string, start: number): { token: AddedToken; length: number } | null {
    let found: { token: AddedToken; length: number } | null = null;
    let node: Node | undefined = this.root;
    for (let at = start; at < text.length && (node = node.get(text[at])); at++)
      if (node.token) found = { token: node.token, length: at + 1 - start };
    return found;
  }
}

type Node = Map<string, Node> & { token?: AddedToken };

const SPACE = /\p{White_Space}/u;
const WORD = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;
const WORD_BEFORE = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u;
