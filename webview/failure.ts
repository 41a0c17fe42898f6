/** Failures, as a person is told of them. */
import { RemoteError } from './engine/rpc';

/** What is the model's or the text's own, and leaves the worker as it was. */
export const isSound = (error: unknown): boolean =>
  error instanceof RemoteError &&
  ['EngineError', 'ImageWanted', 'OnnxError', 'TooLarge'].includes(error.kind);

/** Failures that were put into a sentence where they arose. */
const TOLD = ['EngineError', 'ImageWanted', 'OnnxError', 'WorkerEnded', 'Deadline', 'Missing', 'TooLarge'];

/** Whether an image would do in place of what was shown. */
export const wantsImage = (error: unknown): boolean =>
  error instanceof RemoteError && error.kind === 'ImageWanted';

/** One sentence for people, and the detail for the log. */
export function describe(error: unknown): [sentence: string, detail: string] {
  if (!(error instanceof RemoteError))
    return ['Headlight failed; its output channel has the detail.', String((error as Error)?.stack ?? error)];
  const { kind, message, detail } = error;
  // onnxruntime's own words for a WASM file that does not compile.
  const damaged = message.includes('no available backend');
  const sentence = TOLD.includes(kind)
    ? message
    : damaged
      ? 'A part of Headlight is missing or damaged; install the extension again.'
      : 'The model could not be run; Headlight’s output channel has the detail.';
  return [sentence, `${kind}: ${message} ${detail}`];
}
