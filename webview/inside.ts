/** The inside of the head in focus, as far as it is shown: what was asked, and what has come. Pure. */
import type { Matrix } from './core/attention';
import type { LayerInside } from './engine/engine';
import type { Picture } from './picture';
import { queriesOf, sidesOf, toldSide } from './sides';
import type { Scene } from './state';

export const tabs = ['row', 'layer', 'position', 'contexts', 'price'] as const;
export type Tab = (typeof tabs)[number];

/** An answer, and the question that it belongs to: a late one, for a question no longer asked, is not shown. */
export interface Answer<T> {
  readonly of: string;
  readonly value: T | Failure;
}

export interface Failure {
  readonly failed: string;
}

export const failed = (value: unknown): value is Failure =>
  typeof value === 'object' && value !== null && 'failed' in value;

/** One head's pattern of the model as it is: as written; with the tokens in another order, put back; with no positions. */
export interface Reordered {
  readonly written: Matrix;
  readonly shuffled: Matrix;
  readonly unplaced: Matrix | Failure;
  /** Of the shuffled tokens: the old place of each. */
  readonly order: readonly number[];
}

/** One word in two texts. */
export interface Contexts {
  readonly texts: readonly [string, string];
  readonly labels: readonly [readonly string[], readonly string[]];
  readonly tokens: readonly [number, number];
  /** Cosine of the word's two vectors as each layer reads them. */
  readonly cosines: readonly number[];
  /** The same with every dimension standardised over the tokens of both texts. */
  readonly standardised: readonly number[];
  /** [layers][heads] Length of the difference of what each head writes to the word. */
  readonly brought: readonly (readonly number[])[];
}

/** What runs of growing length cost, in a worker opened for them. */
export interface Prices {
  /** Bytes of the runtime's heap in use before the first run. */
  readonly opened: number;
  readonly runs: readonly Price[];
}

export interface Price {
  /** Tokens. */
  readonly n: number;
  /** Of the fastest run. */
  readonly ms: number;
  /** Bytes of the runtime's heap: the most that was in use up to the end of these runs. */
  readonly heap: number;
}

export interface Inside {
  readonly layer: Answer<LayerInside> | null;
  readonly reordered: Answer<Reordered> | null;
  readonly texts: readonly [string, string];
  readonly contexts: Answer<Contexts> | null;
  /** The comparison asked for; null before the first. */
  readonly compared: string | null;
  readonly prices: Answer<Prices> | null;
  readonly measuring: boolean;
}

export const nothingInside: Inside = {
  layer: null,
  reordered: null,
  texts: ['I went to the bank to deposit money.', 'I sat by the bank watching the river.'],
  contexts: null,
  compared: null,
  prices: null,
  measuring: false,
};

/** The pinned token, where it is one that looks: across, reversed, it is one that is looked at. */
export const pinnedQuery = ({ pinned, picture }: Scene, reversed: boolean): number | null =>
  toldSide(picture, reversed) === sidesOf(picture).queries ? pinned : null;

/** The token whose row is opened: the pinned one, else the last of the text. */
export function openedToken(scene: Scene, reversed: boolean): number {
  const pinned = pinnedQuery(scene, reversed);
  if (pinned !== null) return pinned;
  const tokens = queriesOf(scene.picture);
  let last = tokens.length - 1;
  while (last > 0 && tokens[last].special) last--;
  return last;
}

/** What a run costs goes by how many tokens there are, not by which: a shorter text is repeated up to here. */
const LEAST_MEASURED = 512;

/** Tokens of the longest run that is measured. */
export const measuredLength = ({ tokens, model }: Picture): number =>
  Math.max(tokens.length, Math.min(LEAST_MEASURED, model.context));

/** Why a tab is not for what is shown; null where it is. */
export function foreign({ sight, kind }: Picture, tab: Tab): string | null {
  if (tab === 'row' || tab === 'layer') return null;
  if (sight)
    return 'This is a question to a text: a part of an image in another order, or in another image, is another image.';
  if (kind === 'self') return null;
  if (tab === 'price')
    return 'What an encoder-decoder costs goes by the lengths of two texts, so no one curve can be measured.';
  return kind === 'encoder'
    ? null
    : 'This is a question to the text that is read, not to the one that is written: choose “Encoder” above.';
}

/** Names of questions: an answer is shown as long as the same would be asked. */
export const layerQuestion = ({ picture, focus }: Scene, token: number) =>
  `${picture.key} ${focus.layer} ${token}`;
export const orderQuestion = ({ picture, focus }: Scene) => `${picture.key} ${focus.layer}.${focus.head}`;
export const priceQuestion = (picture: Picture) => picture.key;

/** The answer's value where it is the one asked for, null while it has not come. */
export function answered<T>(answer: Answer<T> | null, question: string): T | Failure | null {
  return answer?.of === question ? answer.value : null;
}
