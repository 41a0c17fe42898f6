import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { endOf, pixelOf, tokenOf } from '../../webview/core/axis';
import { cellOrigin, layoutGrid } from '../../webview/core/layout';

const axes = fc.record({ n: fc.integer({ min: 1, max: 3000 }), size: fc.integer({ min: 1, max: 1200 }) });

test('hit test inverts layout along an axis: every pixel of a token leads back to it', () => {
  fc.assert(
    fc.property(axes, fc.nat(), (axis, random) => {
      const token = random % axis.n;
      for (let pixel = pixelOf(axis, token); axis.n <= axis.size && pixel < endOf(axis, token); pixel++)
        assert.equal(tokenOf(axis, pixel), token);
      const pixel = random % axis.size;
      // With less than a pixel a token, the pixel leads to a token that is drawn there.
      if (axis.n > axis.size) assert.equal(pixelOf(axis, tokenOf(axis, pixel)), pixel);
    }),
    { numRuns: 2000 },
  );
});

test('every pixel belongs to a token, in order', () => {
  fc.assert(
    fc.property(axes, (axis) => {
      let last = 0;
      for (let pixel = 0; pixel < axis.size; pixel++) {
        const token = tokenOf(axis, pixel);
        assert.ok(token >= last && token < axis.n);
        last = token;
      }
    }),
  );
});

const grids = fc.record({
  layers: fc.integer({ min: 1, max: 48 }),
  heads: fc.integer({ min: 1, max: 40 }),
  queries: fc.integer({ min: 1, max: 2000 }),
  keys: fc.integer({ min: 1, max: 2000 }),
  width: fc.integer({ min: 100, max: 3000 }),
  height: fc.integer({ min: 50, max: 2000 }),
  ratio: fc.constantFrom(1, 1.1, 1.25, 1.5, 2, 3),
});

test('cells do not touch, and all lie inside the grid', () => {
  fc.assert(
    fc.property(grids, fc.nat(), (room, random) => {
      const layout = layoutGrid(room, room);
      const [layer, head] = [random % room.layers, random % room.heads];
      const { x, y } = cellOrigin(layout, { layer, head });
      const next = cellOrigin(layout, { layer: layer + 1, head: head + 1 });
      assert.ok(x + layout.across < next.x && y + layout.down < next.y);
      assert.ok(x >= 0 && y >= 0);
      assert.ok(x + layout.across <= layout.width + 1e-9 && y + layout.down <= layout.height + 1e-9);
    }),
    { numRuns: 2000 },
  );
});

test('cells are whole device pixels, and the grid fits its width unless cells would vanish', () => {
  fc.assert(
    fc.property(grids, (room) => {
      const layout = layoutGrid(room, room);
      for (const side of [layout.across, layout.down]) {
        const pixels = side * room.ratio;
        assert.ok(Math.abs(pixels - Math.round(pixels)) < 1e-9);
      }
      assert.ok(layout.width <= room.width + 1e-9 || layout.across <= 12);
    }),
  );
});

test('cells are square where queries and keys are the same tokens, else as long as they are many', () => {
  fc.assert(
    fc.property(grids, (room) => {
      const square = layoutGrid({ ...room, keys: room.queries }, room);
      assert.equal(square.across, square.down);
      const { across, down } = layoutGrid(room, room);
      assert.ok(room.keys >= room.queries ? across >= down : across <= down);
      assert.equal(Math.max(across, down), square.across);
    }),
    // 12.8 * 683 / 683 is a little less than 12.8, and floor made a device pixel of it.
    {
      examples: [[{ layers: 1, heads: 5, queries: 1, keys: 683, width: 111, height: 50, ratio: 1.25 }]],
      numRuns: 2000,
    },
  );
});
