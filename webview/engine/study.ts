/**
 * The model once more, to be studied: everything that can be looked at is an output and everything that an experiment
 * changes an input. A session of its own, made when first asked for, so that a plain picture costs no more than it must.
 */
import type { Mask } from '../core/attention';
import type { Lengths } from '../core/redraw';
import type { RowFeed } from '../core/row';
import { modelScale } from '../core/row';
import { dot, norm, projected, rowOf, spreadOf } from '../core/vector';
import { MASKED } from '../onnx/index';
import type { ExposedTensor, Request, Site, SiteKind, What } from '../onnx/index';
import type { Experiment, Fed, HeadInside, LayerInside, WordInside } from './engine';
import { EngineError, unchanged, untyped } from './engine';
import type { Session } from './graph';
import { lengthsOf, pictured, runSession } from './graph';
import type { Heads } from './heads';
import type { Asked, Giver } from './pass';
import { feedsOf, runPass } from './pass';

/** A tensor whose leading axes, whatever the export's layout, are its heads: [heads, rows, width]. */
interface PerHead {
  readonly heads: number;
  readonly rows: number;
  readonly width: number;
  readonly data: Float32Array;
}

/** What a study asks of the graph. */
export const studied: Request = {
  ...pictured,
  tensors: [
    ...pictured.tensors!,
    // Of thousands of tokens whole maps of all layers would not fit: of those that are opened, the rows.
    ...(['weight_rows', 'score_rows', 'q', 'k', 'v', 'head_output', 'projection', 'hidden'] as const).map(
      (what) => ({ what }),
    ),
  ],
  scales: true,
  places: true,
};

const QUANTISED = "This model's queries, keys and values are quantised, so its heads cannot be opened.";
const STREAMLESS =
  'What the layers of this model hand on is not found in its graph, so no word can be followed through them.';

