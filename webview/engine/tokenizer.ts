/** Text to ids with Hugging Face's tokenizer, and ids back to exact places in the text, which are ours. */
import { Tokenizer } from '@huggingface/tokenizers';
import { spansOfBytes } from '../core/spans';
import { EngineError } from './engine';
import type { Reading, Token } from './engine';

/** Characters read a token of context at first: most texts need 3 or 4, indented code up to 10. */
const GENEROUS = 16;

interface AddedToken {
  readonly content: string;
  readonly special: boolean;
}

/** Byte-level alphabets write each byte as one character (Radford et al. 2019, section 2.2): character -> byte. */
const byteOf = new Map<number, number>();
for (let byte = 0, next = 256; byte < 256; byte++) {
  const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  byteOf.set(printable ? byte : next++, byte);
}

export class TextReader {
  /** Knows the special tokens: asked for the template only. */
  private readonly template: Tokenizer;
  /** Does not: text is text, and a `<s>` that somebody wrote in it is three ordinary characters. */
  private readonly plain: Tokenizer;

  /** @throws EngineError when the files are not a tokenizer */
  constructor(tokenizerJson: string, configJson: string) {
    try {
      const config = JSON.parse(configJson);
      const tokenizer = JSON.parse(tokenizerJson);
      const added: AddedToken[] = tokenizer.added_tokens ?? [];
      this.template = new Tokenizer(tokenizer, config);
      this.plain = new Tokenizer(
        { ...tokenizer, added_tokens: added.filter((token) => !token.special) },
        config,
      );
    } catch (error) {
      throw new EngineError(`The model's tokenizer cannot be read: ${(error as Error).message}`);
    }
  }

  /** The tokens of `text`, special ones included, at most `context` of them. */
  read(text: string, context: number): Reading {
    const frame = this.template.encode('');
    const around = frame.ids.map((id, i): Token => ({
      id,
      span: { start: 0, end: 0 },
      text: frame.tokens[i],
      special: true,
    }));
    // Templates put their tokens before the text, but for a closing one such as [SEP].
    const before = around.length > 1 ? around.slice(0, -1) : around;
    const after = around.slice(before.length);
    const room = context - around.length;

    let length = Math.min(text.length, GENEROUS * context);
    let encoding = this.plain.encode(text.slice(0, length), { add_special_tokens: false });
    while (encoding.ids.length <= room && length < text.length) {
      length = Math.min(text.length, length * 2);
      encoding = this.plain.encode(text.slice(0, length), { add_special_tokens: false });
    }
    const names = encoding.tokens.slice(0, room);
    checkBytes(names, text);
    const { spans, covered } = spansOfBytes(
      text,
      names.map((name) => name.length),
    );
    const read = spans.map((span, i): Token => ({
      id: encoding.ids[i],
      span,
      text: text.slice(span.start, span.end),
      special: false,
    }));
    const closing = after.map((token): Token => ({ ...token, span: { start: covered, end: covered } }));
    return { tokens: [...before, ...read, ...closing], covered };
  }
}

/** Spans are counted in bytes, so the tokens must be the text's own bytes: no normaliser, no unknown token. */
function checkBytes(names: readonly string[], text: string): void {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  for (const name of names)
    for (let i = 0; i < name.length; i++)
      if (byteOf.get(name.charCodeAt(i)) !== bytes[at++])
        throw new EngineError(
          'The tokenizer changes the text it reads, so its tokens cannot be placed in the document.',
        );
}
