/**
 * This machine's disk: links, and files written piece by piece, which `vscode.workspace.fs` cannot do. In the browser's
 * extension host there is no such disk: that build takes disk.browser.ts in place of this file.
 */
import { open, realpath, rename } from 'node:fs/promises';

/** A file that grows. */
export interface Growing {
  append(bytes: Uint8Array): Promise<void>;
  /** All that was appended is on the disk. */
  close(): Promise<void>;
  /** Lets go of it as it is. */
  discard(): Promise<void>;
}

export interface Disk {
  /** Where a file really is, all links followed. */
  realPath(path: string): Promise<string>;
  /** @param path of a file that is not there yet. @throws what Node throws, with a `code` such as ENOSPC */
  create(path: string): Promise<Growing>;
  /** In one step, in place of a file of that name; never of a folder. */
  rename(from: string, to: string): Promise<void>;
}

/** Null where there is no disk to write to. */
export const disk: Disk | null = {
  realPath: (path) => realpath(path),
  rename,

  async create(path) {
    const file = await open(path, 'wx');
    return {
      append: (bytes) => file.writeFile(bytes),
      async close() {
        try {
          // A full disk can show as late as this.
          await file.sync();
        } finally {
          await file.close();
        }
      },
      discard: () => file.close(),
    };
  },
};
