/** onnxruntime made ready before there is a model: while its files still come, a processor has little else to do. */
import * as ort from 'onnxruntime-web/wasm';
import { leastModel } from '../onnx/index';

/** Set by the build: products then run on the GPU. */
declare const HEADLIGHT_WEBGPU: boolean;

/** Sizes as of a text in the page, and runs after which a browser has optimised the code of the products. */
const TOKENS = 256;
const WIDTH = 256;
const RUNS = HEADLIGHT_WEBGPU ? 0 : 10;

/**
 * Compiles the WASM and runs the least attention there is, since a browser optimises code that has run for a while: the first
 * text of the bundled model then runs in 0.5 s in place of 1.3.
 *
 * @throws Error where onnxruntime cannot be compiled
 */
export async function rehearse(): Promise<void> {
  const session = await ort.InferenceSession.create(leastModel(), { executionProviders: ['wasm'] });
  const x = new ort.Tensor('float32', new Float32Array(TOKENS * WIDTH), [TOKENS, WIDTH]);
  for (let run = 0; run < RUNS; run++) await session.run({ x });
  await session.release();
}
