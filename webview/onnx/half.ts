// Numbers in half precision, IEEE 754 binary16, as the bits that they are handed over in.

/** Rounded to the nearest, halves to the even side; past the range infinite. */
export function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  // From 2⁻¹⁴ down the steps stay those of 2⁻¹⁴; from 2¹⁶ on there are none.
  const exponent = Math.min(15, Math.max(-14, Math.floor(Math.log2(size))));
  const steps = even(size / 2 ** (exponent - 10));
  // A fraction that rounds up to the next power carries into the exponent by itself.
  return sign | Math.min(0x7c00, size < 2 ** -14 ? steps : (exponent + 14) * 1024 + steps);
}

/** The number that the bits say. */
export function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A whole number, halves to the even side. */
function even(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
}
