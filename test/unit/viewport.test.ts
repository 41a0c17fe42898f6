/** Zoom and pan: what is under a pointer stays there, and the hit test inverts the layout at every zoom. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { endOf, pixelOf, pixelsIn, tokenOf, tokensIn } from '../../webview/core/axis';
import type { Place, Viewport } from '../../webview/core/viewport';
import { along, centred, panned, reaching, whole, windowOf, zoomed } from '../../webview/core/viewport';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const place = fc.record({ x: share, y: share });
const most = 400;
/** Any that a person can come to. */
const viewports: fc.Arbitrary<Viewport> = fc
  .array(fc.tuple(fc.double({ min: 0.2, max: 8, noNaN: true }), place, place), { maxLength: 6 })
  .map((steps) =>
    steps.reduce(
      (viewport, [factor, at, { x, y }]) =>
        panned(zoomed(viewport, factor, at, most), { x: x - 0.5, y: y - 0.5 }),
      whole,
    ),
  );
const axes = fc.record({ n: fc.integer({ min: 1, max: 4096 }), size: fc.integer({ min: 1, max: 1300 }) });

/** The point of the whole at a place in the frame. */
const under = ({ zoom, x, y }: Viewport, at: Place): Place => ({ x: x + at.x / zoom, y: y + at.y / zoom });
const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-9, `${a}, not ${b}`);

function assertInside({ zoom, x, y }: Viewport): void {
  assert.ok(zoom >= 1 && zoom <= most, `zoom ${zoom}`);
  for (const at of [x, y]) assert.ok(at >= 0 && at <= 1 - 1 / zoom + 1e-12, `${at} at zoom ${zoom}`);
}

test('nothing beyond the edges is ever seen', () => {
  fc.assert(
    fc.property(viewports, place, share, share, (viewport, at, a, b) => {
      assertInside(viewport);
      assertInside(centred(viewport, at));
      assertInside(reaching(viewport, 'x', Math.min(a, b), Math.max(a, b)));
    }),
  );
});

test('zooming in keeps the point under the pointer', () => {
  fc.assert(
    fc.property(viewports, fc.double({ min: 1, max: 20, noNaN: true }), place, (viewport, factor, at) => {
      const before = under(viewport, at);
      const after = under(zoomed(viewport, factor, at, most), at);
      near(after.x, before.x);
      near(after.y, before.y);
    }),
  );
});

test('zooming in and out again comes back, and far enough out the whole is seen', () => {
  fc.assert(
    fc.property(viewports, fc.double({ min: 1, max: 20, noNaN: true }), place, (viewport, factor, at) => {
      const there = zoomed(viewport, factor, at, Infinity);
      const back = zoomed(there, 1 / factor, at, Infinity);
      near(back.zoom / viewport.zoom, 1);
      near(back.x, viewport.x);
      near(back.y, viewport.y);
      assert.deepEqual(zoomed(viewport, 1e-6, at, most), whole);
    }),
  );
});

test('the frame goes along no further than it must', () => {
  fc.assert(
    fc.property(viewports, share, share, (viewport, a, b) => {
      const width = Math.min(Math.abs(a - b), 1 / viewport.zoom);
      const from = Math.min(a, 1 - width);
      const moved = reaching(viewport, 'y', from, from + width);
      assert.ok(moved.y <= from + 1e-9 && from + width <= moved.y + 1 / moved.zoom + 1e-9);
      assert.deepEqual(reaching(moved, 'y', from, from + width), moved, 'what is in sight stays where it is');
      assert.equal(moved.x, viewport.x);
    }),
  );
});

test('hit test inverts layout at every zoom', () => {
  fc.assert(
    fc.property(axes, viewports, share, (axis, viewport, at) => {
      const window = windowOf(axis, along(viewport, 'y'));
      const pixel = Math.min(window.shown - 1, Math.floor(at * window.shown));
      const token = tokenOf(window, window.from + pixel);
      const [first, last] = tokensIn(window);
      assert.ok(first <= token && token <= last);
      const [from, to] = pixelsIn(window, token);
      if (window.size >= window.n) assert.ok(from <= pixel && pixel < to, `${pixel} in ${from}..${to}`);
      else assert.equal(pixelOf(window, token) - window.from, pixel);
      // Every pixel of a token that is seen leads back to it.
      if (window.size >= window.n)
        for (const edge of [from, to - 1]) assert.equal(tokenOf(window, window.from + edge), token);
    }),
    { numRuns: 2000 },
  );
});

test('a window has as many pixels as the whole, all of them on the axis', () => {
  fc.assert(
    fc.property(axes, viewports, (axis, viewport) => {
      const { from, shown, size } = windowOf(axis, along(viewport, 'x'));
      assert.equal(shown, axis.size);
      assert.ok(from >= 0 && from + shown <= size);
      assert.deepEqual(windowOf(axis, along(whole, 'x')), { ...axis, from: 0, shown: axis.size });
      assert.equal(endOf(axis, axis.n - 1), axis.size);
    }),
  );
});
