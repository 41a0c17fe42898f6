/**
 * The heads of a run, each computed once more from what its layer was fed: no second run of the model, and no more in
 * memory than queries and keys.
 */
import * as ort from 'onnxruntime-web/wasm';
import type { CutSite, Site } from '../onnx/index';
import { cutSite } from '../onnx/index';
import { truth, vector } from './feeds';
import type { Feeds, PlannedGraph } from './graph';
import { createSession, lengthsOf, maskFeeds } from './graph';
import type { PassFeeds } from './pass';

interface Wanted {
  readonly head: number;
  readonly queries: number;
  readonly keys: number;
}

/** A site taken one head at a time must give what it gives as a whole. */
const TOLERANCE = 1e-4;

export class Heads {
  /** The site that was asked for last: heads are mostly asked for layer by layer. */
  private open: {
    readonly site: Site;
    readonly cut: CutSite;
    readonly session: ort.InferenceSession;
  } | null = null;
  /** Whether a site gives its heads one by one, as far as it was tried. */
  private readonly single = new Map<Site, boolean>();
  /** All heads of a layer that gives no single ones. */
  private layer: { readonly site: Site; readonly run: PassFeeds; readonly weights: Float32Array } | null =
    null;
  /**
   * The first run, on which a site is tried; without one no head is taken alone. Of a text a short one, of an image the
   * first that is shown.
   */
  trial: PassFeeds | null;

  /** `scales` and `places` as in the request of the runs. */
  constructor(
    private readonly planned: PlannedGraph,
    private readonly options: { scales?: boolean; places?: boolean; trial?: PassFeeds | null } = {},
  ) {
    this.trial = options.trial ?? null;
  }

  /** f32 [queries, keys]: the probabilities of one head in a run. */
  async weights(run: PassFeeds, site: Site, { head, queries, keys }: Wanted): Promise<Float32Array> {
    const size = queries * keys;
    if (await this.isSingle(site)) return this.compute(run, site, head);
    if (this.layer?.site !== site || this.layer.run !== run) {
      this.layer = null;
      this.layer = { site, run, weights: await this.compute(run, site, null) };
    }
    return this.layer.weights.slice(head * size, (head + 1) * size);
  }

  async release(): Promise<void> {
    const { open } = this;
    this.open = this.layer = null;
    await open?.session.release();
  }

  private async isSingle(site: Site): Promise<boolean> {
    const known = this.single.get(site);
    if (known !== undefined) return known;
    // What a shape says of the number of heads cannot be told from the graph, but from what comes out.
    const single = this.trial !== null && (await this.agrees(this.trial, site).catch(() => false));
    this.single.set(site, single);
    return single;
  }

  private async agrees(trial: PassFeeds, site: Site): Promise<boolean> {
    const all = await this.compute(trial, site, null);
    const [queries, keys] = lengthsOf(site.kind, trial.lengths);
    const size = queries * keys;
    for (let head = 0; head < all.length / size; head++) {
      const one = await this.compute(trial, site, head);
      const isSame = one.every((weight, i) => Math.abs(weight - all[head * size + i]) <= TOLERANCE);
      if (one.length !== size || !isSame) return false;
    }
    return true;
  }

  /** @param head null for all of the layer's, [heads, queries, keys] */
  private async compute(run: PassFeeds, site: Site, head: number | null): Promise<Float32Array> {
    const { cut, session } = await this.opened(run, site, head !== null);
    const { own, mask, lengths, experiment } = run;
    const feeds: Feeds = maskFeeds(cut, mask, lengths, experiment.window);
    for (const name of cut.inputs) feeds[name] = own[name];
    for (const name of cut.fed) feeds[name] = run.results[name];
    if (cut.unplacedInput !== null) feeds[cut.unplacedInput] = truth(experiment.positions === 'none');
    for (const { name } of cut.scaleInputs) feeds[name] = vector([experiment.scores]);
    if (cut.headInput !== null)
      feeds[cut.headInput] = new ort.Tensor('int64', BigInt64Array.of(BigInt(head ?? 0)), [1]);
    const { [cut.output]: weights } = await session.run(feeds);
    return (await weights.getData(true)) as Float32Array;
  }

  private async opened(run: PassFeeds, site: Site, single: boolean) {
    if (this.open?.site === site && (this.open.cut.headInput !== null) === single) return this.open;
    await this.open?.session.release();
    this.open = null;
    const { model, plan, masks, weights } = this.planned;
    const cut = cutSite(model, plan, masks, site, run.results, { ...this.options, single });
    // Each run's memory goes back at once: it would be held beside that of the next run of the model.
    this.open = { site, cut, session: await createSession(cut, weights, { enableCpuMemArena: false }) };
    return this.open;
  }
}
