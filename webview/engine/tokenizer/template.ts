/** The post-processor of a tokenizer.json: which special tokens stand around one text, or around two. */
import type { Config } from './json';
import { isId } from './json';

/** A token of a text, before special ones join it. */
export interface TextToken {
  readonly id: number;
  /** As the vocabulary writes it. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Where a text stands, or a special token; `type` is what BERT calls the token type. */
export type Slot =
  | { readonly text: 0 | 1; readonly type: number }
  | { readonly id: number; readonly name: string; readonly type: number };

export interface Template {
  readonly single: readonly Slot[];
  readonly pair: readonly Slot[];
  /** Takes white space off the places of tokens, where the tokenizer wants that. */
  trim(tokens: readonly TextToken[]): TextToken[];
}

const A: Slot = { text: 0, type: 0 };
const B: Slot = { text: 1, type: 1 };
const BARE: Template = { single: [A], pair: [A, B], trim: (tokens) => [...tokens] };

/** @throws Error for one that is not known, or damaged */
export function templateOf(config: Config | null | undefined): Template {
  if (!config) return BARE;
  switch (config.type) {
    case 'TemplateProcessing': {
      const single = slots(config.single, config.special_tokens);
      const pair = slots(config.pair, config.special_tokens);
      if (!holds(single, [0]) || !holds(pair, [0, 1]))
        throw new Error('its template has no place for the text');
      return { ...BARE, single, pair };
    }
    case 'BertProcessing': {
      const [open, close] = [special(config.cls), special(config.sep)];
      return { ...BARE, single: [open, A, close], pair: [open, A, close, B, { ...close, type: 1 }] };
    }
    case 'RobertaProcessing': {
      const [open, close] = [special(config.cls), special(config.sep)];
      const pair = [open, A, close, close, { ...B, type: 0 }, close];
      return { single: [open, A, close], pair, trim: trimming(config) };
    }
    case 'ByteLevel':
      return { ...BARE, trim: trimming(config) };
    case 'Sequence': {
      const all = (config.processors as Config[]).map(templateOf);
      const framed = all.find(({ single }) => single.length > 1) ?? BARE;
      return { ...framed, trim: (tokens) => all.reduce((rest, { trim }) => trim(rest), [...tokens]) };
    }
    default:
      throw new Error(`its post-processor ${JSON.stringify(config.type)} is not known`);
  }
}

/** Each of the texts once, and no other. */
const holds = (slots: readonly Slot[], texts: readonly number[]): boolean =>
  String(slots.flatMap((slot) => ('text' in slot ? [slot.text] : []))) === String(texts);

type Piece = Partial<Record<'SpecialToken' | 'Sequence', { readonly id: string; readonly type_id: number }>>;

function slots(pieces: unknown, specials: unknown): Slot[] {
  if (!Array.isArray(pieces)) throw new Error('its template is not a list');
  return (pieces as Piece[]).flatMap((piece): Slot[] => {
    const { id, type_id: type } = (piece.Sequence ?? piece.SpecialToken)!;
    if (!isId(type)) throw new Error('its template has no token types');
    if (piece.Sequence) return [{ text: id === 'B' ? 1 : 0, type }];
    const named = (specials as Record<string, { ids: number[]; tokens: string[] }>)[id];
    return named.ids.map((number, i) => ({ id: checked(number), name: String(named.tokens[i]), type }));
  });
}

function special(pair: unknown) {
  const [name, id] = pair as [string, number];
  return { id: checked(id), name: String(name), type: 0 };
}

function checked(id: number): number {
  if (!isId(id)) throw new Error('a special token has no number');
  return id;
}

const LEADING = /^[Ġ\p{White_Space}]*/u;
const TRAILING = /[Ġ\p{White_Space}]*$/u;

function trimming({ trim_offsets, add_prefix_space }: Config): Template['trim'] {
  if (trim_offsets === false) return BARE.trim;
  return (tokens) =>
    tokens.map((token, i) => {
      let leading = LEADING.exec(token.name)![0].length;
      const trailing = TRAILING.exec(token.name)![0].length;
      // The space in front of the text is the tokenizer's own, and covers nothing.
      if (leading === 1 && add_prefix_space !== false && (i === 0 || token.start === 0)) leading = 0;
      const start = Math.min(token.start + leading, token.end);
      const end = token.end >= trailing ? Math.max(token.end - trailing, start) : token.end;
      return { ...token, start, end };
    });
}
