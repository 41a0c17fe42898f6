/** The part of bundle.mjs that tests use. */
export function bundle(files: string[], options: { level: string; host?: boolean }): Promise<string[]>;
