/** How spread every row of a head is: as the model has it, and as it would be with sharper or flatter scores. */
import type { Matrix } from '../../core/attention';
import { weightsOf } from '../../core/attention';
import { entropy, sharpened } from '../../core/row';
import { element } from '../../element';
import type { Series } from './chart';
import { chart } from './chart';

/** Rows that are gone through: a curve shows no more of them, and each costs as many powers as there are keys. */
const MOST = 256;

/** @param power what the switches multiply every score by; 1 leaves the model as it is */
export function entropies(matrix: Matrix, power: number): Node[] {
  const step = Math.ceil(matrix.queries / MOST);
  const points = (by: number) =>
    Array.from({ length: Math.ceil(matrix.queries / step) }, (_, i): [number, number] => [
      i * step,
      entropy(sharpened(weightsOf(matrix, i * step, false), by)),
    ]);
  const series: Series[] = [
    { name: 'as the model', as: 'line', style: power === 1 ? 0 : 1, points: points(1) },
  ];
  if (power !== 1) series.push({ name: 'as switched', as: 'line', style: 0, points: points(power) });
  const mean = ({ points: each }: Series) => each.reduce((sum, [, y]) => sum + y, 0) / each.length;
  const [usual, changed] = series.map((one) => mean(one).toFixed(2));
  const rows = step === 1 ? 'All rows of this head' : `One row in ${step} of this head`;
  const says = `${rows}: ${usual} nats on average`;
  return [
    element(
      'p',
      {},
      changed === undefined
        ? `${says}.`
        : `${says}; as switched, ${changed} (the unbroken line; dashed is the model as it is).`,
    ),
    chart('Entropy of every row in nats', 'token', 'nats', series),
  ];
}
