/**
 * Pieces of text to tokens, by the library's BPE, WordPiece and Unigram, and how much of the piece each token covers.
 */
import { BPE, Unigram, WordPiece } from '@huggingface/tokenizers';
import type { AddedToken } from './added';
import { byteNames } from './bytes';
import { isId, textOf } from './json';

interface Subword {
  readonly id: number;
  /** As the vocabulary writes it. */
  readonly name: string;
  /** In the piece, UTF-16 units. Tokens that share a character have the same range. */
  readonly start: number;
  readonly end: number;
}

export type Subwords = (piece: string) => Subword[];

interface ModelConfig {
  readonly type?: string;
  readonly vocab: Record<string, number> | readonly (readonly [string, number])[];
  readonly merges?: unknown;
  readonly unk_token?: string | null;
  readonly unk_id?: number | null;
  readonly byte_fallback?: boolean;
  readonly fuse_unk?: boolean;
  readonly ignore_merges?: boolean;
  readonly continuing_subword_prefix?: string | null;
  readonly end_of_word_suffix?: string | null;
}

/** @throws Error where the model is not one of the four kinds, or damaged */
export function subwordsOf(config: unknown, added: readonly AddedToken[]): Subwords {
  if (typeof config !== 'object' || config === null) throw new Error('it has no model');
  const model = config as ModelConfig;
  const special = new Set(added.filter((token) => token.special).map(({ content }) => content));
  if (typeof model.vocab !== 'object' || model.vocab === null) throw new Error('it has no vocabulary');
  const kind = model.type ?? kindOf(model);
  if (kind === 'Unigram') return unigram(model, special);
  if (Array.isArray(model.vocab)) throw new Error('its vocabulary is a list');
  const vocabulary = new Map(Object.entries(model.vocab as Record<string, number>));
  for (const id of vocabulary.values())
    if (!isId(id)) throw new Error('its vocabulary has a number that is none of a token');
  const unknown = unknownOf(model, vocabulary);
  // Special tokens are not in the vocabulary that text is looked up in: text never makes one.
  for (const content of special) vocabulary.delete(content);
  if (kind === 'BPE') return bpe(model, vocabulary, unknown);
  if (kind === 'WordPiece') return wordPiece(model, vocabulary, unknown);
  if (kind === 'WordLevel') return wordLevel(vocabulary, unknown);
  throw new Error(`its model ${JSON.stringify(kind)} is not known`);
}

/** Older files do not say. */
function kindOf({ vocab, merges, continuing_subword_prefix }: ModelConfig): string {
  if (Array.isArray(vocab)) return 'Unigram';
  return merges ? 'BPE' : continuing_subword_prefix ? 'WordPiece' : 'WordLevel';
}

interface Unknown {
  readonly id: number;
  readonly name: string;
}

function unknownOf(
  { unk_token: name }: ModelConfig,
  vocabulary: ReadonlyMap<string, number>,
): Unknown | null {
  if (typeof name !== 'string') return null;
  const id = vocabulary.get(name);
  return id === undefined ? null : { id, name };
}

function bpe(model: ModelConfig, vocabulary: ReadonlyMap<string, number>, unknown: Unknown | null): Subwords {
  if (!Array.isArray(model.merges)) throw new Error('its merges are not a list');
  if (model.continuing_subword_prefix) throw new Error('BPE with a prefix inside words is not known');
  const { byte_fallback: fallback, fuse_unk: fuse, ignore_merges: whole } = model;
  const suffix = textOf(model.end_of_word_suffix, '');
  const library = new BPE({ ...model, vocab: Object.fromEntries(vocabulary) } as never);
  const drops = !unknown && !fallback && !suffix;

  return (piece) => {
    const single = whole ? vocabulary.get(piece) : undefined;
    if (single !== undefined) return [{ id: single, name: piece, start: 0, end: piece.length }];
    // Where nothing stands for an unknown character, it is passed over as if its neighbours met.
    const { text, places } = drops ? only(piece, (character) => vocabulary.has(character)) : all(piece);
    const tokens: Subword[] = [];
    let fusing = false;
    let at = 0;
    const parts = library.bpe(text);
    parts.forEach((part, i) => {
      const length = part.length - (i === parts.length - 1 ? suffix.length : 0);
      const [start, end] = [places(at), places(at + length - 1) + 1];
      at += length;
      const id = vocabulary.get(part);
      const bytes = id === undefined && fallback ? named(byteNames(part), vocabulary) : null;
      if (id !== undefined) tokens.push({ id, name: part, start, end });
      else if (bytes) tokens.push(...bytes.map((byte) => ({ ...byte, start, end })));
      else if (unknown && fuse && fusing) tokens.push({ ...tokens.pop()!, end });
      else if (unknown) tokens.push({ ...unknown, start, end });
      fusing = id === undefined && !bytes && unknown !== null;
    });
    return tokens;
  };
}

