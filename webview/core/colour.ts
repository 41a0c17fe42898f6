/**
 * Weights to colours. Each ramp's lightness runs one way only, so that it reads in greyscale and with any colour
 * vision; stops are ours, joined in OKLab (Björn Ottosson, "A perceptual color space for image processing", 2020).
 */

export type Scale = 'linear' | 'square root' | 'log';
export type ThemeKind = 'dark' | 'light' | 'hc-dark' | 'hc-light';

/** Weights below 10⁻³ are the log scale's zero. */
const LOG_DECADES = 3;

/** A weight in [0, 1] on a scale, again in [0, 1]; monotone, 0 to 0 and 1 to 1. */
export function scaled(weight: number, scale: Scale): number {
  const w = Math.min(1, Math.max(0, weight));
  if (scale === 'linear') return w;
  if (scale === 'square root') return Math.sqrt(w);
  return w <= 10 ** -LOG_DECADES ? 0 : 1 + Math.log10(w) / LOG_DECADES;
}

type Rgb = readonly [r: number, g: number, b: number];

const STOPS: Record<ThemeKind, readonly Rgb[]> = {
  dark: [rgb(0x17161f), rgb(0x33235f), rgb(0x8a2f7d), rgb(0xe4603f), rgb(0xffb84d), rgb(0xfff1b8)],
  light: [rgb(0xf7f5f2), rgb(0xfbe0a8), rgb(0xf3994d), rgb(0xc9404f), rgb(0x6c1d63), rgb(0x1d0f38)],
  'hc-dark': [rgb(0x000000), rgb(0x3b2a78), rgb(0xa83a8c), rgb(0xff7a45), rgb(0xffcf5c), rgb(0xffffff)],
  'hc-light': [rgb(0xffffff), rgb(0xfbd38a), rgb(0xe8812f), rgb(0xb02a4b), rgb(0x551454), rgb(0x000000)],
};

function rgb(hex: number): Rgb {
  return [(hex >> 16) & 255, (hex >> 8) & 255, hex & 255];
}

/** Colour at `t` in [0, 1] of a theme's ramp; 0 is "nothing", and close to the theme's background. */
export function ramp(kind: ThemeKind, t: number): Rgb {
  const stops = STOPS[kind];
  const at = Math.min(1, Math.max(0, t)) * (stops.length - 1);
  const i = Math.min(stops.length - 2, Math.floor(at));
  return mix(stops[i], stops[i + 1], at - i);
}

/** 256 colours, one a byte of weight, as the 32-bit words of an ImageData (little-endian RGBA). */
export function rampWords(kind: ThemeKind, scale: Scale): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => word(ramp(kind, scaled(byte / 255, scale))));
}

export function word([r, g, b]: Rgb): number {
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

export function css([r, g, b]: Rgb): string {
  return `rgb(${r} ${g} ${b})`;
}

/** Relative luminance (WCAG 2.2), 0 to 1. */
export function luminance([r, g, b]: Rgb): number {
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

/** Black or white, whichever reads better on a colour. */
export function inkOn(colour: Rgb): Rgb {
  return luminance(colour) > 0.18 ? [0, 0, 0] : [255, 255, 255];
}

function mix(a: Rgb, b: Rgb, t: number): Rgb {
  const from = toLab(a);
  const to = toLab(b);
  return fromLab(from.map((v, i) => v + (to[i] - v) * t) as unknown as Rgb);
}

const linear = (c: number) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
const encoded = (c: number) =>
  Math.round(255 * Math.min(1, Math.max(0, c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055)));

function toLab([r8, g8, b8]: Rgb): Rgb {
  const [r, g, b] = [linear(r8), linear(g8), linear(b8)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromLab([lightness, a, b]: Rgb): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encoded(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}
