/**
 * An image as a model reads it, number for number as transformers prepares it with Pillow: resized, its middle cut out,
 * bytes to numbers, normalised.
 */
import type { Raster } from './raster';
import type { Recipe, Size } from './recipe';
import { resampled } from './resample';

/** Where on the resized image the model looks; outside of it, where it is smaller, everything is black. */
export interface Frame {
  readonly resized: Size;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export function frameOf({ resize, crop }: Pick<Recipe, 'resize' | 'crop'>, image: Size): Frame {
  const resized = resize ? resize(image) : { width: image.width, height: image.height };
  const { width, height } = crop ?? resized;
  // Of an odd rest, what is cut off goes to the right, and what is added to the left.
  const middle = (all: number, kept: number) => Math.floor((all - kept) / 2);
  return { resized, left: middle(resized.width, width), top: middle(resized.height, height), width, height };
}

/** @returns [3, height, width] of the frame */
export function prepared(image: Raster, recipe: Recipe): Float32Array<ArrayBuffer> {
  const { resized, left, top, width, height } = frameOf(recipe, image);
  const { data } = resampled(image, resized.width, resized.height, recipe.filter);
  const values = new Float32Array(3 * width * height);
  for (let channel = 0; channel < 3; channel++) {
    const number = numbering(recipe, channel);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const [column, row] = [x + left, y + top];
        const inside = column >= 0 && row >= 0 && column < resized.width && row < resized.height;
        const byte = inside ? data[3 * (row * resized.width + column) + channel] : 0;
        values[(channel * height + y) * width + x] = number[byte];
      }
  }
  return values;
}

/** What each of 256 bytes becomes. Every step is one of f32, as NumPy's are. */
function numbering({ factor, mean, std }: Recipe, channel: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, byte) => {
    const value = Math.fround(factor === null ? byte : byte * factor);
    if (!mean || !std) return value;
    return Math.fround(value - Math.fround(mean[channel])) / Math.fround(std[channel]);
  });
}
