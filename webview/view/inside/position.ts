/** What a head owes to order: its pattern as written, with the tokens shuffled and put back, and without positions. */
import { strongest, toBytes, weightsOf } from '../../core/attention';
import type { Mask, Matrix } from '../../core/attention';
import { visible } from '../../core/names';
import { agreement } from '../../core/order';
import { pool } from '../../core/pool';
import { Again } from '../../again';
import { element } from '../../element';
import type { Failure } from '../../inside';
import { failed } from '../../inside';
import { drawCells, hatchCells, palette } from '../../render/cells';
import { surface } from '../../render/surface';
import type { Theme } from '../../render/theme';
import { percent } from '../percent';

export interface PositionSubject {
  readonly labels: readonly string[];
  readonly token: number;
  readonly head: string;
  readonly mask: Mask;
  readonly written: Matrix;
  /** Rows and columns put back in the order of the text. */
  readonly shuffled: Matrix;
  /** Of the shuffled tokens: the old place of each. */
  readonly order: readonly number[];
  /** A sentence where positions cannot be taken from this model. */
  readonly unplaced: Matrix | Failure;
}

const SIDE = 180;
const NAMED = 3;

export class PositionView {
  readonly root = element('div', { class: 'position' });
  private readonly again = new Again();

  update(subject: PositionSubject, theme: Theme): void {
    if (this.again.same(subject.written, subject.shuffled, subject.token, theme)) return;
    const { written, shuffled, unplaced, head } = subject;
    this.root.replaceChildren(
      element(
        'div',
        { class: 'patterns' },
        this.pattern('as written', 'every token at its place', written, subject, theme),
        this.pattern(
          'shuffled',
          'the tokens in another order, then put back to compare',
          shuffled,
          subject,
          theme,
        ),
        this.pattern(
          'without positions',
          'every token put where the first one stands',
          unplaced,
          subject,
          theme,
        ),
      ),
      ...(subject.mask === 'causal' ? [element('p', {}, masked(subject))] : []),
      element('p', {}, verdict(head, subject)),
    );
  }

  private pattern(
    title: string,
    how: string,
    matrix: Matrix | Failure,
    subject: PositionSubject,
    theme: Theme,
  ): HTMLElement {
    const caption = element(
      'figcaption',
      {},
      element('b', {}, title),
      element('span', { class: 'hint' }, ` ${how}`),
    );
    if (failed(matrix)) return element('figure', {}, element('p', { class: 'hint' }, matrix.failed), caption);
    const canvas = element('canvas', { role: 'img', 'aria-label': `Head ${subject.head}, ${title}` });
    const places = matrix === subject.shuffled ? placesIn(subject.order) : null;
    draw(canvas, matrix, subject.mask, places, theme);
    const row = weightsOf(matrix, subject.token, false);
    const name = (i: number) => visible(subject.labels[i]);
    const most = strongest(row, NAMED).filter((key) => row[key] > 0);
    caption.append(
      element(
        'p',
        {},
        `${name(subject.token)} looks at ${most.map((key) => `${name(key)} ${row[key].toFixed(2)}`).join(', ')}`,
      ),
    );
    if (matrix !== subject.written) {
      const kept = agreement(subject.written.weights, matrix.weights, matrix.queries);
      caption.append(element('p', {}, `${percent(kept)} of the attention stays where it was`));
    }
    return element('figure', {}, canvas, caption);
  }
}

/** @param places where each token stood in the run: what the mask hides goes by that; null where they stood as they are drawn */
function draw(
  canvas: HTMLCanvasElement,
  { queries, keys, weights }: Matrix,
  mask: Mask,
  places: readonly number[] | null,
  theme: Theme,
): void {
  const { context, ratio } = surface(canvas, SIDE, SIDE);
  const size = Math.round(SIDE * ratio);
  const bytes = new Uint8Array(queries * keys);
  toBytes(weights, bytes, 0);
  const axes = { queries: { n: queries, size }, keys: { n: keys, size } };
  const colours = palette(theme.kind, { scale: 'square root', threshold: 0 });
  drawCells(context, [pool(bytes, 0, axes, places ? 'bidirectional' : mask)], colours, 0, 0);
  // Where several pairs share a pixel, no one of them is seen to be hidden.
  if (places && mask === 'causal' && queries <= size)
    hatchCells(context, axes, colours, (query, key) => places[key] > places[query]);
}

/** Of each token, its place among the shuffled ones. */
function placesIn(order: readonly number[]): number[] {
  const places: number[] = [];
  order.forEach((old, place) => (places[old] = place));
  return places;
}

/** Agreement above this is a head that does not care. */
const KEEPS = 0.75;
const LOSES = 0.4;

function verdict(head: string, { written, shuffled, unplaced }: PositionSubject): string {
  const kept = agreement(written.weights, shuffled.weights, written.queries);
  const bare = !failed(unplaced) ? agreement(written.weights, unplaced.weights, written.queries) : null;
  const says =
    kept > KEEPS
      ? `Head ${head} finds the same tokens wherever they stand: it goes by what they are.`
      : kept < LOSES
        ? `Head ${head} lets go of most of its links when the tokens change places: it goes by where they stand.`
        : `Head ${head} keeps some of its links when the tokens change places: it goes by what they are and by where they stand.`;
  if (bare === null) return says;
  return bare < LOSES
    ? `${says} Without positions it cannot find them.`
    : `${says} Without positions it still finds ${percent(bare)} of them.`;
}

/** What a token sees goes by the new order where there is a causal mask: told of the token that is looked at. */
function masked({ labels, token, order }: PositionSubject): string {
  const before = order.slice(0, order.indexOf(token));
  const kept = before.filter((other) => other < token).length;
  const others = before.length - kept;
  const name = visible(labels[token]);
  const still =
    kept === token
      ? 'all still do'
      : kept === 0
        ? 'none still does'
        : `only ${kept} still ${kept === 1 ? 'does' : 'do'}`;
  const came =
    others === 0
      ? ''
      : `, and ${others} that stood after it now ${others === 1 ? 'stands' : 'stand'} before it`;
  return (
    `Shuffling also changes what the causal mask hides: a token sees what stands before it. Of the ${token} that stood before ${name} ${still}${came}. ` +
    'Turn the causal mask off to change the order and nothing else.'
  );
}
