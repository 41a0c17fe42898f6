/**
 * The model once more, to be studied: everything that can be looked at is an output and everything that can be changed
 * an input. A session of its own, made when first asked for, so that a plain picture costs no more than it must.
 */
import type * as ort from 'onnxruntime-web/wasm';
import type { Mask } from '../core/attention';
import type { Lengths } from '../core/redraw';
import type { RowFeed } from '../core/row';
import { modelScale } from '../core/row';
import { norm, projected, spreadOf } from '../core/vector';
import type { ExposedTensor, Request } from '../onnx/index';
import type { Experiment, Fed, HeadInside, LayerInside, WordInside } from './engine';
import { EngineError, unchanged, untyped } from './engine';
import { truth, vector, zeroed } from './feeds';
import type { Feeder } from './feeds';
import type { Feeds, Pass, Session } from './graph';
import { attentionsOf, cellFeed, maskFeeds, pictured, pictureNames, runSession } from './graph';
import type { Heads } from './heads';
import type { Stretch } from './stretch';

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
  ...pictured,
  tensors: [
    ...pictured.tensors!,
    ...(['probabilities', 'scores', 'q', 'k', 'v', 'head_output', 'projection', 'hidden'] as const).map(
      (what) => ({ what }),
    ),
  ],
  gates: true,
  scales: true,
  places: true,
};

/** Equal tokens that are read to see whether anything tells them apart. */
const EQUAL = 8;
/** Rows whose weights differ by less than this share are uniform. */
const UNIFORM = 1e-3;

export class Study {
  /** Whether tokens can be taken from where they stand; null before that was asked. */
  private placeless: Promise<boolean> | null = null;

  /** @param fixed the number of tokens that the graph reads, where it fixes that */
  constructor(
    private readonly session: Session,
    private readonly heads: Heads,
    private readonly feed: Feeder,
    private readonly stretch: Stretch,
    private readonly fixed: number | null = null,
  ) {}

  /**
   * A run under an experiment.
   * @throws EngineError where positions are to be taken away and something still tells tokens where they stand
   */
  async run(fed: Fed, mask: Mask, experiment: Experiment): Promise<Pass> {
    await this.assertPossible(experiment, fed);
    const lengths = { source: fed.ids.length, target: fed.ids.length };
    const feeds = this.feeds(fed, mask, experiment);
    const started = performance.now();
    const results = await runSession(this.session, feeds, pictureNames(this.session), lengths);
    const ms = performance.now() - started;
    const { window, scores, positions } = experiment;
    const unplaced = positions === 'none';
    const pass = { feeds, results, lengths, mask, window, scores, unplaced };
    return { attentions: attentionsOf(this.session, pass, this.heads), ms };
  }

