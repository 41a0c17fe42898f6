/** What the model is given: the tokens or patches of the subject, and what the decoder of an encoder-decoder is given. */
import type { Fed, ImageReading, Reading, Target } from './engine/engine';
import type { Opened } from './launch';
import type { Wanted } from './wanted';
import { readingName } from './wanted';

/** Tokens take milliseconds; a pattern of a damaged tokenizer may take for ever. */
const READ_DEADLINE = 15_000;
/** The most tokens that a model writes by itself. */
const MOST_WRITTEN = 64;

/** Keeps the last of each, so that another mask or another attention reads nothing again. */
export class Reader {
  private reading: { readonly of: string; readonly reading: Reading | ImageReading } | null = null;
  private written: { readonly of: string; readonly target: Target } | null = null;

  constructor(private readonly progress: (stage: string) => void) {}

  async read({ engine }: Opened, wanted: Wanted): Promise<Reading | ImageReading> {
    const { subject, second } = wanted;
    const of = readingName(wanted);
    if (this.reading?.of === of) return this.reading.reading;
    const { image } = subject;
    this.progress(`Reading the ${image ? 'image' : 'text'}`);
    const options = { deadline: READ_DEADLINE, who: image ? 'The image' : "The model's tokenizer" };
    const reading = image
      ? await engine.call('see', [image.bytes], options)
      : await engine.call('read', [subject.text, second?.text ?? null], options);
    this.reading = { of, reading };
    return reading;
  }

  /**
   * What the decoder is given: read, or written by the model itself, token by token.
   * @param giveWay is awaited between two tokens
   */
  async target({ engine }: Opened, wanted: Wanted, fed: Fed, giveWay: () => Promise<void>): Promise<Target> {
    const { subject, second, target } = wanted;
    const of = `${readingName(wanted)} ${JSON.stringify(target)}`;
    if (this.written?.of === of) return this.written.target;
    const read = (text: string) =>
      engine.call('readTarget', [text], { deadline: READ_DEADLINE, who: "The model's tokenizer" });
    const copied = second ? `${subject.text} ${second.text}` : subject.text;
    const made =
      target.kind === 'generated'
        ? await this.generate(engine, fed, giveWay)
        : await read(target.kind === 'typed' ? target.text : copied);
    this.written = { of, target: made };
    return made;
  }

  /** Greedily: the likeliest token each time, until the model ends the text. */
  private async generate(engine: Opened['engine'], fed: Fed, giveWay: () => Promise<void>): Promise<Target> {
    const started = (await engine.call('written', [[]])).tokens.map(({ id }) => id);
    for (const written = [...started]; ;) {
      this.progress(`Writing: ${written.length - started.length} of at most ${MOST_WRITTEN} tokens`);
      const next =
        written.length - started.length >= MOST_WRITTEN ? null : await engine.call('next', [fed, written]);
      if (next === null) return engine.call('written', [written]);
      written.push(next);
      await giveWay();
    }
  }
}
