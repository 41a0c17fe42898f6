import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  costAt,
  disturbed,
  fitHeap,
  fitParabola,
  fitUndisturbed,
  openPairs,
} from '../../webview/core/growth';

const lengths = [16, 32, 64, 128, 256, 512];
const term = (max: number) => fc.double({ min: 0, max, noNaN: true });

test('a parabola is found again from points on it', () => {
  fc.assert(
    fc.property(term(50), term(0.5), term(0.01), (constant, linear, square) => {
      const truth = { constant, linear, square };
      const fit = fitParabola(lengths.map((n) => ({ n, cost: costAt(truth, n) })));
      for (const n of lengths) {
        const cost = costAt(truth, n);
        assert.ok(Math.abs(costAt(fit, n) - cost) <= 1e-6 * (1 + cost), `${n}`);
      }
    }),
  );
});

test('no term is negative, whatever was measured, and no single term fits better', () => {
  const costs = fc.array(term(1000), { minLength: lengths.length, maxLength: lengths.length });
  fc.assert(
    fc.property(costs, (measured) => {
      const points = lengths.map((n, i) => ({ n, cost: measured[i] }));
      const fit = fitParabola(points);
      assert.ok(fit.constant >= 0 && fit.linear >= 0 && fit.square >= 0);
      const error = (guess: typeof fit) =>
        points.reduce((sum, { n, cost }) => sum + (costAt(guess, n) - cost) ** 2, 0);
      const mean = points.reduce((sum, { cost }) => sum + cost, 0) / points.length;
      assert.ok(error(fit) <= error({ constant: mean, linear: 0, square: 0 }) * (1 + 1e-6) + 1e-6);
    }),
  );
});

test('runs that were held up, up to two of eight, do not bend what the others lie on', () => {
  const eighths = [64, 128, 192, 256, 320, 384, 448, 512];
  const places = fc.uniqueArray(fc.integer({ min: 0, max: 7 }), { maxLength: 2 });
  const delay = fc.double({ min: 1, max: 1e4, noNaN: true });
  fc.assert(
    fc.property(term(50), term(0.5), term(0.01), places, delay, (constant, linear, square, late, by) => {
      const truth = { constant, linear, square };
      const points = eighths.map((n, i) => ({ n, cost: costAt(truth, n) + (late.includes(i) ? by : 0) }));
      const fit = fitUndisturbed(points);
      for (const n of eighths) {
        const cost = costAt(truth, n);
        assert.ok(Math.abs(costAt(fit, n) - cost) <= 1e-4 * (1 + cost), `${n}`);
      }
    }),
  );
  assert.deepEqual([1, 4, 5, 7, 8].map(disturbed), [0, 0, 1, 1, 2]);
});

test('one point is enough for a constant', () => {
  assert.equal(costAt(fitParabola([{ n: 10, cost: 7 }]), 10), 7);
});

test('open pairs, counted one by one', () => {
  for (const n of [1, 2, 5, 9])
    for (const causal of [true, false])
      for (const window of [1, 2, 4, Infinity]) {
        let pairs = 0;
        for (let q = 0; q < n; q++)
          for (let k = 0; k < n; k++) if ((!causal || k <= q) && Math.abs(q - k) < window) pairs++;
        assert.equal(openPairs(n, causal, window), pairs);
      }
});

test('a heap is fitted where it grew beyond what was free, and not by fewer than three points', () => {
  const truth = { constant: 30e6, linear: 1000, square: 160 };
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 8e6 }), (free) => {
      const before = truth.constant + free;
      const points = lengths.map((n) => ({ n, cost: Math.max(before, costAt(truth, n)) }));
      const grown = points.filter(({ cost }) => cost > before);
      const fit = fitHeap(points, before);
      assert.equal(fit === null, grown.length < 3);
      if (fit) for (const { n, cost } of grown) assert.ok(Math.abs(costAt(fit, n) / cost - 1) < 1e-6);
    }),
  );
});
