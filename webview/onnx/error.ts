/** What this folder throws, and nothing else: one sentence that a person who opened a file can act on. */
export class OnnxError extends Error {
  override name = 'OnnxError';
}

/** A name out of the file, quoted and short enough for a sentence. */
export function quoted(name: string): string {
  return name.length > 80 ? `"${name.slice(0, 40)}…${name.slice(-30)}"` : `"${name}"`;
}
