// Cases on this machine's disk.
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Folder } from './case';

/** Every folder under `root`, itself included and at any depth, that holds a case. */
export function casesIn(root: string): string[] {
  if (existsSync(join(root, 'case.json'))) return [root];
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map((entry) => join(root, entry.name))
    .sort()
    .flatMap(casesIn);
}

export function onDisk(path: string): Folder {
  return { name: basename(path), read: async (file) => new Uint8Array(await readFile(join(path, file))) };
}
