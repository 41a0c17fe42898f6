/** The f32 probabilities of the last runs of one text, so that the numbers told come from them. */
import type { Head, HeadMatrix, Shape } from '../core/attention';

interface KeptRun {
  readonly shape: Shape;
  /** One [heads, n, n] array a layer. */
  readonly layers: readonly Float32Array[];
}

/** One run a mask, of the newest text only: nobody can ask for another. */
export class KeptRuns {
  private text: number | null = null;
  private readonly runs = new Map<string, KeptRun>();

  keep(text: number, key: string, { layers: count, heads, n }: Shape, layers: readonly Float32Array[]): void {
    if (text !== this.text) this.runs.clear();
    this.text = text;
    this.runs.set(key, { shape: { layers: count, heads, n }, layers });
  }

  /** A copy of one head's matrix, to be moved away; null where the run is not kept. */
  head(key: string, { layer, head }: Head): HeadMatrix | null {
    const run = this.runs.get(key);
    if (!run) return null;
    const { n } = run.shape;
    return { layer, head, n, weights: run.layers[layer].slice(head * n * n, (head + 1) * n * n) };
  }

  clear(): void {
    this.runs.clear();
  }
}
