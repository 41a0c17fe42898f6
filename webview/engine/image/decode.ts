/** The bytes of an image file to pixels, with what the browser has for that. */
import { EngineError } from '../engine';
import type { Sight } from '../engine';
import { headerOf } from './header';
import type { Frame } from './prepare';
import type { Raster } from './raster';
import { opaque } from './raster';

/** A few bytes can say that they are billions of pixels. A phone's largest photograph has 50 million. */
const MOST_PIXELS = 64e6;
/** The longer side of what is shown. */
const MOST_SHOWN = 1280;

/** @throws EngineError for what is no image, is damaged or too large */
export async function decoded(bytes: Uint8Array<ArrayBuffer>): Promise<ImageBitmap> {
  const header = headerOf(bytes);
  if (!header)
    throw new EngineError(
      'This file is no image that Headlight reads: it may be PNG, JPEG, WebP, GIF or BMP. Save it as one of these.',
    );
  const { type, width, height } = header;
  if (width * height > MOST_PIXELS)
    throw new EngineError(
      `The image has ${width} × ${height} pixels, and up to ${MOST_PIXELS / 1e6} million are read: save it smaller.`,
    );
  try {
    // Colours as the file has them, as Pillow takes them; turned as the camera was held.
    return await createImageBitmap(new Blob([bytes], { type }), { colorSpaceConversion: 'none' });
  } catch {
    throw new EngineError('The image cannot be decoded: the file is damaged.');
  }
}

/** All its pixels; what is transparent lies on white. */
export function rasterOf(bitmap: ImageBitmap): Raster {
  const { width, height } = bitmap;
  const { context } = canvas(width, height, 'white');
  context.drawImage(bitmap, 0, 0);
  return opaque(width, height, context.getImageData(0, 0, width, height).data);
}

/**
 * What of it the model sees, sharp, in the image's own proportions: a PNG.
 *
 * @param covered how much of the frame the patches cover, of its width and of its height
 */
export async function viewOf(
  bitmap: ImageBitmap,
  frame: Frame,
  covered: readonly [number, number],
): Promise<Pick<Sight, 'view' | 'ratio'>> {
  const { resized, left, top } = frame;
  const [across, down] = [bitmap.width / resized.width, bitmap.height / resized.height];
  const [wide, high] = [frame.width * covered[0] * across, frame.height * covered[1] * down];
  const scale = Math.min(1, MOST_SHOWN / Math.max(wide, high));
  const { context, made } = canvas(Math.max(1, wide * scale), Math.max(1, high * scale), 'black');
  context.imageSmoothingQuality = 'high';
  const place = [-left * across * scale, -top * down * scale] as const;
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  context.fillStyle = 'white';
  context.fillRect(...place, width, height);
  context.drawImage(bitmap, ...place, width, height);
  return { view: await made.convertToBlob(), ratio: wide / high };
}

function canvas(width: number, height: number, ground: string) {
  const made = new OffscreenCanvas(Math.round(width), Math.round(height));
  const context = made.getContext('2d', { willReadFrequently: true })!;
  context.fillStyle = ground;
  context.fillRect(0, 0, made.width, made.height);
  return { made, context };
}
