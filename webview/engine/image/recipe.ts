/** How a model wants its images: preprocessor_config.json, as transformers' processors of images read it. */
import { EngineError } from '../engine';
import { isFilter } from './resample';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Recipe {
  /** The size that an image is brought to; null where it stays as it is. */
  readonly resize: ((image: Size) => Size) | null;
  /** Pillow's number of the filter. */
  readonly filter: number;
  /** The middle that is kept, after that. */
  readonly crop: Size | null;
  /** What each byte is multiplied with; null where bytes stay bytes. */
  readonly factor: number | null;
  /** Of red, green and blue; null where nothing is normalised. */
  readonly mean: readonly number[] | null;
  readonly std: readonly number[] | null;
}

/** What cuts an image up or makes several of it is another kind of input. */
const NOT_ONE = [
  'do_image_splitting',
  'do_pan_and_scan',
  'max_patches',
  'max_num_patches',
  'crop_to_patches',
];
/** A number alone as size is a square, but for these families it is the shorter side. */
const BY_SHORTER_SIDE =
  /^(Chinese)?CLIP|^Bit|^Flava|^LeViT|^Levit|^PoolFormer|^MobileNet|^VideoMAE|^ConvNext/;
/** No model reads more along a side. */
const MOST_SIDE = 4096;
/** The longer side of what is resized by its shorter one. */
const MOST_LONG = 16384;
/** What a processor that says nothing takes (IMAGENET_STANDARD). */
const HALVES = [0.5, 0.5, 0.5];

/** @throws EngineError when it is no such file, or asks for what is not done here */
export function readRecipe(text: string): Recipe {
  let settings: Record<string, unknown>;
  try {
    settings = JSON.parse(text);
  } catch (error) {
    throw unreadable((error as Error).message);
  }
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
    throw unreadable('it is not an object');
  const odd = NOT_ONE.find((name) => settings[name] !== undefined && settings[name] !== false);
  if (odd) throw new EngineError(`This model cuts its images up (${odd}), which Headlight does not do.`);
  const type = String(settings.image_processor_type ?? settings.feature_extractor_type ?? '');
  const on = (name: string) => settings[name] !== false;
  const crop = settings.do_center_crop === true ? cropOf(settings.crop_size ?? settings.size) : null;
  const { resample = 2, rescale_factor: factor = 1 / 255 } = settings;
  if (!isFilter(resample)) throw unreadable(`"resample" is ${JSON.stringify(resample)}`);
  if (typeof factor !== 'number' || !Number.isFinite(factor))
    throw unreadable('"rescale_factor" is no number');
  const normalises = on('do_normalize');
  return {
    resize:
      on('do_resize') && settings.size != null ? resizing(settings.size, BY_SHORTER_SIDE.test(type)) : null,
    filter: resample,
    crop,
    factor: on('do_rescale') ? factor : null,
    mean: normalises ? three(settings.image_mean, 'image_mean') : null,
    std: normalises ? three(settings.image_std, 'image_std') : null,
  };
}

function resizing(size: unknown, byShorterSide: boolean): (image: Size) => Size {
  if (typeof size === 'number') {
    const side = whole(size, 'size');
    return byShorterSide ? (image) => shorterSide(image, side) : () => ({ width: side, height: side });
  }
  const { width, height, shortest_edge: shortest, longest_edge: longest } = size as Record<string, unknown>;
  if (width !== undefined && height !== undefined) {
    const fixed = { width: whole(width, 'size'), height: whole(height, 'size') };
    return () => fixed;
  }
  if (shortest === undefined || longest !== undefined) throw unreadable('"size" is of a kind not known here');
  const side = whole(shortest, 'size');
  return (image) => shorterSide(image, side);
}

function shorterSide({ width, height }: Size, side: number): Size {
  const long = (longer: number, shorter: number) => {
    const made = Math.trunc((side * longer) / shorter);
    if (made > MOST_LONG)
      throw new EngineError('The image is too long for its width: cut out what is to be seen.');
    return made;
  };
  return width <= height
    ? { width: side, height: long(height, width) }
    : { width: long(width, height), height: side };
}

function cropOf(size: unknown): Size {
  if (typeof size === 'number') return { width: whole(size, 'crop_size'), height: whole(size, 'crop_size') };
  const { width, height, shortest_edge: side } = (size ?? {}) as Record<string, unknown>;
  return { width: whole(width ?? side, 'crop_size'), height: whole(height ?? side, 'crop_size') };
}

function whole(value: unknown, name: string): number {
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > MOST_SIDE)
    throw unreadable(`"${name}" is ${JSON.stringify(value)}`);
  return value as number;
}

function three(value: unknown, name: string): readonly number[] {
  if (value === undefined || value === null) return HALVES;
  const list = typeof value === 'number' ? [value, value, value] : value;
  const fits = Array.isArray(list) && list.length === 3 && list.every((one) => Number.isFinite(one));
  if (!fits || (name === 'image_std' && list.includes(0))) throw unreadable(`"${name}" is no three numbers`);
  return list;
}

const unreadable = (why: string) =>
  new EngineError(`The model's preprocessor_config.json cannot be read: ${why}.`);
