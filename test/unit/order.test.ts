import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { agreement, putBack, shuffled } from '../../webview/core/order';

const places = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 });

test('a shuffled order has every place once, and what stays stays', () => {
  fc.assert(
    fc.property(places, fc.integer(), (stay, seed) => {
      const order = shuffled(stay, seed);
      assert.deepEqual(
        [...order].sort((a, b) => a - b),
        stay.map((_, place) => place),
      );
      stay.forEach((stays, place) => assert.ok(!stays || order[place] === place));
      assert.deepEqual(shuffled(stay, seed), order);
    }),
  );
});

test('many tokens do not all stay where they were', () => {
  const order = shuffled(new Array(50).fill(false), 1);
  assert.ok(order.filter((old, place) => old === place).length < 10);
});

test('what knows no order is the same when it is put back', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { minLength: 1, maxLength: 12 }), fc.integer(), (tokens, seed) => {
      const n = tokens.length;
      /** Attention by content alone. */
      const attend = (of: readonly number[]) =>
        Float32Array.from({ length: n * n }, (_, i) => {
          const [query, key] = [of[Math.floor(i / n)], of[i % n]];
          return (1 + query * key) / of.reduce((sum, other) => sum + 1 + query * other, 0);
        });
      const order = shuffled(new Array(n).fill(false), seed);
      const back = putBack(attend(order.map((old) => tokens[old])), order);
      const [written, close] = [attend(tokens), agreement(attend(tokens), back, n)];
      assert.ok(Math.abs(close - 1) < 1e-5);
      written.forEach((weight, i) => assert.ok(Math.abs(weight - back[i]) < 1e-6));
    }),
  );
});

test('agreement is 1 for the same rows, 0 for rows that share nothing', () => {
  const a = Float32Array.of(1, 0, 0, 1);
  assert.equal(agreement(a, a, 2), 1);
  assert.equal(agreement(a, Float32Array.of(0, 1, 1, 0), 2), 0);
  assert.equal(agreement(a, Float32Array.of(0.5, 0.5, 0.5, 0.5), 2), 0.5);
});
