/** A worker that runs a model as it was exported, without Headlight: what a run takes by itself. */
import * as ort from 'onnxruntime-web/wasm';

interface Question {
  readonly wasm: string;
  readonly model: string;
  readonly n: number;
  readonly runs: number;
}

self.onmessage = async ({ data }: MessageEvent<Question>) => {
  const bytes = async (url: string) => (await fetch(url)).arrayBuffer();
  ort.env.wasm.wasmBinary = await bytes(data.wasm);
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(new Uint8Array(await bytes(data.model)));
  const ids = (value: (i: number) => number) =>
    new ort.Tensor(
      'int64',
      BigInt64Array.from({ length: data.n }, (_, i) => BigInt(value(i))),
      [1, data.n],
    );
  const feeds = {
    input_ids: ids((i) => 3 + (i % 97)),
    attention_mask: ids(() => 1),
    position_ids: ids((i) => i),
  };
  for (let run = 0; run < data.runs; run++)
    for (const tensor of Object.values(await session.run(feeds))) tensor.dispose();
  self.postMessage('done');
};
