// What a site can show beside its probabilities, each as float32 and in one layout, whatever the export's own.
import { FLOAT, INT64, UINT8 } from './element';
import type { Maker } from './make';
import type { Factors, Operand, Site, SiteKind, StreamEnd } from './plan';
import type { Projection } from './projection';
import type { Change } from './rewrite';

/**
 * probabilities  as they meet the values, [batch, heads, query, key]
 * scores         what enters the softmax, masks included, [batch, heads, query, key]
 * q, k, v        as they enter the product, [batch, heads, token, width], without scales that the export put on them:
 *                q·kᵀ times the model's scale (mostly 1/√width) is the score before bias and mask. Keys and values
 *                that heads share come once for each head of queries where the export repeats them
 * head_output    probabilities times values, [batch, heads, query, width], gates included
 * hidden         the residual stream that the layer reads, [batch, token, width]; as of one layer more, what leaves the
 *                last, before any norm that closes the model
 * projection     the weight that the heads' outputs, side by side, are multiplied with, [heads * width, hidden]
 * thumbnails     probabilities by cells of `cellInput` tokens a side, the largest of each, uint8 of 255
 * measures       of each query, [batch, heads, 3, query]: mean distance to its keys by weight; weight of the first key; the
 *                largest on any other. Where a text attends to itself its last key is its last query
 *
 * score_rows     those rows of the scores that `rowsInput` names, [batch, heads, rows, key]
 * weight_rows    the same rows of the probabilities
 *
 * Where an export keeps batch and heads in one axis ([batch * heads, ...]), so do these.
 */
export type What =
  | 'probabilities'
  | 'scores'
  | 'q'
  | 'k'
  | 'v'
  | 'head_output'
  | 'hidden'
  | 'projection'
  | 'thumbnails'
  | 'measures'
  | 'score_rows'
  | 'weight_rows';

/** What is made small here is made by operators that take axes, bounds and lengths as inputs from this opset on. */
const REDUCING = 11;

export class Exposure {
  /** The input with the size of a cell, once a thumbnail was made. */
  cell: string | null = null;
  /** The input with the queries whose rows are wanted, once any were. */
  rows: string | null = null;
  /** What is made of each site's probabilities, to be made before they meet the values. */
  private readonly reduced = new Map<Site, string[]>();
  /** What weights are multiplied with to be measured, for each kind of attention. */
  private readonly yardsticks = new Map<SiteKind, Yardsticks>();

  constructor(
    private readonly make: Maker,
    private readonly change: Change,
  ) {}

  /** The name of the output, or null where the site does not have it. */
  expose(what: What, site: Site): string | null {
    const { products, values } = site;
    const [product] = products;
    switch (what) {
      case 'probabilities':
        return site.weightsType === FLOAT
          ? this.pairs(site, site.name)
          : this.named(what, site, this.pairs(site, site.name));
      case 'scores':
        return this.named(what, site, this.scores(site));
      case 'score_rows':
        return this.rowsOf(what, site, this.scores(site));
      case 'weight_rows':
        return this.rowsOf(what, site, this.pairs(site, site.name));
      case 'q':
        return product.quantised ? null : this.named(what, site, this.operand(product, 0, 'left'));
      case 'k':
        return product.quantised ? null : this.named(what, site, this.operand(product, 1, 'right'));
      case 'v':
        return values.quantised ? null : this.named(what, site, this.values(site));
      case 'head_output':
        return values.quantised ? null : this.named(what, site, this.output(site));
      case 'hidden':
        return site.hidden && this.named(what, site, site.hidden);
      case 'projection':
        return site.projection && this.named(what, site, this.projection(site.projection));
      case 'thumbnails':
        return this.make.opset < REDUCING ? null : this.thumbnail(site);
      case 'measures':
        return this.make.opset < REDUCING ? null : this.measures(site);
    }
  }

  /** `hidden` behind the last layer. */
  end(end: StreamEnd): string {
    return this.named(
      'hidden',
      end,
      end.terms.reduce((sum, term) => this.make.node('Add', [sum, term])),
    );
  }

  /** Under a name of its own, through a Cast, which costs nothing where the tensor is float32 already. */
  private named(what: What, { kind, layer }: Pick<Site, 'kind' | 'layer'>, tensor: string): string {
    return this.make.cast(tensor, FLOAT, this.make.name(`headlight_${what}_${kind}_${layer}`));
  }

  /** [batch, groups, heads in a group, query, key] and [query, key] as [batch, heads, query, key]. */
  private pairs({ rank }: Site, tensor: string): string {
    const { make } = this;
    if (rank === 2) return make.reshape(tensor, 1, 1, make.node('Shape', [tensor]));
    if (rank !== 5) return tensor;
    const shape = make.node('Shape', [tensor]);
    return make.reshape(tensor, make.slice(shape, 0, 0, 1), -1, make.slice(shape, 0, 3, 5));
  }

