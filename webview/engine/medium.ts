/** What a graph reads, text or an image, by the inputs that it declares; and one sentence where it reads neither. */
import { planFrom } from '../onnx/index';
import type { Model, Plan } from '../onnx/index';
import { EngineError, ImageWanted } from './engine';
import type { Medium } from './engine';

export const PIXELS = 'pixel_values';
const TEXT = 'input_ids';
const SOUND = /^(input_features|input_values|audio_values)$/;

/**
 * The attention of a graph that is of one medium: all there is in most, one of the two stacks of CLIP.
 *
 * @throws EngineError where it does not read this one; ImageWanted where an image would do
 */
export function planFor(reads: Medium, model: Model, plan: Plan): Plan {
  const has = (name: string) => plan.inputs.some((input) => input.name === name);
  const sound = plan.inputs.find(({ name }) => SOUND.test(name));
  if (sound)
    throw new EngineError(
      `This model listens: it is fed with sound (${sound.name}), and Headlight reads text and images.`,
    );
  if (!has(PIXELS)) {
    if (reads === 'text') return plan;
    throw new EngineError(
      'This model reads text, not images: with Open Model open one that reads images, such as a ViT, or show a text.',
    );
  }
  if (!has(TEXT)) {
    if (reads === 'image') return plan;
    throw new ImageWanted('This model reads images, not text: choose an image, or another model.');
  }
  const own =
    reads === 'text' ? planFrom(model, plan, TEXT, [PIXELS]) : planFrom(model, plan, PIXELS, [TEXT]);
  if (own.sites.length === 0)
    throw new EngineError(
      `This model reads a text and an image together, and none of its attention is of the ${reads} alone: Headlight shows one of the two at a time.`,
    );
  return own;
}
