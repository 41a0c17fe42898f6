/** Text to tokens with exact places. The steps of a tokenizer.json are in tokenizer/, one file each. */
import { sideBySide } from '../core/spans';
import { EngineError } from './engine';
import type { Reading, Token } from './engine';
import type { AddedToken } from './tokenizer/added';
import { AddedTokens, readAddedTokens } from './tokenizer/added';
import { Aligned } from './tokenizer/aligned';
import type { Config } from './tokenizer/json';
import { normalizerOf } from './tokenizer/normalize';
import type { PreTokenizer } from './tokenizer/pretokenize';
import { preTokenizerOf } from './tokenizer/pretokenize';
import type { Subwords } from './tokenizer/subwords';
import { subwordsOf } from './tokenizer/subwords';
import type { Slot, Template, TextToken } from './tokenizer/template';
import { templateOf } from './tokenizer/template';

/** Characters read a token of context at first: most texts need 3 or 4, indented code up to 10. */
const GENEROUS = 16;

/** A text that is cut is tokenised so much further, in UTF-16 units, that the cut changes no token that is kept. */
const MARGIN = 256;

/** The largest tokenizers in use have 35 million characters. */
const MOST_JSON = 100e6;

export class TextReader {
  private readonly added: AddedTokens;
  private readonly preTokenize: PreTokenizer;
  private readonly subwords: Subwords;
  private readonly template: Template;

  /**
   * @param json the text of a tokenizer.json
   * @throws EngineError when it is not a tokenizer that can be read
   */
  constructor(json: string) {
    try {
      if (json.length > MOST_JSON) throw new Error(`it is longer than ${MOST_JSON / 1e6} million characters`);
      const file = JSON.parse(json) as Record<string, Config | null>;
      const tokens: AddedToken[] = readAddedTokens(file.added_tokens);
      this.added = new AddedTokens(tokens, normalizerOf(file.normalizer));
      this.preTokenize = preTokenizerOf(file.pre_tokenizer);
      this.subwords = subwordsOf(file.model, tokens);
      this.template = templateOf(file.post_processor);
    } catch (error) {
      throw unreadable(error);
    }
  }

  /**
   * The tokens of `text`, special ones included, at most `context` of them.
   *
   * @param second to be read with it, as sentence B with sentence A; the longer one is cut first
   */
  read(text: string, context: number, second: string | null = null): Reading {
    const slots = second === null ? this.template.single : this.template.pair;
    const texts = second === null ? [text] : [text, second];
    const room = context - slots.filter((slot) => 'id' in slot).length;
    if (room < texts.length)
      throw new EngineError('The model reads too few tokens at once to read any text.');
    try {
      const found = texts.map((one) => this.tokens(one, room));
      const kept = share(found, room);
      return this.assemble(texts, slots, kept);
    } catch (error) {
      throw error instanceof EngineError ? error : unreadable(error);
    }
  }

  /** The tokens of a text, at least `room` of them where there are so many. */
  private tokens(text: string, room: number): Found {
    const { length: end } = text;
    for (let length = GENEROUS * (room + MARGIN); ; length *= 2) {
      const stop = boundary(text, Math.min(end, length));
      const tokens = this.template.trim(this.encode(Aligned.of(text.slice(0, stop))));
      if (stop >= end) return { tokens, end };
      if (tokens.length > room && tokens[room].end + MARGIN <= stop) return { tokens, end };
    }
  }

  private encode(text: Aligned): TextToken[] {
    return this.added.split(text).flatMap((section): TextToken[] => {
      if (section.token) return [{ id: section.token.id, name: section.text.text, ...section.text.span() }];
      return this.preTokenize(section.text).flatMap((piece) => {
        if (piece.length === 0) return [];
        return this.subwords(piece.text).map(({ id, name, start, end }) => ({
          id,
          name,
          ...piece.span(start, end),
        }));
      });
    });
  }

  private assemble(texts: readonly string[], slots: readonly Slot[], kept: readonly Kept[]): Reading {
    const tokens: Token[] = [];
    let at = 0; // where a special token stands, in the text that was last
    for (const slot of slots) {
      if ('id' in slot) {
        const { id, name, type } = slot;
        tokens.push({ id, span: { start: at, end: at }, text: name, special: true, type, segment: null });
        continue;
      }
      const segment = slot.text;
      const { type } = slot;
      const spans = sideBySide(kept[segment].tokens);
      kept[segment].tokens.forEach(({ id, name }, i) => {
        const span = spans[i];
        // A token of nothing but what the tokenizer put in stands for no text.
        const special = span.start === span.end;
        const shown = special ? name : texts[segment].slice(span.start, span.end);
        tokens.push({ id, span, text: shown, special, type, segment });
      });
      at = kept[segment].covered;
    }
    return { tokens, covered: kept[0].covered, secondCovered: kept[1]?.covered ?? 0 };
  }
}

interface Found {
  readonly tokens: readonly TextToken[];
  readonly end: number;
}

interface Kept {
  readonly tokens: readonly TextToken[];
  /** Where the last of them ends, or the text where all were kept. */
  readonly covered: number;
}

/** The room shared out: of two texts the longer one loses its end first. */
function share(found: readonly Found[], room: number): Kept[] {
  const counts = found.map(({ tokens }) => tokens.length);
  if (counts.length === 1) counts[0] = Math.min(counts[0], room);
  else if (counts[0] + counts[1] > room) {
    const half = room >> 1;
    if (counts[0] <= half) counts[1] = room - counts[0];
    else if (counts[1] <= room - half) counts[0] = room - counts[1];
    else [counts[0], counts[1]] = [half, room - half];
  }
  return found.map(({ tokens, end }, i) => {
    const kept = tokens.slice(0, counts[i]);
    const covered = kept.length === tokens.length ? end : (kept.at(-1)?.end ?? end);
    return { tokens: kept, covered };
  });
}

/** Not inside a surrogate pair. */
function boundary(text: string, at: number): number {
  return at < text.length && /[\ud800-\udbff]/.test(text[at - 1]) ? at - 1 : at;
}

/** Our own errors and the library's say what is wrong; the language's say where its patience ended. */
function unreadable(error: unknown): EngineError {
  const { name, message } = error as Error;
  const reason =
    name === 'Error'
      ? message
      : name === 'SyntaxError'
        ? 'it is no JSON, or one of its patterns is none'
        : name === 'RangeError'
          ? 'its parts are nested too deeply or too long'
          : 'it is damaged';
  return new EngineError(`The model's tokenizer cannot be read: ${reason.slice(0, 120)}.`);
}