  /** As they are once pairs are closed. */
  private scores(site: Site): string {
    const closed = this.change.redirected.get(site.reader)?.get(site.scores);
    return this.pairs(site, closed ?? site.scores);
  }

  private rowsOf(what: What, site: Site, pairs: string): string {
    const { make } = this;
    this.rows ??= this.change.input('headlight_rows', INT64, ['headlight_rows']);
    const rows = make.node('Gather', [pairs, this.rows], { axis: site.rank === 3 ? 1 : 2 });
    const told = make.cast(rows, FLOAT);
    // Too old an operator set to wait with: it has no whole maps made small either.
    return make.opset < REDUCING ? this.named(what, site, told) : this.reduces(what, site, told);
  }

  /** Queries are the left operand of their product, [.., token, width]; keys the right one, [.., width, token]. */
  private operand({ operands, equation }: Factors, which: 0 | 1, side: 'left' | 'right'): string {
    const { name, rank, factors } = operands[which];
    let tensor = name;
    for (const { op, by } of factors) tensor = this.make.node(op === 'Mul' ? 'Div' : 'Mul', [tensor, by]);
    if (equation !== null) {
      const { inputs, output } = letters(equation);
      const token = output.at(side === 'left' ? -2 : -1) ?? '';
      const width = inputs[0].find((letter) => inputs[1].includes(letter) && !output.includes(letter)) ?? '';
      return this.arranged(tensor, inputs[which], [...output.slice(0, -2), token, width]);
    }
    return side === 'right' ? this.swapped(tensor, rank) : tensor;
  }

  private values({ values }: Site): string {
    const { operands, equation, weights } = values;
    const other: Operand = operands[1 - weights];
    if (equation !== null) {
      const { inputs, output } = letters(equation);
      const [pairs, own] = [inputs[weights], inputs[1 - weights]];
      const width = own.find((letter) => output.includes(letter) && !pairs.includes(letter)) ?? '';
      return this.arranged(other.name, own, [...pairs.slice(0, -2), pairs.at(-1) ?? '', width]);
    }
    return weights === 0 ? other.name : this.swapped(other.name, other.rank);
  }

  private output({ values, rank }: Site): string {
    const { output: tensor, operands, equation, weights } = values;
    if (equation !== null) {
      const { inputs, output } = letters(equation);
      const pairs = inputs[weights];
      const width = output.find((letter) => !pairs.includes(letter)) ?? '';
      return this.arranged(tensor, output, [...pairs.slice(0, -2), pairs.at(-2) ?? '', width]);
    }
    return weights === 0 ? tensor : this.swapped(tensor, Math.max(rank, operands[0].rank));
  }

  private projection({ weight, turned }: Projection): string {
    return turned ? this.make.transpose(weight, [1, 0]) : weight;
  }

  private swapped(tensor: string, rank: number): string {
    const perm = Array.from({ length: rank }, (_, axis) => axis);
    return this.make.transpose(tensor, [...perm.slice(0, -2), rank - 1, rank - 2]);
  }

  /** Axes by their letters in another order. What the tensor does not have (keys shared by all heads) stays away. */
  private arranged(tensor: string, from: readonly string[], to: readonly string[]): string {
    const perm = to.map((letter) => from.indexOf(letter)).filter((axis) => axis >= 0);
    const isSame = perm.every((axis, i) => axis === i);
    return isSame || perm.length < from.length ? tensor : this.make.transpose(tensor, perm);
  }

  /** The largest by blocks, in two steps: onnxruntime reduces one run of axes at a time much faster than two apart. */
  private thumbnail(site: Site): string {
    const { make } = this;
    this.cell ??= this.change.input('headlight_cell', INT64, [1]);
    const cell = this.cell;
    const pairs = make.cast(this.pairs(site, site.name), FLOAT);
    const rank = site.rank === 3 ? 3 : 4;
    const shape = make.node('Shape', [pairs]);
    const one = make.ints([1]);
    const sides = [rank - 2, rank - 1].map((axis) => {
      const length = make.slice(shape, 0, axis, axis + 1);
      const rounded = make.node('Sub', [make.node('Add', [length, cell]), one]);
      const count = make.node('Div', [rounded, cell]);
      return { count, missing: make.node('Sub', [make.node('Mul', [count, cell]), length]) };
    });
    const [rows, columns] = sides.map(({ count }) => count);
    const before = Array.from({ length: rank }, () => 0);
    const padded = make.node('Pad', [
      pairs,
      make.shape(...before, ...before.slice(2), ...sides.map(({ missing }) => missing)),
    ]);
    const width = make.node('Mul', [columns, cell]);
    const tallest = this.reduce('ReduceMax', make.reshape(padded, -1, cell, width), 1);
    const largest = this.reduce('ReduceMax', make.reshape(tallest, -1, cell), 1);
    const scaled = make.node('Round', [make.node('Mul', [largest, make.scalar(FLOAT, 255)!])]);
    const small = make.reshape(make.cast(scaled, UINT8), make.slice(shape, 0, 0, rank - 2), rows, columns);
    return this.reduces('thumbnails', site, small);
  }

