/** What a tokenizer.json is made of. Whoever reads a part checks it: the file is untrusted. */

/** A step: `type` says which, and the rest is its own. */
export type Config = { readonly type?: unknown; readonly [name: string]: unknown };

/** Whether it may be the number of a token: they are fed to the model as such. */
export const isId = (id: unknown): id is number =>
  Number.isInteger(id) && (id as number) >= 0 && (id as number) < 2 ** 31;

/** A text, or what stands in for one that is left out. @throws Error for anything else */
export function textOf(value: unknown, otherwise: string): string {
  if (value === null || value === undefined) return otherwise;
  if (typeof value !== 'string') throw new Error('something in it is not the text that it should be');
  return value;
}
