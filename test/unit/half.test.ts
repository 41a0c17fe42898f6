/** Numbers in half precision, as inputs, constants and masks have them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { halfBits, halfValue } from '../../webview/onnx/half';
import { FLOAT16, LOWEST, scalarBytes } from '../../webview/onnx/element';

test('half precision, as IEEE 754 has it', () => {
  const known = [
    [0, 0],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65520, 0x7c00],
    [1e9, 0x7c00],
    [2 ** -14, 0x0400],
    [2 ** -24, 1],
    [2 ** -25, 0],
    [3 * 2 ** -25, 2],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [1 / 3, 0x3555],
    [2047.9, 0x6800],
    [NaN, 0x7e00],
  ] as const;
  for (const [value, bits] of known) assert.equal(halfBits(value), bits, String(value));
});

test('every number of half precision is said by its own bits', () => {
  for (let bits = 0; bits < 2 ** 16; bits++) {
    const value = halfValue(bits);
    if (!Number.isNaN(value)) assert.equal(halfBits(value), bits, String(value));
  }
  assert.ok(Number.isNaN(halfValue(0x7e00)));
});

test('constants of a graph are rounded alike, and are finite', () => {
  const bitsOf = (value: number) => new DataView(scalarBytes(FLOAT16, value)!.buffer).getUint16(0, true);
  for (const value of [0, 1, -2, 1 / 3, 1 + 2 ** -11, -1 - 2 ** -11, 3 * 2 ** -25, 2 ** -25])
    assert.equal(bitsOf(value), halfBits(value), String(value));
  assert.deepEqual([1e9, -1e9, LOWEST].map(bitsOf), [0x7bff, 0xfbff, 0xfbff]);
});
