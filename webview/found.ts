/** Where what is searched for stands among the tokens. */
import type { Match } from './core/find';
import { matches } from './core/find';
import type { Token } from './engine/engine';
import { layoutOf } from './places';
import type { State } from './state';
import { toldInDocument, toldToken } from './state';

let lastFound: {
  readonly tokens: readonly Token[];
  readonly wanted: string;
  readonly all: readonly Match[];
} = { tokens: [], wanted: '', all: [] };

/** Where what is searched for stands, as first and last token. */
export function matchesOf({ scene, search }: State): readonly Match[] {
  if (!scene) return [];
  const { tokens } = scene.picture;
  if (lastFound.tokens !== tokens || lastFound.wanted !== search) {
    const { text, spans } = layoutOf(scene.picture, 'source');
    const pieces = tokens.map((token, i) => ({ ...token, span: spans[i] }));
    lastFound = { tokens, wanted: search, all: matches(pieces, text, search) };
  }
  return lastFound.all;
}

/** The match that is told, as a place among all; null where none is. */
export function matchAt(state: State): number | null {
  const told = state.scene && toldInDocument(state) ? toldToken(state.scene) : null;
  const at = told === null ? -1 : matchesOf(state).findIndex(([first]) => first === told);
  return at < 0 ? null : at;
}
