import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Mask, Matrix, Shape } from '../../webview/core/attention';
import { weightsOf } from '../../webview/core/attention';
import type { Look, Single } from '../../webview/core/look';
import { Gathering, joinLayer, lookName, seenBy, sourcesOf } from '../../webview/core/look';

const small = fc.integer({ min: 1, max: 6 });
const runs = fc
  .record({ layers: small, heads: small, queries: small, keys: small, seed: fc.integer() })
  .map(({ seed, ...shape }) => {
    let random = seed;
    const next = () => ((random = (Math.imul(random, 1664525) + 1013904223) | 0) >>> 8) / 2 ** 24;
    const layers = Array.from({ length: shape.layers }, () =>
      Float32Array.from({ length: shape.heads * shape.queries * shape.keys }, next),
    );
    return { shape, layers };
  });

/** A matrix of a run as the engine makes it: head by head, layer by layer. */
function gather(layers: readonly Float32Array[], { heads, queries, keys }: Shape, of: Single): Matrix {
  const size = queries * keys;
  const own = (layer: number, head: number) => layers[layer].slice(head * size, (head + 1) * size);
  if (of.kind === 'head') return { queries, keys, weights: own(of.head.layer, of.head.head) };
  let whole: Float32Array | null = null;
  layers.forEach((_, layer) => {
    if (of.layer !== null && of.layer !== layer) return;
    const gathering = new Gathering(of.kind, size);
    for (let head = 0; head < heads; head++) gathering.add(own(layer, head));
    if (whole) joinLayer(of.kind, whole, layer, gathering.weights());
    else whole = gathering.weights();
  });
  return { queries, keys, weights: whole! };
}

/** Every weight that the pair has in the heads that are taken, one by one. */
function weightsAt(layers: Float32Array[], shape: Shape, layer: number | null, pair: number): number[] {
  const size = shape.queries * shape.keys;
  return (layer === null ? layers : [layers[layer]]).flatMap((one) =>
    Array.from({ length: shape.heads }, (_, head) => one[head * size + pair]),
  );
}

test('an average is the mean of the heads’ weights and a maximum the largest, for rectangles too', () => {
  fc.assert(
    fc.property(runs, fc.nat(), fc.boolean(), ({ shape, layers }, random, whole) => {
      const layer = whole ? null : random % shape.layers;
      const average = gather(layers, shape, { kind: 'average', layer });
      const maximum = gather(layers, shape, { kind: 'maximum', layer });
      for (let pair = 0; pair < shape.queries * shape.keys; pair++) {
        const all = weightsAt(layers, shape, layer, pair);
        const mean = all.reduce((sum, weight) => sum + weight, 0) / all.length;
        assert.ok(Math.abs(average.weights[pair] - mean) <= 1e-7);
        assert.equal(maximum.weights[pair], Math.max(...all));
      }
    }),
  );
});

test('an overlay shows the strongest of its heads, a difference causal minus bidirectional', () => {
  fc.assert(
    fc.property(runs, ({ shape, layers }) => {
      const heads = Array.from({ length: shape.heads }, (_, head) => ({ layer: 0, head }));
      const parts = heads.map((head) => gather(layers, shape, { kind: 'head', head }));
      const overlay = seenBy({ kind: 'overlay', heads }, parts);
      assert.deepEqual(overlay.weights, gather(layers, shape, { kind: 'maximum', layer: 0 }).weights);
      const of: Single = { kind: 'head', head: heads[0] };
      const [first, last] = [parts[0], parts[parts.length - 1]];
      const { weights } = seenBy({ kind: 'difference', of }, [first, last]);
      weights.forEach((value, i) => assert.equal(value, Math.fround(first.weights[i] - last.weights[i])));
    }),
  );
});

test('rows and columns of a rectangle', () => {
  fc.assert(
    fc.property(runs, fc.nat(), ({ shape, layers }, random) => {
      const matrix = gather(layers, shape, { kind: 'average', layer: null });
      const [query, key] = [random % shape.queries, random % shape.keys];
      const row = weightsOf(matrix, query, false);
      const column = weightsOf(matrix, key, true);
      assert.equal(row.length, shape.keys);
      assert.equal(column.length, shape.queries);
      assert.equal(row[key], column[query]);
    }),
  );
});

test('looks have names of their own, and a difference takes both masks', () => {
  const head = { layer: 5, head: 1 };
  const looks: Look[] = [
    { kind: 'head', head },
    { kind: 'average', layer: 5 },
    { kind: 'average', layer: null },
    { kind: 'maximum', layer: 5 },
    { kind: 'maximum', layer: null },
    { kind: 'overlay', heads: [head, { layer: 0, head: 1 }] },
    { kind: 'difference', of: { kind: 'head', head } },
    { kind: 'difference', of: { kind: 'average', layer: null } },
  ];
  assert.equal(new Set(looks.map(lookName)).size, looks.length);
  assert.equal(lookName(looks[0]), '5.1');
  for (const mask of ['causal', 'bidirectional'] as Mask[])
    for (const look of looks) {
      const masks = sourcesOf(look, mask).map((source) => source.mask);
      if (look.kind === 'difference') assert.deepEqual(masks, ['causal', 'bidirectional']);
      else assert.ok(masks.every((one) => one === mask));
    }
});
