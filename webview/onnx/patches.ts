// How an image is cut into patches: by the first convolution behind the input with its pixels.
import type { Model } from './model';

/** Pixels, [down, across]. */
interface Cut {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  /** Added around the image: above and below together, left and right together. */
  readonly pads: readonly [number, number];
}

/** What only carries pixels on: casts, norms of colours, another layout. */
const CARRIES = /^(Cast|Identity|Sub|Div|Mul|Add|Transpose|DequantizeLinear|QuantizeLinear)$/;
const CONVOLVES = /^(Conv|ConvInteger|QLinearConv)$/;

/** Null where no convolution reads the pixels. */
export function cutOf({ graph }: Model, pixels: string): Cut | null {
  const carried = new Set([pixels]);
  for (const { op, inputs, outputs, attributes } of graph.nodes) {
    if (!inputs.some((input) => carried.has(input))) continue;
    if (!CONVOLVES.test(op)) {
      if (CARRIES.test(op)) carried.add(outputs[0]);
      continue;
    }
    const weight = graph.initializers.get(op === 'QLinearConv' ? inputs[3] : inputs[1]);
    const kernel = attributes.get('kernel_shape')?.numbers ?? weight?.dims.slice(2);
    const stride = attributes.get('strides')?.numbers ?? [1, 1];
    const pads = attributes.get('pads')?.numbers ?? [0, 0, 0, 0];
    if (kernel?.length !== 2 || stride.length !== 2 || pads.length !== 4) return null;
    return {
      kernel: [kernel[0], kernel[1]],
      stride: [stride[0], stride[1]],
      pads: [pads[0] + pads[2], pads[1] + pads[3]],
    };
  }
  return null;
}
