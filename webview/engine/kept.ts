/** The f32 probabilities of the last runs, so that numbers come from them and toggling back costs nothing. */
import type { Head, HeadMatrix, Shape } from '../core/attention';

/** Bytes of probabilities kept; the newest run is kept whatever it takes. */
const BUDGET = 400e6;

interface KeptRun {
  readonly shape: Shape;
  /** One [heads, n, n] array a layer. */
  readonly layers: readonly Float32Array[];
}

export class KeptRuns {
  /** In order of age: a Map keeps its keys in the order of their insertion. */
  private readonly runs = new Map<string, KeptRun>();

  keep(key: string, { layers: layerCount, heads, n }: Shape, layers: readonly Float32Array[]): void {
    this.runs.delete(key);
    this.runs.set(key, { shape: { layers: layerCount, heads, n }, layers });
    const bytes = (run: KeptRun) => run.layers.reduce((sum, layer) => sum + layer.byteLength, 0);
    let total = [...this.runs.values()].reduce((sum, run) => sum + bytes(run), 0);
    for (const [oldest, run] of this.runs) {
      if (total <= BUDGET || oldest === key) break;
      this.runs.delete(oldest);
      total -= bytes(run);
    }
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
