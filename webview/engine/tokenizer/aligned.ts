/**
 * A text on its way through a tokenizer, which remembers for everything in it where it came from. Normalisers and
 * pre-tokenizers are functions from such texts to such texts, so a token's place in the document can be read off at
 * the end, whatever happened on the way.
 */
import type { TextSpan } from '../../core/spans';

/** A character and the place, in the text before the change, of the character whose origin it takes. */
export type Placed = readonly [character: string, place: number];

/** A part of a text, in its own UTF-16 units, and whether a pattern matched it. */
export interface Part {
  readonly start: number;
  readonly end: number;
  readonly matched: boolean;
}

/** UTF-16 units that a text may grow to: far more than any normaliser makes of what a model can read. */
const MOST = 2 ** 20;

export class Aligned {
  private constructor(
    readonly text: string,
    /** For each UTF-16 unit of `text`, the range of the document it came from; empty for what was inserted. */
    private readonly starts: Int32Array,
    private readonly ends: Int32Array,
  ) {}

  /** A document as it is. Lone surrogates become U+FFFD, as in any UTF-8 text. */
  static of(text: string): Aligned {
    const starts = new Int32Array(text.length);
    const ends = new Int32Array(text.length);
    let units = 0;
    let whole = '';
    for (const character of text) {
      starts.fill(units, units, units + character.length);
      units += character.length;
      ends.fill(units, units - character.length, units);
      whole += /^\p{Cs}$/u.test(character) ? '\ufffd' : character;
    }
    return new Aligned(whole, starts, ends);
  }

  get length(): number {
    return this.text.length;
  }

  /** Where in the document the part comes from: from the start of its first character to the end of its last. */
  span(start = 0, end = this.length): TextSpan {
    if (start >= end) throw new RangeError('an empty part comes from nowhere');
    return { start: this.starts[start], end: Math.max(this.starts[start], this.ends[end - 1]) };
  }

  slice(start: number, end = this.length): Aligned {
    return new Aligned(
      this.text.slice(start, end),
      this.starts.subarray(start, end),
      this.ends.subarray(start, end),
    );
  }

  /** The text made anew of characters that take their origins from characters of this one. */
  replace(characters: Iterable<Placed>): Aligned {
    const text: string[] = [];
    const places: number[] = [];
    for (const [character, place] of characters) {
      text.push(character);
      if (places.length + character.length > MOST) throw new Error('it makes the text far too long');
      for (let unit = 0; unit < character.length; unit++) places.push(place);
    }
    return new Aligned(
      text.join(''),
      Int32Array.from(places, (place) => this.starts[place]),
      Int32Array.from(places, (place) => this.ends[place]),
    );
  }

  /** With something in front that comes from nowhere; nothing stays nothing. */
  prepend(prefix: string): Aligned {
    if (this.length === 0) return this;
    if (this.length + prefix.length > MOST) throw new Error('it makes the text far too long');
    const starts = new Int32Array(prefix.length + this.length).fill(this.starts[0]);
    const ends = starts.slice();
    starts.set(this.starts, prefix.length);
    ends.set(this.ends, prefix.length);
    return new Aligned(prefix + this.text, starts, ends);
  }

  /** Each character, a code point, with its place. */
  *characters(): Generator<Placed> {
    let place = 0;
    for (const character of this.text) {
      yield [character, place];
      place += character.length;
    }
  }

  /** Each character replaced by any number of them, which all come from where it came from. */
  map(change: (character: string) => string): Aligned {
    return this.replace(mapped(this.characters(), change));
  }
}

function* mapped(characters: Iterable<Placed>, change: (character: string) => string): Generator<Placed> {
  for (const [character, place] of characters) yield [change(character), place];
}
