/** A text of 4,000 tokens, and rows of heads on it from PyTorch, whose positions stretch too (training/long.py). */
import { readFileSync } from 'node:fs';

export interface LongRow {
  readonly layer: number;
  readonly head: number;
  readonly query: number;
  readonly weights: Float32Array;
}

export function longGolden(): { text: string; tokens: number; rows: LongRow[] } {
  const { samples, characters, tokens, heads, queries, file } = JSON.parse(
    readFileSync('test/golden/long/rows.json', 'utf8'),
  ) as {
    samples: string[];
    characters: number;
    tokens: number;
    heads: [number, number][];
    queries: number[];
    file: string;
  };
  const once = samples.map((name) => readFileSync(`test/samples/${name}`, 'utf8')).join('');
  const text = once.repeat(Math.ceil(characters / once.length)).slice(0, characters);
  const bytes = readFileSync(`test/golden/long/${file}`);
  const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const rows = heads.flatMap(([layer, head], i) =>
    queries.map((query, j) => {
      const at = (i * queries.length + j) * tokens;
      return { layer, head, query, weights: all.subarray(at, at + tokens) };
    }),
  );
  return { text, tokens, rows };
}
