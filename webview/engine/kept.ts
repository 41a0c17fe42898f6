/** What the last runs of one text left, from which every number that is told is computed. */
import type { Matrix, Overview } from '../core/attention';
import { emptyOverview, toCells } from '../core/attention';
import type { Single } from '../core/look';
import { Gathering, joinLayer } from '../core/look';
import { cutOut, finer } from '../core/detail';
import type { Part } from '../core/part';
import type { Redraw } from '../core/redraw';
import { redrawn } from '../core/redraw';
import type { SiteKind } from '../onnx/index';
import type { Attention } from './graph';

/** Bytes that runs may take together, the newest apart. */
const BUDGET = 400e6;
const MOST = 4;

/** The newest runs of the newest text, one a mask and an experiment: a run that is gone can be made again. */
export class KeptRuns {
  private text: number | null = null;
  private readonly runs = new Map<string, readonly Attention[]>();

  keep(text: number, key: string, attentions: readonly Attention[]): void {
    if (text !== this.text) this.runs.clear();
    this.text = text;
    this.runs.delete(key);
    // The bytes of the overview are moved away.
    const without = ({ overview, ...rest }: Attention): Attention => ({
      ...rest,
      overview: { ...overview, bytes: new Uint8Array() },
    });
    this.runs.set(key, attentions.map(without));
    const size = () => [...this.runs.values()].flat().reduce((sum, { kept }) => sum + kept, 0);
    for (const oldest of this.runs.keys())
      if (oldest !== key && (this.runs.size > MOST || size() > BUDGET)) this.runs.delete(oldest);
  }

  /**
   * A matrix of its own memory, to be moved away; null where the run is not kept.
   * @param layer where `of` is of all layers, the one that is added to `before`, which those before it gave
   */
  async matrix(
    key: string,
    kind: SiteKind,
    of: Single,
    layer: number,
    before: Matrix | null,
  ): Promise<Matrix | null> {
    const run = this.find(key, kind);
    if (!run) return null;
    const { heads, queries, keys } = run.overview;
    if (of.kind === 'head') return { queries, keys, weights: await run.weightsOf(of.head) };
    const gathering = new Gathering(of.kind, queries * keys);
    for (let head = 0; head < heads; head++)
      gathering.add(await run.weightsOf({ layer: of.layer ?? layer, head }));
    const weights = gathering.weights();
    if (!before) return { queries, keys, weights };
    joinLayer(of.kind, before.weights, layer, weights);
    return before;
  }

  /** One layer more of the overview of a run, or of a part of it, redrawn; null where the run is not kept. */
  async redrawn(
    key: string,
    kind: SiteKind,
    redraw: Redraw,
    layer: number,
    before: Overview | null,
    part: Part | null,
  ): Promise<Overview | null> {
    const run = this.find(key, kind);
    if (!run) return null;
    const { heads, queries, keys } = run.overview;
    const overview = before ?? emptyOverview(part ? finer(run.overview, part) : run.overview);
    for (let head = 0; head < heads; head++) {
      const matrix = { queries, keys, weights: await run.weightsOf({ layer, head }) };
      const drawn = redrawn(matrix, redraw, { kind: 'head', head: { layer, head } });
      toCells(part ? cutOut(drawn, part) : drawn, overview, { layer, head });
    }
    return overview;
  }

  private find(key: string, kind: SiteKind): Attention | undefined {
    return this.runs.get(key)?.find((one) => one.kind === kind);
  }

  clear(): void {
    this.runs.clear();
  }
}
