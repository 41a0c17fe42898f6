import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RowFeed } from '../../webview/core/row';
import {
  asTheModel,
  entropy,
  leading,
  modelScale,
  sharpened,
  softmax,
  stepsOf,
  termsOf,
} from '../../webview/core/row';

const numbers = (length: number) =>
  fc
    .array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: length, maxLength: length })
    .map((values) => Float32Array.from(values));

/** Random heads: 1 to 12 tokens, 1 to 8 dimensions; the first key is always open. */
const feeds = fc
  .record({ n: fc.integer({ min: 1, max: 12 }), d: fc.integer({ min: 1, max: 8 }) })
  .chain(({ n, d }) =>
    fc.record({
      query: numbers(d),
      keys: numbers(n * d),
      values: numbers(n * d),
      scale: fc.constant(1 / Math.sqrt(d)),
      bias: numbers(n),
      open: fc
        .array(fc.integer({ min: 0, max: 1 }), { minLength: n, maxLength: n })
        .map((cells) => Uint8Array.from(cells, (cell, key) => (key === 0 ? 1 : cell))),
    }),
  );

const near = (a: number, b: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} and ${b}`);

test('a row sums to 1, and what the mask hides weighs exactly 0', () => {
  fc.assert(
    fc.property(feeds, (feed) => {
      const { weights } = stepsOf(feed, asTheModel);
      near(
        weights.reduce((sum, weight) => sum + weight, 0),
        1,
      );
      feed.open.forEach((open, key) => assert.ok(open || weights[key] === 0));
    }),
  );
});

test('softmax, then mask, then renormalise is mask, then softmax', () => {
  fc.assert(
    fc.property(feeds, (feed) => {
      const { weights: all } = stepsOf(feed, { ...asTheModel, masked: false });
      const { weights } = stepsOf(feed, asTheModel);
      const left = all.reduce((sum, weight, key) => sum + (feed.open[key] ? weight : 0), 0);
      fc.pre(left > 1e-6);
      weights.forEach((weight, key) => near(weight, feed.open[key] ? all[key] / left : 0, 1e-7));
    }),
  );
});

test('the terms of a product sum to it, and the leading ones come largest first', () => {
  fc.assert(
    fc.property(feeds, (feed) => {
      const { products } = stepsOf(feed, asTheModel);
      products.forEach((product, key) => {
        const terms = termsOf(feed, key);
        near(
          terms.reduce((sum, term) => sum + term, 0),
          product,
        );
        const order = leading(terms, terms.length).map((i) => Math.abs(terms[i]));
        order.forEach((size, i) => assert.ok(i === 0 || size <= order[i - 1]));
      });
    }),
  );
});

test('the output lies between the values it is made of', () => {
  fc.assert(
    fc.property(feeds, (feed) => {
      const width = feed.query.length;
      const { output } = stepsOf(feed, asTheModel);
      for (let i = 0; i < width; i++) {
        const seen = [...feed.open.keys()].filter((key) => feed.open[key]);
        const column = seen.map((key) => feed.values[key * width + i]);
        assert.ok(output[i] >= Math.min(...column) - 1e-9 && output[i] <= Math.max(...column) + 1e-9);
      }
    }),
  );
});

test('a higher temperature never sharpens a row; without the scale no row gets flatter', () => {
  fc.assert(
    fc.property(feeds, fc.double({ min: 1, max: 8, noNaN: true }), (feed, temperature) => {
      const plain: RowFeed = { ...feed, bias: new Float32Array(feed.bias.length) };
      const { entropy: usual } = stepsOf(plain, asTheModel);
      assert.ok(stepsOf(plain, { ...asTheModel, temperature }).entropy >= usual - 1e-9);
      assert.ok(stepsOf(plain, { ...asTheModel, scaled: false }).entropy <= usual + 1e-9);
    }),
  );
});

test('entropy and softmax at their ends', () => {
  near(entropy([0.25, 0.25, 0.25, 0.25]), Math.log(4));
  assert.equal(entropy([1, 0, 0]), 0);
  assert.deepEqual([...softmax(Float64Array.of(-Infinity, -Infinity))], [0, 0]);
  assert.deepEqual([...softmax(Float64Array.of(1000, -Infinity))], [1, 0]);
});

test('weights to a power are the softmax of scores multiplied by it', () => {
  fc.assert(
    fc.property(feeds, fc.double({ min: 0.25, max: 4, noNaN: true }), (feed, power) => {
      const plain: RowFeed = { ...feed, bias: new Float32Array(feed.bias.length) };
      const { weights } = stepsOf(plain, asTheModel);
      const wanted = stepsOf(plain, { ...asTheModel, temperature: 1 / power }).weights;
      sharpened(weights, power).forEach((weight, key) => near(weight, wanted[key], 1e-9));
    }),
  );
});

test('the scale of a model is the slope of its scores, whatever constant was added', () =>
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: -400, max: 400 }), { minLength: 2, maxLength: 64 }),
      fc.double({ min: 0.05, max: 3, noNaN: true }),
      fc.double({ min: -5, max: 5, noNaN: true }),
      (products, scale, bias) => {
        const scores = products.map((product) => product * scale + bias);
        near(modelScale(products, scores, 16), scale, 2e-3 * scale);
      },
    ),
  ));

test('the usual scales are told exactly, and where nothing tells it is 1/√d', () => {
  const products = [3, -7, 12.5];
  const scaled = (scale: number) =>
    modelScale(
      products,
      products.map((one) => one * scale * 1.0001),
      64,
    );
  assert.equal(scaled(1 / 8), 1 / 8);
  assert.equal(scaled(1), 1);
  assert.equal(modelScale([4], [4], 64), 1 / 8);
});
