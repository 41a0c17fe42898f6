/**
 * Neighbouring tokens brought together: into words, or into lines. What a group gives to another is the sum over the
 * other's tokens, as parts of one whole, and the mean over its own: so rows still sum to what they summed to.
 */
import type { Matrix } from './attention';
import type { TextSpan } from './spans';

export interface Groups {
  /** The group of each token; groups are in the order of their tokens, and have no gaps. */
  readonly of: Int32Array;
  /** The first token of each group, and at the end the number of tokens. */
  readonly starts: Int32Array;
}

/** A token as far as it matters to what it belongs to. */
export interface Piece {
  readonly text: string;
  readonly span: TextSpan;
  /** Stands for no text, and so by itself. */
  readonly special: boolean;
}

/** Groups of neighbours, given for each token whether it goes on from the one before. */
function joined(n: number, goesOn: (token: number) => boolean): Groups {
  const of = new Int32Array(n);
  const starts: number[] = [];
  for (let token = 0; token < n; token++) {
    if (token === 0 || !goesOn(token)) starts.push(token);
    of[token] = starts.length - 1;
  }
  return { of, starts: Int32Array.from([...starts, n]) };
}

const ENDS_IN_WORD = /[\p{L}\p{M}\p{N}_$]$/u;
const STARTS_IN_WORD = /^[\p{L}\p{M}\p{N}_$]/u;

/** Words: tokens that no white space parts and no end of an identifier. Signs stand by themselves. */
export function wordsOf(pieces: readonly Piece[]): Groups {
  return joined(pieces.length, (token) => {
    const [before, here] = [pieces[token - 1], pieces[token]];
    if (before.special || here.special) return false;
    return (
      shares(before, here) ||
      (before.span.end === here.span.start &&
        ENDS_IN_WORD.test(before.text) &&
        STARTS_IN_WORD.test(here.text))
    );
  });
}

/** Lines of the text that the tokens are of; a token belongs to the line where it starts. */
export function linesOf(pieces: readonly Piece[], text: string): Groups {
  const line = lineIn(text);
  const lines = pieces.map(({ span }) => line(span.start));
  return joined(pieces.length, (token) => {
    const [before, here] = [pieces[token - 1], pieces[token]];
    return !before.special && !here.special && lines[token] === lines[token - 1];
  });
}

const shares = (a: Piece, b: Piece) => a.span.start === b.span.start && a.span.end === b.span.end;

/** The line of an offset, from 0. VS Code's line ends: \n, \r\n and \r. */
export function lineIn(text: string): (offset: number) => number {
  const starts = [0];
  for (const { index, 0: end } of text.matchAll(/\r\n|\r|\n/g)) starts.push(index + end.length);
  return (offset) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  };
}

/** A matrix of tokens as one of groups: the sum over keys, the mean over queries. */
export function grouped(matrix: Matrix, queries: Groups, keys: Groups): Matrix {
  const [down, across] = [queries.starts.length - 1, keys.starts.length - 1];
  const weights = new Float32Array(down * across);
  const sum = new Float64Array(across);
  for (let group = 0; group < down; group++) {
    sum.fill(0);
    const [from, to] = [queries.starts[group], queries.starts[group + 1]];
    for (let query = from; query < to; query++) {
      const at = query * matrix.keys;
      for (let key = 0; key < matrix.keys; key++) sum[keys.of[key]] += matrix.weights[at + key];
    }
    for (let other = 0; other < across; other++) weights[group * across + other] = sum[other] / (to - from);
  }
  return { queries: down, keys: across, weights };
}
