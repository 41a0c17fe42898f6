/** The f32 probabilities of the last runs of one text, so that the numbers told come from them. */
import type { Matrix, Overview, Shape } from '../core/attention';
import { headOffset, toBytes } from '../core/attention';
import type { Single } from '../core/look';
import { gather } from '../core/look';
import type { Redraw } from '../core/redraw';
import { redrawn } from '../core/redraw';
import type { SiteKind } from '../onnx/index';
import type { Attention } from './graph';

interface Kept {
  readonly kind: SiteKind;
  readonly shape: Shape;
  /** One [heads, queries, keys] array a layer. */
  readonly layers: readonly Float32Array[];
}

/** Each run takes layers × heads × n² × 4 bytes. */
const MOST = 4;

/** The newest runs of the newest text, one a mask and an experiment: a run that is gone can be made again. */
export class KeptRuns {
  private text: number | null = null;
  private readonly runs = new Map<string, readonly Kept[]>();

  keep(text: number, key: string, attentions: readonly Attention[]): void {
    if (text !== this.text) this.runs.clear();
    this.text = text;
    this.runs.delete(key);
    this.runs.set(key, attentions.map(keptOf));
    for (const oldest of this.runs.keys()) if (this.runs.size > MOST) this.runs.delete(oldest);
  }

  /** A matrix of its own memory, to be moved away; null where the run is not kept. */
  matrix(key: string, kind: SiteKind, of: Single): Matrix | null {
    const run = this.find(key, kind);
    return run ? gather(run.layers, run.shape, of) : null;
  }

  /** The overview of a run, redrawn. */
  redrawn(key: string, kind: SiteKind, redraw: Redraw): Overview | null {
    const run = this.find(key, kind);
    if (!run) return null;
    const { layers, heads, queries, keys } = run.shape;
    const size = queries * keys;
    const bytes = new Uint8Array(layers * heads * size);
    run.layers.forEach((weights, layer) => {
      for (let head = 0; head < heads; head++) {
        const matrix = { queries, keys, weights: weights.subarray(head * size, (head + 1) * size) };
        const of: Single = { kind: 'head', head: { layer, head } };
        toBytes(redrawn(matrix, redraw, of).weights, bytes, headOffset(run.shape, of.head));
      }
    });
    return { layers, heads, queries, keys, bytes };
  }

  private find(key: string, kind: SiteKind): Kept | undefined {
    return this.runs.get(key)?.find((one) => one.kind === kind);
  }

  clear(): void {
    this.runs.clear();
  }
}

/** Without the bytes, which are moved away. */
function keptOf({ kind, overview: { layers, heads, queries, keys }, weights }: Attention): Kept {
  return { kind, shape: { layers, heads, queries, keys }, layers: weights };
}
