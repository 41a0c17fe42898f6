/** One row of attention as text for the clipboard: what a token gives to each other, or gets from it. */
import { decimal } from './json';

type TokenText = { readonly text: string } &
  /** Document offsets, UTF-16 units. */
  (
    | { readonly start: number; readonly end: number }
    /** Of an image's patch, from the top left, from 0. */
    | { readonly row: number; readonly column: number }
  );

interface RowText {
  readonly model: string;
  readonly mask: string;
  /** "5.1", or what else is looked at. */
  readonly of: string;
  readonly direction: 'attends to' | 'is attended to by';
  readonly token: TokenText & { readonly index: number };
  /** Those that the weights are of. */
  readonly tokens: readonly TokenText[];
  readonly weights: Float32Array;
}

export type RowFormat = 'TSV' | 'JSON' | 'Markdown' | 'Python' | 'NumPy';

export function rowText(row: RowText, format: RowFormat): string {
  return writers[format](row);
}

const writers: Record<RowFormat, (row: RowText) => string> = {
  TSV: ({ tokens, weights }) =>
    table(['index', 'token', ...placesOf(tokens), 'weight'], tokens, (token, i) => [
      String(i),
      // As JSON writes it, less the quotes: a tab or a line break would end the cell.
      JSON.stringify(token.text).slice(1, -1).replace(/\\"/g, '"'),
      ...placesOf(tokens).map((place) => String((token as Partial<Record<string, unknown>>)[place] ?? '')),
      decimal(weights[i]),
    ])
      .map((cells) => `${cells.join('\t')}\n`)
      .join(''),

  JSON: ({ model, mask, of, direction, token, tokens, weights }) => {
    const others = tokens.map((one, index) => ({ index, ...one, weight: Number(decimal(weights[index])) }));
    return `${JSON.stringify({ model, mask, of, token, direction, weights: others }, null, 2)}\n`;
  },

  Markdown: ({ tokens, weights }) => {
    const rows = table(['', 'token', 'weight'], tokens, ({ text }, i) => [
      String(i),
      code(text),
      weights[i].toPrecision(3),
    ]);
    rows.splice(1, 0, ['---:', '---', '---:']);
    return rows.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
  },

  Python: ({ tokens, weights }) =>
    `tokens = [${quoted(tokens)}]\nweights = [${Array.from(weights, decimal).join(', ')}]\n`,

  NumPy: ({ tokens, weights }) =>
    `import numpy as np\n\ntokens = [${quoted(tokens)}]\n` +
    `weights = np.array([${Array.from(weights, decimal).join(', ')}], dtype=np.float32)\n`,
};

/** What tells where a token is; tokens beside patches are nowhere. */
const placesOf = (tokens: readonly TokenText[]): readonly string[] =>
  tokens.some((token) => 'row' in token) ? ['row', 'column'] : ['start', 'end'];

function table(
  head: readonly string[],
  tokens: readonly TokenText[],
  cells: (token: TokenText, index: number) => string[],
): string[][] {
  return [[...head], ...tokens.map(cells)];
}

/** What JSON writes for a string, Python reads as the same one. */
const quoted = (tokens: readonly TokenText[]) => tokens.map(({ text }) => JSON.stringify(text)).join(', ');

/** A code span that nothing in the text can end, and that stays in its cell of a table. */
function code(text: string): string {
  const written = JSON.stringify(text).slice(1, -1).replace(/\\"/g, '"').replace(/\|/g, '\\|');
  const longest = Math.max(0, ...[...written.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence} ${written} ${fence}`;
}