  private measures(site: Site): string {
    const { make } = this;
    const pairs = make.cast(this.pairs(site, site.name), FLOAT);
    const rank = site.rank === 3 ? 3 : 4;
    const { distance, others } = this.yardsticks.get(site.kind) ?? this.yardstick(site.kind, pairs, rank);
    const overKeys = (op: string, tensor: string) => this.reduce(op, tensor, rank - 1);
    const each = [
      overKeys('ReduceSum', make.node('Mul', [pairs, distance])),
      make.reshape(make.slice(pairs, rank - 1, 0, 1), ...Array.from({ length: rank - 1 }, () => 0)),
      overKeys('ReduceMax', make.node('Mul', [pairs, others])),
    ].map((perQuery) => make.unsqueeze(perQuery, rank - 2));
    return this.reduces('measures', site, make.node('Concat', each, { axis: rank - 2 }));
  }

  private yardstick(kind: SiteKind, pairs: string, rank: number): Yardsticks {
    const { make } = this;
    const number = (count: string) =>
      make.node('Squeeze', [count, ...(make.opset < 13 ? [] : [make.ints([0])])]);
    const [queries, keys] = [rank - 2, rank - 1].map((axis) => make.length(pairs, axis));
    // Of a text that is gone on from there are more keys than queries.
    const before = kind === 'cross' ? make.scalar(INT64, 0)! : number(make.node('Sub', [keys, queries]));
    const end = kind === 'cross' ? queries : keys;
    const places = (from: string, to: string) =>
      make.cast(make.node('Range', [from, number(to), make.scalar(INT64, 1)!]), FLOAT);
    const [queryPlaces, keyPlaces] = [places(before, end), places(make.scalar(INT64, 0)!, keys)];
    const made: Yardsticks = {
      distance: make.node('Abs', [make.node('Sub', [make.unsqueeze(queryPlaces, 1), keyPlaces])]),
      others: make.node('Min', [keyPlaces, make.scalar(FLOAT, 1)!]),
    };
    this.yardsticks.set(kind, made);
    return made;
  }

  /** Without the axis. */
  private reduce(op: string, tensor: string, axis: number): string {
    const { make } = this;
    const asInput = make.opset >= (op === 'ReduceSum' ? 13 : 18);
    return asInput
      ? make.node(op, [tensor, make.ints([axis])], { keepdims: 0 })
      : make.node(op, [tensor], { axes: [axis], keepdims: 0 });
  }

  private reduces(what: What, site: Site, tensor: string): string {
    const name = this.make.name(`headlight_${what}_${site.kind}_${site.layer}`);
    this.make.node('Identity', [tensor], {}, name);
    this.reduced.set(site, [...(this.reduced.get(site) ?? []), tensor]);
    return name;
  }

  /**
   * To be called last. onnxruntime runs what nothing waits for at the end, and would keep all maps until then; so a
   * layer's output waits for what is made of its map: it is expanded to a shape of 1 that is made of theirs.
   */
  order(): void {
    const { make } = this;
    for (const [{ values }, made] of this.reduced) {
      const ones = made
        .map((tensor) => make.slice(make.node('Shape', [tensor]), 0, 0, 1))
        .map((size) => make.node('Div', [size, size]))
        .reduce((all, one) => make.node('Mul', [all, one]));
      this.change.replace(values.output, (original) =>
        make.node('Expand', [original, ones], {}, values.output),
      );
    }
  }
}

/** float32 */
interface Yardsticks {
  /** [query, key] Tokens between them. */
  readonly distance: string;
  /** [key] 0 for the first, 1 for all others. */
  readonly others: string;
}

/** Of an Einsum with no ellipsis; of any other, nothing. */
function letters(equation: string): { inputs: [string[], string[]]; output: string[] } {
  const [left, right] = equation.replaceAll(' ', '').split('->');
  const [first, second] = left.split(',');
  const split = (part: string | undefined) => (!part || equation.includes('.') ? [] : [...part]);
  return { inputs: [split(first), split(second)], output: split(right) };
}
