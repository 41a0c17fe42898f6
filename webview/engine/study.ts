/**
 * The model once more, to be studied: everything that can be looked at is an output and everything that can be changed
 * an input. A session of its own, made when first asked for, so that a plain picture costs no more than it must.
 */
import type * as ort from 'onnxruntime-web/wasm';
import type { Mask } from '../core/attention';
import { maskCells, openedCells } from '../core/attention';
import type { Lengths } from '../core/redraw';
import type { RowFeed } from '../core/row';
import { modelScale } from '../core/row';
import { norm, projected } from '../core/vector';
import type { ExposedTensor, Request, Rewrite } from '../onnx/index';
import type { Experiment, HeadInside, LayerInside, WordInside } from './engine';
import { EngineError } from './engine';
import { cells, vector, zeroed } from './feeds';
import type { Feeder } from './feeds';

/** Scores below this were masked by the model: -10,000 was once added, most add far more. */
const MASKED = -1e3;

/** A tensor whose leading axes, whatever the export's layout, are its heads: [heads, rows, width]. */
interface PerHead {
  readonly heads: number;
  readonly rows: number;
  readonly width: number;
  readonly data: Float32Array;
}

type What = ExposedTensor['what'];

/** What a study asks of the graph. */
export const studied: Request = {
  tensors: (['probabilities', 'scores', 'q', 'k', 'v', 'head_output', 'projection', 'hidden'] as const).map(
    (what) => ({ what }),
  ),
  gates: true,
  scales: true,
};

export class Study {
  constructor(
    private readonly session: ort.InferenceSession,
    private readonly rewritten: Rewrite,
    private readonly feed: Feeder,
  ) {}

  /** [heads, n, n] probabilities of each layer, under an experiment. */
  async run(
    ids: readonly number[],
    mask: Mask,
    experiment: Experiment,
  ): Promise<{ weights: Float32Array[]; heads: number; ms: number }> {
    const feeds = this.feeds(ids, mask, experiment);
    const started = performance.now();
    const layers = (await this.fetchAll(feeds, ['probabilities'])).probabilities;
    const ms = performance.now() - started;
    return { weights: layers.map(({ data }) => data), heads: layers[0].heads, ms };
  }

  /** What all heads of a layer are fed and give for one token. */
  async layer(ids: readonly number[], mask: Mask, layer: number, token: number): Promise<LayerInside> {
    const wanted: What[] = ['q', 'k', 'v', 'scores', 'probabilities', 'head_output', 'projection'];
    const found = await this.fetchLayer(this.feeds(ids, mask), wanted, layer);
    const { q, k, v, scores, probabilities, head_output: output, projection } = found;
    if (!q || !k || !v || !scores || !probabilities || !output)
      throw new EngineError(
        "This model's queries, keys and values are quantised, so its heads cannot be opened.",
      );
    const heads = Array.from({ length: q.heads }, (_, head): HeadInside => {
      const n = ids.length;
      const [queries, keys, values, rows] = [q, k, v, scores].map((tensor) => headOf(tensor, head, q.heads));
      const scale = modelScale(queries, keys, rows, n);
      const query = queries.slice(token * q.width, (token + 1) * q.width);
      const row = rows.subarray(token * n, (token + 1) * n);
      const out = headOf(output, head, q.heads).slice(token * output.width, (token + 1) * output.width);
      return {
        feed: { query, keys: keys.slice(), values: values.slice(), ...joined(query, keys, row, scale) },
        weights: headOf(probabilities, head, q.heads).slice(token * n, (token + 1) * n),
        output: out,
        written: projection ? projected(out, projection.data, head * output.width, projection.width) : null,
      };
    });
    const shared = k.heads < q.heads ? q.heads / k.heads : 1;
    return { heads, shared };
  }

  /** One token's way through the layers. */
  async word(ids: readonly number[], mask: Mask, token: number): Promise<WordInside> {
    const results = await this.fetchAll(this.feeds(ids, mask), ['hidden', 'head_output', 'projection']);
    // What each layer reads: what leaves the last comes after these.
    const hidden = results.hidden
      .slice(0, results.head_output.length)
      .map(({ data, width }) => data.slice(token * width, (token + 1) * width));
    const written = results.head_output.map((output, layer) =>
      Array.from({ length: output.heads }, (_, head) => {
        const own = headOf(output, head, output.heads).slice(
          token * output.width,
          (token + 1) * output.width,
        );
        const projection = results.projection[layer];
        return projection ? projected(own, projection.data, head * output.width, projection.width) : own;
      }),
    );
    return { hidden, written };
  }

