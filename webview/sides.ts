/** Whose tokens attend to whose: those of the text that is read, or, in an encoder-decoder, of the one it writes. */
import type { Mask } from './core/attention';
import type { Token } from './engine/engine';
import type { SiteKind } from './onnx/index';
import type { Picture } from './picture';

export type Side = 'source' | 'target';

interface Sides {
  /** Rows: who attends. */
  readonly queries: Side;
  /** Columns: who is attended to. */
  readonly keys: Side;
}

const SIDES: Record<SiteKind, Sides> = {
  self: { queries: 'source', keys: 'source' },
  encoder: { queries: 'source', keys: 'source' },
  decoder: { queries: 'target', keys: 'target' },
  cross: { queries: 'target', keys: 'source' },
};

export const sidesOf = ({ kind }: Pick<Picture, 'kind'>): Sides => SIDES[kind];

/** Whether queries and keys are different tokens: then a token is either, and nothing lies between the two. */
export const isAcross = ({ kind }: Pick<Picture, 'kind'>): boolean => kind === 'cross';

export function tokensOn({ tokens, target }: Picture, side: Side): readonly Token[] {
  return side === 'source' ? tokens : (target?.tokens ?? []);
}

export const queriesOf = (picture: Picture): readonly Token[] => tokensOn(picture, sidesOf(picture).queries);
export const keysOf = (picture: Picture): readonly Token[] => tokensOn(picture, sidesOf(picture).keys);

/** The side of the token that is told: queries, or, reversed, keys. */
export const toldSide = (picture: Picture, reversed: boolean): Side =>
  sidesOf(picture)[reversed ? 'keys' : 'queries'];

/** The side of those that its weights are of. */
export const weighedSide = (picture: Picture, reversed: boolean): Side =>
  sidesOf(picture)[reversed ? 'queries' : 'keys'];

/** "12 tokens", "12 tokens (5 of A, 4 of B), 8 target tokens", or "14 × 14 patches, 197 tokens". */
export function countsOf({ tokens, target, sight }: Pick<Picture, 'tokens' | 'target' | 'sight'>): string {
  const count = (segment: 0 | 1) => tokens.filter((token) => token.segment === segment).length;
  const patches = sight ? `${sight.grid.rows} × ${sight.grid.columns} patches, ` : '';
  const read = `${patches}${tokens.length} tokens${count(1) > 0 ? ` (${count(0)} of A, ${count(1)} of B)` : ''}`;
  return target ? `${read}, ${target.tokens.length} target tokens` : read;
}

/** What is looked at, with the attention that it is of, where a model has several: "cross-attention, head 5.1". */
export const kindName = ({ kind }: Pick<Picture, 'kind'>, look: string): string =>
  ({ self: '', encoder: 'encoder, ', decoder: 'decoder, ', cross: 'cross-attention, ' })[kind] + look;

/** The mask that hides pairs of what is shown: that of an encoder-decoder is its decoder's own. */
export const hidingMask = ({ kind, mask }: Pick<Picture, 'kind' | 'mask'>): Mask =>
  kind === 'encoder' || kind === 'cross' ? 'bidirectional' : mask;
