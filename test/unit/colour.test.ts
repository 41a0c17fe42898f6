import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Scale, ThemeKind, Tint } from '../../webview/core/colour';
import { inkOn, luminance, MOST_OVERLAID, ramp, scaled } from '../../webview/core/colour';

const kinds: ThemeKind[] = ['dark', 'light', 'hc-dark', 'hc-light'];
const tints: Tint[] = ['heat', 'more', 'less', ...Array.from({ length: MOST_OVERLAID }, (_, i) => i)];
const scales: Scale[] = ['linear', 'square root', 'log'];
const contrast = (a: number, b: number) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);

test('lightness runs one way only along every ramp, so that it reads without colour', () => {
  for (const [kind, tint] of kinds.flatMap((kind) => tints.map((tint) => [kind, tint] as const))) {
    const lightness = Array.from({ length: 257 }, (_, i) => luminance(ramp(kind, i / 256, tint)));
    const up = kind === 'dark' || kind === 'hc-dark';
    for (let i = 1; i < lightness.length; i++) {
      const step = lightness[i] - lightness[i - 1];
      // Rounding to 8 bits moves the lightness by up to half a step of one channel.
      assert.ok(up ? step >= -4e-3 : step <= 4e-3, `${kind} ${tint} at ${i}`);
    }
    // Graphics need 3 to 1 (WCAG 2.2, 1.4.11); the ramp of weights is to show fine steps.
    assert.ok(contrast(lightness[0], lightness[256]) > (tint === 'heat' ? 12 : 4.5), `${kind} ${tint}`);
  }
});

test('text on any colour of any ramp reads: at least 4.5 to 1 (WCAG 2.2, 1.4.3)', () => {
  for (const kind of kinds)
    for (const tint of tints)
      for (let i = 0; i <= 256; i++) {
        const colour = ramp(kind, i / 256, tint);
        const found = contrast(luminance(colour), luminance(inkOn(colour)));
        assert.ok(found >= 4.5, `${kind} ${tint} at ${i}`);
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

/** Linear RGB as protanopes, deuteranopes and tritanopes see it (Machado, Oliveira and Fernandes 2009, severity 1). */
const DEFICIENCIES = {
  none: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protan: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deutan: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritan: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

/** Coordinates in CIELAB (D65) of a colour seen with a deficiency. */
function lab(colour: readonly number[], deficiency: keyof typeof DEFICIENCIES): number[] {
  const line = colour.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  const m = DEFICIENCIES[deficiency];
  const [r, g, b] = [0, 3, 6].map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        line.reduce((sum, value, i) => sum + value * m[row + i], 0),
      ),
    ),
  );
  const f = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

test('colours of an overlay, and of the two sides of a difference, are told apart with any colour vision', () => {
  for (const kind of kinds)
    for (const deficiency of Object.keys(DEFICIENCIES) as (keyof typeof DEFICIENCIES)[]) {
      const apart = (a: Tint, b: Tint) =>
        Math.hypot(
          ...lab(ramp(kind, 0.7, a), deficiency).map((v, i) => v - lab(ramp(kind, 0.7, b), deficiency)[i]),
        );
      assert.ok(apart('more', 'less') > 25, `${kind} ${deficiency}: the sides of a difference`);
      for (let a = 0; a < MOST_OVERLAID; a++)
        for (let b = 0; b < a; b++)
          assert.ok(
            apart(a, b) > 15,
            `${kind} ${deficiency}: ${b} and ${a} are ${apart(a, b).toFixed(1)} apart`,
          );
    }
});
