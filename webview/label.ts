/** What a token is called in labels: for the eye, in little room, and for the ear. */
import { spoken, visible } from './core/names';
import type { Token } from './engine/engine';

/** Its text with white space made visible; "row 3 column 5" of a patch. */
export const named = ({ text, special, patch }: Token): string => (patch || special ? text : visible(text));

/** The same in as little room as can be: "3,5" of a patch. */
export const label = (token: Token): string =>
  token.patch ? `${token.patch.row},${token.patch.column}` : named(token);

/** White space spelled out. */
export const said = ({ text, special, patch }: Token): string => (patch || special ? text : spoken(text));
