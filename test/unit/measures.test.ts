import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maskCells, openedCells, strongest } from '../../webview/core/attention';
import { measureHeads, mostTelling } from '../../webview/core/measures';

/** Long enough that a weight is far less than 1/255. */
const n = 600;

/** One layer of three heads with known answers: all on itself, all on the first token, uniform over what is open. */
function closedForm(): Float32Array {
  const weights = new Float32Array(3 * n * n);
  for (let q = 0; q < n; q++) {
    weights[q * n + q] = 1;
    weights[n * n + q * n] = 1;
    weights.fill(1 / (q + 1), 2 * n * n + q * n, 2 * n * n + q * n + q + 1);
  }
  return weights;
}

test('measures of heads with closed forms', () => {
  const [self, sink, uniform] = measureHeads(closedForm(), 0, { queries: n, keys: n });
  assert.equal(self.distance, 0);
  assert.equal(self.sink, 0);
  assert.equal(self.confidence, 1);
  assert.ok(Math.abs(sink.distance - (n - 1) / 2) < 1e-9);
  assert.ok(Math.abs(sink.sink - 1) < 1e-9);
  assert.equal(sink.confidence, 0);
  // Uniform: query q looks q/2 back on average; the first token gets (H_n - 1) / (n - 1) of the later queries.
  let harmonic = 0;
  for (let i = 1; i <= n; i++) harmonic += 1 / i;
  assert.ok(Math.abs(uniform.distance - (n - 1) / 4) < 1e-3);
  assert.ok(Math.abs(uniform.sink - (harmonic - 1) / (n - 1)) < 1e-6);
  assert.ok(Math.abs(uniform.confidence - uniform.sink) < 1e-6);
});

/** Heads of one layer over the same tokens, as a picture has them. */
function pictured(heads: readonly ((query: number, key: number) => number)[], n: number) {
  const bytes = new Uint8Array(heads.length * n * n);
  heads.forEach((weight, head) => {
    for (let q = 0; q < n; q++)
      for (let k = 0; k <= q; k++) bytes[(head * n + q) * n + k] = Math.round(255 * weight(q, k));
  });
  return { layers: 1, heads: heads.length, queries: n, keys: n, cell: 1, bytes };
}

test('the first head to look at has links of many kinds, whatever stands beside it', () => {
  const length = 40;
  const blank = 7;
  const texts = Array.from({ length }, (_, key) => key !== blank);
  const one = (chosen: (query: number) => number) => (query: number, key: number) =>
    key === Math.max(0, chosen(query)) ? 1 : 0;
  const dull = [
    one((query) => query), // itself
    one(() => 0), // the first token
    one(() => blank), // white space
    one(() => 3), // one token
    one((query) => query - 2), // a fixed offset
    (query: number) => 1 / (query + 1), // a haze
  ];
  const draws = fc.array(fc.nat(), { minLength: length, maxLength: length });
  fc.assert(
    fc.property(draws, fc.nat(dull.length), (drawn, at) => {
      const links = drawn.map((draw, query) => draw % (query + 1));
      fc.pre(new Set(links).size > length / 4);
      const heads = [...dull.slice(0, at), one((query) => links[query]), ...dull.slice(at)];
      assert.deepEqual(mostTelling(pictured(heads, length), texts, false), { layer: 0, head: at });
    }),
  );
});

test('a text of one token, and weights that are all faint, have a first head too', () => {
  const shape = { layers: 1, heads: 2, queries: 1, keys: 1 };
  assert.deepEqual(mostTelling({ ...shape, cell: 1, bytes: new Uint8Array(2) }, [true], false), {
    layer: 0,
    head: 0,
  });
});

test('a mask has a cell for every open pair', () => {
  const causal = maskCells('causal', 5);
  for (let q = 0; q < 5; q++) for (let k = 0; k < 5; k++) assert.equal(causal[q * 5 + k], Number(k <= q));
  assert.ok(maskCells('bidirectional', 5).every((cell) => cell === 1));
});

test('what is opened is what a causal mask closes, and nothing else', () => {
  assert.ok(openedCells('causal', 5).every((cell) => cell === 0));
  const closed = maskCells('causal', 5).map((cell) => 1 - cell);
  assert.deepEqual(openedCells('bidirectional', 5), closed);
});

test('strongest: by weight, ties to the earlier token', () => {
  assert.deepEqual(strongest([0.1, 0.5, 0.1, 0.3], 3), [1, 3, 0]);
});