  /** Length of what each key hands over through each head of a layer, f32 [heads, n]: ‖v W_O‖. */
  async valueLengths(ids: readonly number[], mask: Mask, experiment?: Experiment): Promise<Lengths> {
    const results = await this.fetchAll(this.feeds(ids, mask, experiment), [
      'v',
      'head_output',
      'projection',
    ]);
    return results.v.map((v, layer) => {
      const { heads, width } = results.head_output[layer];
      const projection = results.projection[layer];
      const lengths = new Float32Array(heads * ids.length);
      for (let head = 0; head < heads; head++) {
        const values = headOf(v, head, heads);
        for (let key = 0; key < ids.length; key++) {
          const value = values.subarray(key * width, (key + 1) * width);
          lengths[head * ids.length + key] = norm(
            projection ? projected(value, projection.data, head * width, projection.width) : value,
          );
        }
      }
      return lengths;
    });
  }

  release(): Promise<void> {
    return this.session.release();
  }

  private feeds(ids: readonly number[], mask: Mask, experiment?: Experiment): Record<string, ort.Tensor> {
    const n = ids.length;
    const { inputs, maskInputs, gateInputs, scaleInputs } = this.rewritten;
    if (experiment?.positions === 'none' && !inputs.includes('position_ids'))
      throw new EngineError('This model does not take positions as an input, so they cannot be removed.');
    const feeds = this.feed(inputs, ids);
    if (experiment?.positions === 'none') feeds.position_ids = zeroed(feeds.position_ids);
    for (const { allow, open } of maskInputs) {
      if (allow !== null) feeds[allow] = cells(maskCells(mask, n, experiment?.window ?? null), n);
      if (open !== null) feeds[open] = cells(openedCells(mask, n), n);
    }
    for (const { name } of gateInputs) feeds[name] = vector([1]);
    for (const { name } of scaleInputs) feeds[name] = vector([experiment?.scores ?? 1]);
    return feeds;
  }

  private async fetchLayer(feeds: Record<string, ort.Tensor>, what: readonly What[], layer: number) {
    const outputs = this.rewritten.outputs.filter((each) => each.layer === layer && what.includes(each.what));
    const results = await this.results(feeds, outputs);
    return Object.fromEntries(outputs.map((each, i) => [each.what, results[i]])) as Partial<
      Record<What, PerHead>
    >;
  }

  private async fetchAll(feeds: Record<string, ort.Tensor>, what: readonly What[]) {
    const outputs = this.rewritten.outputs.filter((each) => what.includes(each.what));
    const results = await this.results(feeds, outputs);
    const of = (wanted: What) => results.filter((_, i) => outputs[i].what === wanted);
    return Object.fromEntries(what.map((each) => [each, of(each)])) as Record<What, PerHead[]>;
  }

  private async results(feeds: Record<string, ort.Tensor>, outputs: readonly ExposedTensor[]) {
    const results = await this.session.run(
      feeds,
      outputs.map(({ name }) => name),
    );
    const tensors: PerHead[] = [];
    for (const { name } of outputs) {
      const tensor = results[name];
      const data = (await tensor.getData()) as Float32Array;
      const [rows, width] = tensor.dims.slice(-2);
      tensors.push({ heads: data.length / (rows * width), rows, width, data });
      tensor.dispose();
    }
    return tensors;
  }
}

/** A view of one head of queries; keys and values that are shared serve heads / their number of them. */
function headOf({ heads: own, rows, width, data }: PerHead, head: number, heads: number): Float32Array {
  const at = Math.floor(head / (heads / own));
  return data.subarray(at * rows * width, (at + 1) * rows * width);
}

/** What of a score is not the scaled product: the bias that was added, or the mask. */
function joined(
  query: Float32Array,
  keys: Float32Array,
  scores: Float32Array,
  scale: number,
): Pick<RowFeed, 'scale' | 'bias' | 'open'> {
  const d = query.length;
  const open = Uint8Array.from(scores, (score) => Number(score > MASKED));
  const bias = scores.map((score, key) => {
    if (!open[key]) return 0;
    let product = 0;
    for (let i = 0; i < d; i++) product += query[i] * keys[key * d + i];
    return score - product * scale;
  });
  return { scale, bias, open };
}
