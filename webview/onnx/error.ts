/** What this folder throws, and nothing else: one sentence that a person who opened a file can act on. */
export class OnnxError extends Error {
  override name = 'OnnxError';
}

/** A name out of the file, quoted, and short and tame enough for a sentence: damaged names hold anything. */
export function quoted(name: string): string {
  const tame = name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '�');
  return tame.length > 80 ? `"${tame.slice(0, 40)}…${tame.slice(-30)}"` : `"${tame}"`;
}
