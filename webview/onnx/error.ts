/** What this folder throws, and nothing else: one sentence that a person who opened a file can act on. */
export class OnnxError extends Error {
  override name = 'OnnxError';
}