/** What of a layer is fetched to open it. */
const OPENED: readonly What[] = ['q', 'k', 'v', 'score_rows', 'weight_rows', 'head_output', 'projection'];
/** Pairs of tokens whose scores tell the scale. */
const PAIRED = 64;

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
    private readonly give: Giver,
    private readonly fixed: number | null = null,
  ) {}

  /**
   * A run under an experiment.
   * @param more outputs that are wanted beside the picture
   * @throws EngineError where positions are to be taken away and something still tells tokens where they stand
   */
  async run(
    fed: Fed,
    mask: Mask,
    experiment: Experiment,
    target: readonly number[] | null = null,
    more: readonly string[] = [],
  ) {
    await this.assertPossible(experiment, fed, target);
    const given = await this.give(this.session, { fed, mask, experiment, target });
    return runPass(this.session, this.heads, given, more);
  }

  /** What all heads of a layer are fed and give for one query. @param kind where the graph has attention of several kinds */
  async layer(
    fed: Fed,
    mask: Mask,
    layer: number,
    token: number,
    kind: SiteKind = 'self',
    target: readonly number[] | null = null,
  ): Promise<LayerInside> {
    const source = fed.ids.length;
    const pairs = sampled(...lengthsOf(kind, { source, target: target?.length ?? source }));
    const asked = { fed, mask, experiment: unchanged, target };
    const rows = [token, ...pairs.map(([query]) => query)];
    const sites = this.sitesOf(kind).filter((site) => site.layer === layer);
    const [found] = await this.fetch(asked, OPENED, sites, rows);
    const { q, k, v, score_rows, weight_rows, head_output: output, projection } = found;
    if (!q || !k || !v || !score_rows || !weight_rows || !output) throw new EngineError(QUANTISED);
    const heads = Array.from({ length: q.heads }, (_, head): HeadInside => {
      const [queries, keys, values, scores, weights, outs] = [q, k, v, score_rows, weight_rows, output].map(
        (tensor) => headOf(tensor, head, q.heads),
      );
      const keyAt = (i: number) => rowOf(keys, i, q.width);
      const scale = modelScale(
        pairs.map(([query, key]) => dot(rowOf(queries, query, q.width), keyAt(key))),
        // The first row is that of the token.
        pairs.map(([, key], row) => rowOf(scores, 1 + row, score_rows.width)[key]),
        q.width,
      );
      const query = rowOf(queries, token, q.width).slice();
      const out = rowOf(outs, token, output.width).slice();
      const row = rowOf(scores, 0, score_rows.width);
      return {
        feed: { query, keys: keys.slice(), values: values.slice(), ...joined(query, keys, row, scale) },
        weights: rowOf(weights, 0, weight_rows.width).slice(),
        output: out,
        written: projection ? projected(out, projection.data, head * output.width, projection.width) : null,
      };
    });
    return { heads, shared: sharing(heads.map(({ feed }) => feed.keys)) };
  }

  /** One token's way through the layers. */
  async word(fed: Fed, mask: Mask, token: number): Promise<WordInside> {
    const asked = { fed, mask, experiment: unchanged, target: null };
    const layers = await this.fetch(asked, ['hidden', 'head_output', 'projection'], this.sitesOf(null));
    const read = layers.map(({ hidden }) => {
      if (!hidden) throw new EngineError(STREAMLESS);
      return hidden;
    });
    const hidden = read.map(({ data, width }) => rowOf(data, token, width).slice());
    const spreads = read.map(({ data, width }) => spreadOf(data, width));
    const written = layers.map(({ head_output: output, projection }) => {
      if (!output) throw new EngineError(QUANTISED);
      return Array.from({ length: output.heads }, (_, head) => {
        const own = rowOf(headOf(output, head, output.heads), token, output.width).slice();
        return projection ? projected(own, projection.data, head * output.width, projection.width) : own;
      });
    });
    return { hidden, spreads, written };
  }

  /**
   * Length of what each key hands over through each head of a layer, f32 [heads, keys]: ‖v W_O‖, and ‖v‖ where the
   * layer's W_O cannot be told.
   *
   * @throws EngineError where the values of a layer cannot be told
   */
  async valueLengths(
    fed: Fed,
    mask: Mask,
    experiment = unchanged,
    kind: SiteKind = 'self',
    target: readonly number[] | null = null,
  ): Promise<Lengths> {
    await this.assertPossible(experiment, fed, target);
    const asked = { fed, mask, experiment, target };
    const layers = await this.fetch(asked, ['v', 'head_output', 'projection'], this.sitesOf(kind));
    return layers.map(({ v, head_output: output, projection }) => {
      if (!v || !output) throw new EngineError(QUANTISED);
      const { heads, width } = output;
      const keys = v.rows;
      const lengths = new Float32Array(heads * keys);
      for (let head = 0; head < heads; head++) {
        const values = headOf(v, head, heads);
        for (let key = 0; key < keys; key++) {
          const value = rowOf(values, key, width);
          lengths[head * keys + key] = norm(
            projection ? projected(value, projection.data, head * width, projection.width) : value,
          );
        }
      }
      return lengths;
    });
  }

  private async assertPossible(experiment: Experiment, fed: Fed, target: Asked['target']): Promise<void> {
    if (experiment.positions !== 'none') return;
    this.placeless ??= this.isPlaceless(fed.ids.at(-1) ?? 0, target && (target.at(-1) ?? 0));
    this.placeless.catch(() => (this.placeless = null)); // the next to ask tries again
    if (!(await this.placeless))
      throw new EngineError(
        'Something in this model that Headlight does not find tells tokens where they stand, so that positions cannot be removed.',
      );
  }

  /**
   * Equal tokens that nothing tells apart stay equal through all layers, under any mask: each of their rows is uniform over
   * the keys that it sees.
   *
   * @param written a token of a decoder; null where there is none
   */
  private async isPlaceless(token: number, written: number | null): Promise<boolean> {
    const n = this.fixed ?? EQUAL;
    const equal = (one: number) => Array.from({ length: n }, () => one);
    const weigh = async (positions: Experiment['positions']) => {
      const experiment = { ...unchanged, positions };
      const target = written === null ? null : equal(written);
      const asked: Asked = { fed: untyped(equal(token)), mask: 'causal', experiment, target };
      const layers = await this.fetch(asked, ['weight_rows'], this.sitesOf(null), [...equal(0).keys()]);
      return layers.map(({ weight_rows }) => weight_rows!.data);
    };
    const [given, bare] = [await weigh('given'), await weigh('none')];
    for (const [layer, data] of bare.entries()) {
      let whole = true;
      for (let at = 0; at < data.length; at += n) {
        const row = data.subarray(at, at + n);
        const seen = row.filter((weight) => weight > 0);
        const before = given[layer].subarray(at, at + n);
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

  /** The layers of one attention, where the graph has several; of all of them for null. */
  private sitesOf(kind: SiteKind | null): readonly Site[] {
    const { sites } = this.session.planned.plan;
    const isOne = kind === null || new Set(sites.map((site) => site.kind)).size === 1;
    return sites.filter((site) => isOne || site.kind === kind);
  }

  /** What a run gives of each of these layers. What a layer does not have is not there: in mixed precision some do. */
  private async fetch(asked: Asked, what: readonly What[], sites: readonly Site[], rows?: readonly number[]) {
    const isOf = (one: ExposedTensor, { kind, layer }: Site) => one.kind === kind && one.layer === layer;
    const outputs = this.session.rewritten.outputs.filter(
      (one) => what.includes(one.what) && sites.some((site) => isOf(one, site)),
    );
    const given = await this.give(this.session, asked);
    const names = outputs.map(({ name }) => name);
    const results = await runSession(this.session, feedsOf(this.session, given, rows), names, given.lengths);
    const layers = sites.map((): Partial<Record<What, PerHead>> => ({}));
    for (const one of outputs) {
      const tensor = results[one.name];
      const data = (await tensor.getData()) as Float32Array;
      const [rows, width] = tensor.dims.slice(-2);
      const layer = layers[sites.findIndex((site) => isOf(one, site))];
      layer[one.what] = { heads: data.length / (rows * width), rows, width, data };
      tensor.dispose();
    }
    return layers;
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

/** Pairs spread evenly over the tokens of both sides; where these are the same, each token with itself, which no mask hides. */
function sampled(queries: number, keys: number): (readonly [query: number, key: number])[] {
  const count = Math.min(PAIRED, Math.max(queries, keys));
  const at = (i: number, tokens: number) => Math.floor((i * tokens) / count);
  return Array.from({ length: count }, (_, i) => [at(i, queries), at(i, keys)] as const);
}

/** What of a score is not the scaled product: the bias that was added, or the mask. */
function joined(
  query: Float32Array,
  keys: Float32Array,
  scores: Float32Array,
  scale: number,
): Pick<RowFeed, 'scale' | 'bias' | 'open'> {
  const open = Uint8Array.from(scores, (score) => Number(score > MASKED));
  const bias = scores.map((score, key) =>
    open[key] ? score - dot(query, rowOf(keys, key, query.length)) * scale : 0,
  );
  return { scale, bias, open };
}
