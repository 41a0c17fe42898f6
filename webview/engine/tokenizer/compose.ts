/** Unicode's normalisation forms (UAX 15) with the origin of every character kept. */
import type { Aligned, Placed } from './aligned';

export type Form = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

/**
 * A character that may change with the one before it: a mark, or a medial or final Hangul letter. Everything that
 * happens in normalisation happens between one that may not and the next.
 */
const JOINS = /^[\p{M}\u1160-\u11ff\ud7b0-\ud7fb]/u;

/** A decomposed character, and by how many characters it changes the count: 1 was added, 0 replaced one. */
interface Decomposed {
  readonly character: string;
  readonly change: number;
}

/**
 * What is composed comes from the first of its parts; what a character falls into comes from it; what is put in
 * another order comes from the place it takes. That is how Hugging Face's own tokenizers count.
 */
export function normalised(source: Aligned, form: Form): Aligned {
  if (source.text.normalize(form) === source.text) return source;
  const places = [...source.characters()];
  const changes: Placed[] = [];
  const decomposing = form.includes('K') ? 'NFKD' : 'NFD';
  let from = 0;
  for (let to = 1; to <= places.length; to++) {
    if (to < places.length && JOINS.test(places[to][0].normalize(decomposing))) continue;
    const segment = places.slice(from, to);
    changes.push(...withPlaces(compose(segment, form, decomposing), segment));
    from = to;
  }
  const result = source.replace(changes);
  if (result.text !== source.text.normalize(form)) throw new Error(`${form} joined what it should not`);
  return result;
}

function compose(segment: readonly Placed[], form: Form, decomposing: 'NFKD' | 'NFD'): Decomposed[] {
  const loose: Decomposed[] = [];
  let text = '';
  for (const [character] of segment) {
    text += character;
    let change = 0;
    for (const part of character.normalize(decomposing)) {
      loose.push({ character: part, change });
      change = 1;
    }
  }
  // Marks may have changed places among themselves; equal ones keep their order.
  const take = (character: string): number => {
    const at = loose.findIndex((one) => one.character === character);
    if (at < 0) throw new Error(`${form} made a character of nothing`);
    return loose.splice(at, 1)[0].change;
  };
  return Array.from(text.normalize(form), (character) => {
    const decomposed = form === decomposing ? [character] : [...character.normalize('NFD')];
    const change = decomposed.reduce((sum, part) => sum + take(part), 1 - decomposed.length);
    return { character, change };
  });
}

/** Walks the characters before the change along with those after it. */
function* withPlaces(changes: readonly Decomposed[], segment: readonly Placed[]): Generator<Placed> {
  let at = 0;
  for (const { character, change } of changes) {
    const index = change > 0 ? at - 1 : at;
    if (change <= 0) at += 1 - change;
    yield [character, segment[Math.min(Math.max(index, 0), segment.length - 1)][1]];
  }
}
