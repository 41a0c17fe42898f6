import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Scale, ThemeKind } from '../../webview/core/colour';
import { inkOn, luminance, ramp, scaled } from '../../webview/core/colour';

const kinds: ThemeKind[] = ['dark', 'light', 'hc-dark', 'hc-light'];
const scales: Scale[] = ['linear', 'square root', 'log'];
const contrast = (a: number, b: number) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);

test('lightness runs one way only along every ramp, so that it reads without colour', () => {
  for (const kind of kinds) {
    const lightness = Array.from({ length: 257 }, (_, i) => luminance(ramp(kind, i / 256)));
    const up = kind === 'dark' || kind === 'hc-dark';
    for (let i = 1; i < lightness.length; i++) {
      const step = lightness[i] - lightness[i - 1];
      // Rounding to 8 bits moves the lightness by up to half a step of one channel.
      assert.ok(up ? step >= -4e-3 : step <= 4e-3, `${kind} at ${i}`);
    }
    assert.ok(contrast(lightness[0], lightness[256]) > 12, kind);
  }
});

test('text on any colour of any ramp reads: at least 4.5 to 1 (WCAG 2.2, 1.4.3)', () => {
  for (const kind of kinds)
    for (let i = 0; i <= 256; i++) {
      const colour = ramp(kind, i / 256);
      assert.ok(contrast(luminance(colour), luminance(inkOn(colour))) >= 4.5, `${kind} at ${i}`);
    }
});

test('scales keep order and ends', () => {
  const weight = fc.float({ min: 0, max: 1, noNaN: true });
  for (const scale of scales) {
    assert.equal(scaled(0, scale), 0);
    assert.equal(scaled(1, scale), 1);
    fc.assert(fc.property(weight, weight, (a, b) => a > b || scaled(a, scale) <= scaled(b, scale)));
  }
  assert.ok(Math.abs(scaled(0.1, 'log') - 2 / 3) < 1e-12);
  assert.equal(scaled(0.25, 'square root'), 0.5);
});
