/**
 * Images in another size, byte for byte as Pillow makes them, which models were trained on: a filter as wide as the
 * pixels that fall into one (so nothing is skipped), weights in 22 bits, first across, then down, rounded in between
 * (Pillow, src/libImaging/Resample.c).
 */
import type { Raster } from './raster';

interface Filter {
  /** Half of its width, in pixels of the larger of both images. */
  readonly support: number;
  readonly at: (x: number) => number;
}

const box: Filter = { support: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) };
const bilinear: Filter = { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) };
const hamming: Filter = {
  support: 1,
  at(x) {
    const t = Math.abs(x) * Math.PI;
    return t === 0 ? 1 : t >= Math.PI ? 0 : (Math.sin(t) / t) * (0.54 + 0.46 * Math.cos(t));
  },
};
/** Keys 1981, with a = -1/2. */
const bicubic: Filter = {
  support: 2,
  at(x) {
    const t = Math.abs(x);
    const a = -0.5;
    if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
    return t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
  },
};
const sinc = (x: number) => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));
const lanczos: Filter = { support: 3, at: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) };

/** By Pillow's numbers, which settings of models use; 0 takes the nearest pixel, which is no filter. */
const FILTERS: Readonly<Record<number, Filter>> = {
  1: lanczos,
  2: bilinear,
  3: bicubic,
  4: box,
  5: hamming,
};

export const isFilter = (number: unknown): number is number =>
  number === 0 || (typeof number === 'number' && Object.hasOwn(FILTERS, number));

/** @param filter Pillow's number of it */
export function resampled(image: Raster, width: number, height: number, filter: number): Raster {
  const { width: w, height: h } = image;
  if (w === width && h === height) return image;
  if (filter === 0) return nearest(image, width, height);
  const across = w === width ? image : scaled(image, width, FILTERS[filter]);
  return h === height ? across : turned(scaled(turned(across), height, FILTERS[filter]));
}

const BITS = 22;

/** Every row made so wide. */
function scaled({ width: from, height, data }: Raster, to: number, { support, at }: Filter): Raster {
  const scale = from / to;
  const stretch = Math.max(1, scale);
  const reach = support * stretch;
  const result = new Uint8Array(3 * to * height);
  for (let x = 0; x < to; x++) {
    const centre = (x + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const last = Math.min(from, Math.trunc(centre + reach + 0.5));
    const weights = Array.from({ length: last - first }, (_, i) => at((i + first - centre + 0.5) / stretch));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const fixed = Int32Array.from(weights, (weight) => {
      const share = sum === 0 ? weight : weight / sum;
      return Math.trunc(share * 2 ** BITS + (share < 0 ? -0.5 : 0.5));
    });
    for (let y = 0; y < height; y++) {
      let red = 2 ** (BITS - 1);
      let green = red;
      let blue = red;
      let pixel = 3 * (y * from + first);
      for (let i = 0; i < fixed.length; i++, pixel += 3) {
        const weight = fixed[i];
        red += data[pixel] * weight;
        green += data[pixel + 1] * weight;
        blue += data[pixel + 2] * weight;
      }
      const place = 3 * (y * to + x);
      result[place] = clipped(red);
      result[place + 1] = clipped(green);
      result[place + 2] = clipped(blue);
    }
  }
  return { width: to, height, data: result };
}

const clipped = (sum: number) => Math.max(0, Math.min(255, sum >> BITS));

/** Rows as columns. */
function turned({ width, height, data }: Raster): Raster {
  const result = new Uint8Array(data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < 3; channel++)
        result[3 * (x * height + y) + channel] = data[3 * (y * width + x) + channel];
  return { width: height, height: width, data: result };
}

function nearest({ width: w, height: h, data }: Raster, width: number, height: number): Raster {
  const [columns, rows] = [places(w, width), places(h, height)];
  const result = new Uint8Array(3 * width * height);
  rows.forEach((row, y) =>
    columns.forEach((column, x) => {
      const pixel = 3 * (row * w + column);
      result.set(data.subarray(pixel, pixel + 3), 3 * (y * width + x));
    }),
  );
  return { width, height, data: result };
}

/** Which pixel each new one is, summed up as Pillow sums. */
function places(from: number, to: number): number[] {
  const scale = from / to;
  let at = scale * 0.5;
  return Array.from({ length: to }, () => {
    const place = Math.trunc(at);
    at += scale;
    return Math.min(from - 1, place);
  });
}
