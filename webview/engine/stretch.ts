/** Rotary positions of texts longer than those that a model was trained on, stretched as its config.json asks for. */
import * as ort from 'onnxruntime-web/wasm';
import type { Frequencies, Model, Rewrite } from '../onnx/index';
import { findFrequencies, frequencies } from '../onnx/index';
import type { Rotary } from './config';
import type { Feeds } from './graph';

export class Stretch {
  /** The weights to be fed; none where the graph does not tell them, and then nothing can be stretched. */
  readonly given: readonly Frequencies[];

  constructor(
    model: Model,
    private readonly rotary: Rotary | null,
  ) {
    this.given = rotary ? findFrequencies(model, rotary.theta, rotary.width) : [];
  }

  feeds({ givenInputs }: Pick<Rewrite, 'givenInputs'>, tokens: number): Feeds {
    const feeds: Feeds = {};
    for (const { weight, input } of givenInputs) {
      const { dims, values } = this.given.find(({ name }) => name === weight)!;
      feeds[input] = new ort.Tensor('float32', this.stretched(values, tokens), dims);
    }
    return feeds;
  }

  /**
   * theta (s n / L - (s - 1))^(d / (d - 2)) in place of theta for n tokens, more than the L of the training: low
   * frequencies are stretched, high ones hardly (NTK-aware scaling, as "dynamic" in Transformers' modeling_rope_utils.py).
   */
  private stretched(values: Float32Array, tokens: number): Float32Array {
    const { theta, width, factor, trained } = this.rotary!;
    if (tokens <= trained) return values;
    const longer = (factor * tokens) / trained - (factor - 1);
    return frequencies(theta * longer ** (width / (width - 2)), width);
  }
}
