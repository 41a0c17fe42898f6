/** Answers what the host asks. */
import type { Ask, Questions } from '../src/protocol';
import { send } from './host';
import { describe } from './failure';

/** One for each question: one without does not compile. */
export type Answers = {
  readonly [Q in keyof Questions]: (
    asked: Questions[Q]['asked'],
  ) => Questions[Q]['answer'] | Promise<Questions[Q]['answer']>;
};

/** A question that cannot be answered, with the sentence that says so. */
export class Refusal extends Error {}

/** The host always hears: the answer, or a sentence. Bytes that are answered are moved, not copied. */
export async function answer({ question, name, asked }: Ask, answers: Answers): Promise<void> {
  try {
    const ok = await (answers[name] as (asked: unknown) => unknown)(asked);
    const move = ok instanceof Uint8Array ? [ok.buffer as ArrayBuffer] : [];
    send({ type: 'answer', question, ok }, move);
  } catch (error) {
    const [sentence, detail] = error instanceof Refusal ? [error.message] : describe(error);
    if (detail) send({ type: 'log', level: 'error', line: `${name}: ${detail}` });
    send({ type: 'answer', question, refused: sentence });
  }
}
