/** Numbers in half precision, for inputs of that type. */

/** IEEE 754 binary16, rounded to the nearest, as bits; past its range infinite. */
export function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  // From 2⁻¹⁴ down the steps stay those of 2⁻¹⁴.
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const steps = even(size / 2 ** (exponent - 10));
  // A fraction that rounds up to the next power carries into the exponent by itself.
  return sign | Math.min(0x7c00, size < 2 ** -14 ? steps : (exponent + 14) * 1024 + steps);
}

/** Rounded, halves to the even side. */
function even(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
}