const all = (piece: string) => ({ text: piece, places: (unit: number) => unit });

/** The piece with only some of its characters, and where each unit of it was. */
function only(piece: string, keep: (character: string) => boolean) {
  let text = '';
  const places: number[] = [];
  let at = 0;
  for (const character of piece) {
    if (keep(character)) {
      text += character;
      for (let unit = 0; unit < character.length; unit++) places.push(at + unit);
    }
    at += character.length;
  }
  return { text, places: (unit: number) => places[unit] };
}

/** Null where one of them is not in the vocabulary. */
function named(names: readonly string[], vocabulary: ReadonlyMap<string, number>): Unknown[] | null {
  const found = names.map((name) => ({ name, id: vocabulary.get(name) }));
  return found.every((one): one is Unknown => one.id !== undefined) ? found : null;
}

function wordPiece(
  model: ModelConfig,
  vocabulary: ReadonlyMap<string, number>,
  unknown: Unknown | null,
): Subwords {
  if (!unknown) throw new Error('its token for unknown words is not in its vocabulary');
  const prefix = textOf(model.continuing_subword_prefix, '##');
  const library = new WordPiece({
    ...model,
    continuing_subword_prefix: prefix,
    vocab: Object.fromEntries(vocabulary),
  } as never);
  return (piece) => {
    const names = library.encode([piece]);
    if (names.length === 1 && names[0] !== piece) return [{ ...unknown, start: 0, end: piece.length }];
    let at = 0;
    return names.map((name, i) => {
      const start = at;
      at += name.length - (i > 0 ? prefix.length : 0);
      return { id: vocabulary.get(name)!, name, start, end: at };
    });
  };
}

function wordLevel(vocabulary: ReadonlyMap<string, number>, unknown: Unknown | null): Subwords {
  return (piece) => {
    const id = vocabulary.get(piece);
    if (id !== undefined) return [{ id, name: piece, start: 0, end: piece.length }];
    return unknown ? [{ ...unknown, start: 0, end: piece.length }] : [];
  };
}

function unigram(model: ModelConfig, special: ReadonlySet<string>): Subwords {
  const entries = model.vocab as readonly (readonly [string, number])[];
  if (!Array.isArray(entries) || entries.length === 0)
    throw new Error('its vocabulary is not a list of scores');
  const vocabulary = new Map<string, number>();
  // A name with half a character in it is no text: nobody can write a special token.
  const vocab = entries.map((entry, id): [string, number] => {
    const [name, score] = Array.isArray(entry) ? entry : [];
    if (typeof name !== 'string' || typeof score !== 'number')
      throw new Error('its vocabulary is not a list of scores');
    if (special.has(name) || id === model.unk_id) return [`\ud800${id}`, score];
    vocabulary.set(name, id);
    return [name, score];
  });
  const unknown = model.unk_id ?? null;
  if (unknown !== null && (!isId(unknown) || unknown >= entries.length))
    throw new Error('its unknown token is not in its vocabulary');
  const library = new Unigram({ ...model, vocab, unk_id: unknown ?? undefined } as never, '');

  return (piece) => {
    const tokens: Subword[] = [];
    let at = 0;
    for (const part of fused(library.tokenize(piece), vocabulary)) {
      const [start, end] = [at, (at += part.length)];
      const id = vocabulary.get(part);
      const bytes = id === undefined && model.byte_fallback ? named(byteNames(part), vocabulary) : null;
      if (id !== undefined) tokens.push({ id, name: part, start, end });
      else if (bytes) tokens.push(...bytes.map((byte) => ({ ...byte, start, end })));
      else if (unknown !== null) tokens.push({ id: unknown, name: part, start, end });
      else throw new Error('it has no token for a character of the text');
    }
    return tokens;
  };
}

/** Unknown characters in a row are one. */
function fused(parts: readonly string[], vocabulary: ReadonlyMap<string, number>): string[] {
  const result: string[] = [];
  let fusing = false;
  for (const part of parts) {
    const unknown = !vocabulary.has(part);
    if (unknown && fusing) result.push(result.pop() + part);
    else result.push(part);
    fusing = unknown;
  }
  return result;
}
