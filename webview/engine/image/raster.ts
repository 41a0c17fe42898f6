/** An image as the numbers that it is made of. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3] Red, green and blue, a byte each. */
  readonly data: Uint8Array;
}

/** Without its fourth byte a pixel: what lay behind has been made part of the image. */
export function opaque(width: number, height: number, rgba: Uint8ClampedArray): Raster {
  const data = new Uint8Array(3 * width * height);
  for (let i = 0, from = 0; i < data.length; i += 3, from += 4) {
    data[i] = rgba[from];
    data[i + 1] = rgba[from + 1];
    data[i + 2] = rgba[from + 2];
  }
  return { width, height, data };
}
