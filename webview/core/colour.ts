/**
 * Weights to colours. Each ramp's lightness runs one way only, so that it reads in greyscale and with any colour
 * vision; stops are ours, joined in OKLab (Björn Ottosson, "A perceptual color space for image processing", 2020).
 */

export type Scale = 'linear' | 'square root' | 'log';
export type ThemeKind = 'dark' | 'light' | 'hc-dark' | 'hc-light';

/** Weights below 10⁻³ are the log scale's zero. */
const LOG_DECADES = 3;

/** `heat` is the ramp of weights, `more` and `less` the two arms of a difference; numbers are places in an overlay. */
export type Tint = 'heat' | 'more' | 'less' | number;

/** How weights become visible; no number that is told depends on it. */
export interface Visibility {
  readonly scale: Scale;
  /** What weighs less is not drawn. */
  readonly threshold: number;
}

/** A weight on a scale, 0 where it is under the threshold. */
export const visibly = (weight: number, scale: Scale, threshold: number): number =>
  weight < threshold ? 0 : scaled(weight, scale);

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

/**
 * The two arms of a difference, from the ramp's own "nothing": orange where there is more, blue where there is less,
 * which every kind of colour vision tells apart.
 */
const ARMS: Record<'more' | 'less', Record<ThemeKind, readonly Rgb[]>> = {
  more: {
    dark: [rgb(0x17161f), rgb(0x7a3d0c), rgb(0xe8832a), rgb(0xffdcae)],
    light: [rgb(0xf7f5f2), rgb(0xf2b06a), rgb(0xb9570c), rgb(0x4f1f00)],
    'hc-dark': [rgb(0x000000), rgb(0x8a4a10), rgb(0xff9a3c), rgb(0xffe9cc)],
    'hc-light': [rgb(0xffffff), rgb(0xf0a24f), rgb(0xa64a00), rgb(0x3d1700)],
  },
  less: {
    dark: [rgb(0x17161f), rgb(0x1c4a7d), rgb(0x4d9fec), rgb(0xcfe6ff)],
    light: [rgb(0xf7f5f2), rgb(0x86b9e4), rgb(0x1f6cb4), rgb(0x06284d)],
    'hc-dark': [rgb(0x000000), rgb(0x1f5693), rgb(0x5eb2ff), rgb(0xddeeff)],
    'hc-light': [rgb(0xffffff), rgb(0x7ab0e0), rgb(0x135a9e), rgb(0x041f3d)],
  },
};

/**
 * Colours of an overlay's heads, by name: the hues of Okabe and Ito ("Color Universal Design", 2008), moved apart until
 * every kind of colour vision tells them from each other at half strength too, on each ground.
 */
const OVERLAY: Record<ThemeKind, readonly Rgb[]> = {
  dark: [rgb(0xdea03a), rgb(0x3cc2ff), rgb(0xb481af), rgb(0xf3e436), rgb(0x369969)],
  light: [rgb(0xb94f00), rgb(0x0070bd), rgb(0x9d4c84), rgb(0x352200), rgb(0x176544)],
  'hc-dark': [rgb(0xfb9e00), rgb(0x98bbff), rgb(0xf5a5c9), rgb(0xfaf56f), rgb(0x32cf87)],
  'hc-light': [rgb(0xaa4f00), rgb(0x0056a2), rgb(0x83376d), rgb(0x191800), rgb(0x2d5537)],
};

/** Most heads that an overlay has colours for. */
export const MOST_OVERLAID = 5;

/** What the colour of a place in an overlay is called. */
export function overlayName(kind: ThemeKind, place: number): string {
  const fourth = kind === 'dark' || kind === 'hc-dark' ? 'yellow' : 'dark brown';
  return ['orange', 'blue', 'purple', fourth, 'green'][place];
}

function rgb(hex: number): Rgb {
  return [(hex >> 16) & 255, (hex >> 8) & 255, hex & 255];
}

/** Colour at `t` in [0, 1] of a tint's ramp; 0 is "nothing", and close to the theme's background. */
export function ramp(kind: ThemeKind, t: number, tint: Tint = 'heat'): Rgb {
  const stops =
    tint === 'heat'
      ? STOPS[kind]
      : typeof tint === 'number'
        ? [STOPS[kind][0], OVERLAY[kind][tint]]
        : ARMS[tint][kind];
  const at = Math.min(1, Math.max(0, t)) * (stops.length - 1);
  const i = Math.min(stops.length - 2, Math.floor(at));
  return mix(stops[i], stops[i + 1], at - i);
}

/** 256 colours, one a byte of weight, as the 32-bit words of an ImageData (little-endian RGBA). */
export function rampWords(
  kind: ThemeKind,
  { scale, threshold }: Pick<Visibility, 'scale' | 'threshold'>,
  tint: Tint = 'heat',
): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) =>
    word(ramp(kind, visibly(byte / 255, scale, threshold), tint)),
  );
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