  /** What all heads of a layer are fed and give for one token. */
  async layer(fed: Fed, mask: Mask, layer: number, token: number): Promise<LayerInside> {
    const wanted: What[] = ['q', 'k', 'v', 'scores', 'probabilities', 'head_output', 'projection'];
    const found = await this.fetchLayer(this.feeds(fed, mask), wanted, layer);
    const { q, k, v, scores, probabilities, head_output: output, projection } = found;
    if (!q || !k || !v || !scores || !probabilities || !output)
      throw new EngineError(
        "This model's queries, keys and values are quantised, so its heads cannot be opened.",
      );
    const heads = Array.from({ length: q.heads }, (_, head): HeadInside => {
      const n = fed.ids.length;
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
    return { heads, shared: sharing(heads.map(({ feed }) => feed.keys)) };
  }

  /** One token's way through the layers. */
  async word(fed: Fed, mask: Mask, token: number): Promise<WordInside> {
    const results = await this.fetchAll(this.feeds(fed, mask), ['hidden', 'head_output', 'projection']);
    // What each layer reads: what leaves the last comes after these.
    const read = results.hidden.slice(0, results.head_output.length);
    const hidden = read.map(({ data, width }) => data.slice(token * width, (token + 1) * width));
    const spreads = read.map(({ data, width }) => spreadOf(data, width));
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
    return { hidden, spreads, written };
  }

  /** Length of what each key hands over through each head of a layer, f32 [heads, n]: ‖v W_O‖. */
  async valueLengths(fed: Fed, mask: Mask, experiment?: Experiment): Promise<Lengths> {
    await this.assertPossible(experiment, fed);
    const n = fed.ids.length;
    const results = await this.fetchAll(this.feeds(fed, mask, experiment), [
      'v',
      'head_output',
      'projection',
    ]);
    return results.v.map((v, layer) => {
      const { heads, width } = results.head_output[layer];
      const projection = results.projection[layer];
      const lengths = new Float32Array(heads * n);
      for (let head = 0; head < heads; head++) {
        const values = headOf(v, head, heads);
        for (let key = 0; key < n; key++) {
          const value = values.subarray(key * width, (key + 1) * width);
          lengths[head * n + key] = norm(
            projection ? projected(value, projection.data, head * width, projection.width) : value,
          );
        }
      }
      return lengths;
    });
  }

  private async assertPossible(experiment: Experiment | undefined, fed: Fed): Promise<void> {
    if (experiment?.positions !== 'none') return;
    this.placeless ??= this.isPlaceless(fed.ids.at(-1) ?? 0);
    this.placeless.catch(() => (this.placeless = null)); // the next to ask tries again
    if (!(await this.placeless))
      throw new EngineError(
        'Something in this model that Headlight does not find tells tokens where they stand, so that positions cannot be removed.',
      );
  }

  /**
   * Equal tokens that nothing tells apart stay equal through all layers, under any mask: each of their rows is uniform over
   * the keys that it sees.
   */
  private async isPlaceless(token: number): Promise<boolean> {
    const n = this.fixed ?? EQUAL;
    const equal = untyped(Array.from({ length: n }, () => token));
    const weigh = async (positions: Experiment['positions']) =>
      (await this.fetchAll(this.feeds(equal, 'causal', { ...unchanged, positions }), ['probabilities']))
        .probabilities;
    const [given, bare] = [await weigh('given'), await weigh('none')];
    for (const [layer, { data }] of bare.entries()) {
      let whole = true;
      for (let at = 0; at < data.length; at += n) {
        const row = data.subarray(at, at + n);
        const seen = row.filter((weight) => weight > 0);
        const before = given[layer].data.subarray(at, at + n);
        // A mask that was taken for a place would hide what was seen before.
        if (before.some((weight, key) => weight > 0 && row[key] === 0)) return false;
        if (Math.max(...seen) > Math.min(...seen) * (1 + UNIFORM)) return false;
        whole &&= seen.reduce((sum, weight) => sum + weight, 0) > 1 - UNIFORM;
      }
      // A sink takes the less the more tokens are seen, and so tells the next layer how many stand before.
      if (!whole) break;
    }
    return true;
  }

  async release(): Promise<void> {
    await this.heads.release();
    await this.session.session.release();
  }

  private feeds(fed: Fed, mask: Mask, experiment?: Experiment): Record<string, ort.Tensor> {
    const n = fed.ids.length;
    const { rewritten } = this.session;
    const { inputs, gateInputs, scaleInputs, unplacedInput } = rewritten;
    const lengths = { source: n, target: n };
    const feeds: Feeds = {
      ...this.feed(inputs, fed),
      ...maskFeeds(rewritten, mask, lengths, experiment?.window),
      ...cellFeed(rewritten, lengths),
      ...this.stretch.feeds(rewritten, n),
    };
    const unplaced = experiment?.positions === 'none';
    if (unplacedInput !== null) feeds[unplacedInput] = truth(unplaced);
    if (unplaced && inputs.includes('position_ids')) feeds.position_ids = zeroed(feeds.position_ids);
    for (const { name } of gateInputs) feeds[name] = vector([1]);
    for (const { name } of scaleInputs) feeds[name] = vector([experiment?.scores ?? 1]);
    return feeds;
  }

  private async fetchLayer(feeds: Record<string, ort.Tensor>, what: readonly What[], layer: number) {
    const outputs = this.session.rewritten.outputs.filter(
      (each) => each.layer === layer && what.includes(each.what),
    );
    const results = await this.results(feeds, outputs);
    return Object.fromEntries(outputs.map((each, i) => [each.what, results[i]])) as Partial<
      Record<What, PerHead>
    >;
  }

  private async fetchAll(feeds: Record<string, ort.Tensor>, what: readonly What[]) {
    const outputs = this.session.rewritten.outputs.filter((each) => what.includes(each.what));
    const results = await this.results(feeds, outputs);
    const of = (wanted: What) => results.filter((_, i) => outputs[i].what === wanted);
    return Object.fromEntries(what.map((each) => [each, of(each)])) as Record<What, PerHead[]>;
  }

  private async results(feeds: Record<string, ort.Tensor>, outputs: readonly ExposedTensor[]) {
    const results = await this.session.session.run(
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

/** How many heads in a row have the same keys: many exports repeat what is shared, so that only the numbers tell. */
function sharing([first, ...others]: readonly Float32Array[]): number {
  const other = others.findIndex((keys) => keys.some((value, i) => value !== first[i]));
  return (other < 0 ? others.length : other) + 1;
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
