/** Golden attention of the bundled model, from PyTorch (training/export.py). */
import { readFileSync } from 'node:fs';
import type { Mask } from '../../webview/core/attention';

export interface Golden {
  readonly text: string;
  readonly tokens: readonly string[];
  readonly layers: number;
  readonly heads: number;
  readonly n: number;
  /** Weights that a query gives to all keys, in one head. */
  row(mask: Mask, layer: number, head: number, query: number): Float32Array;
}

export function golden(name: string): Golden {
  const { text, tokens, layers, heads, n } = JSON.parse(readFileSync(`test/golden/${name}.json`, 'utf8'));
  const attention = (mask: Mask) => {
    const bytes = readFileSync(`test/golden/${name}.${mask}.attention.f32`);
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  };
  const values = { causal: attention('causal'), bidirectional: attention('bidirectional') };
  return {
    text,
    tokens,
    layers,
    heads,
    n,
    row: (mask, layer, head, query) => {
      const at = ((layer * heads + head) * n + query) * n;
      return values[mask].subarray(at, at + n);
    },
  };
}
