/** The hub's cache on this machine's disk (see ../hub/cache.ts), which windows and other tools may share. */
import { randomUUID } from 'node:crypto';
import {
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type CachedModel, folderName, type HubCache, modelId, type OnBytes } from '../hub/cache';
import { HubError } from '../hub/error';
import type { HubFile, Listing } from '../hub/listing';
import type { Hub } from '../hub/request';
import { fetchBlob } from './blob';
import { locked } from './lock';

/** How often it is looked whether another window is done, in ms. */
const pause = 500;

/** Null in the browser's extension host, which has no disk (see cache.browser.ts). */
export const hubCache = (root: string): HubCache | null => new DiskCache(root);

export class DiskCache implements HubCache {
  constructor(readonly root: string) {}

  async fetch(
    hub: Hub,
    listing: Listing,
    files: readonly HubFile[],
    onBytes: OnBytes,
    signal: AbortSignal,
  ): Promise<string> {
    const folder = join(this.root, folderName(listing.id));
    const snapshot = join(folder, 'snapshots', listing.commit);
    const locks = join(this.root, '.locks', folderName(listing.id));
    const total = files.reduce((sum, { size }) => sum + size, 0);
    let done = 0;
    try {
      await mkdir(join(folder, 'blobs'), { recursive: true });
      await mkdir(locks, { recursive: true });
      await this.assertRoom(folder, files);
      for (const file of files) {
        const blob = join(folder, 'blobs', file.hash.hex);
        const told = (there: number) => onBytes(done + there, total);
        const wait = async () => {
          told((await sizeOf(`${blob}.incomplete`)) ?? 0);
          await hub.wait(pause, signal);
        };
        await locked(join(locks, `${file.hash.hex}.lock`), wait, async () => {
          if ((await sizeOf(blob)) !== file.size)
            await fetchBlob({ hub, listing, file, onBytes: told, signal }, blob);
        });
        await place(blob, join(snapshot, ...file.path.split('/')));
        onBytes((done += file.size), total);
      }
      if (listing.revision !== listing.commit)
        await writeWhole(join(folder, 'refs', ...listing.revision.split('/')), listing.commit);
      return snapshot;
    } catch (error) {
      throw problem(error);
    }
  }

  async snapshot(id: string, revision: string): Promise<string | null> {
    const folder = join(this.root, folderName(id));
    const named = await readFile(join(folder, 'refs', ...revision.split('/')), 'utf8').catch(() => revision);
    const commit = named.trim();
    if (!/^[0-9a-f]{40}$/.test(commit)) return null;
    const snapshot = join(folder, 'snapshots', commit);
    return (await stat(snapshot).catch(() => null))?.isDirectory() ? snapshot : null;
  }

  async list(): Promise<readonly CachedModel[]> {
    const models: CachedModel[] = [];
    for (const name of await readdir(this.root).catch(() => [])) {
      const id = modelId(name);
      if (id) models.push({ id, bytes: await bytesIn(join(this.root, name)) });
    }
    return models.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async remove(id: string): Promise<void> {
    try {
      // The model last: while there is something of it, it is listed, and can be deleted again.
      for (const parent of [join(this.root, '.locks'), this.root])
        await rm(join(parent, folderName(id)), { recursive: true, force: true });
    } catch (error) {
      throw problem(error);
    }
  }

  /** A disk that is too small is told of before an hour was spent on it. */
  private async assertRoom(folder: string, files: readonly HubFile[]): Promise<void> {
    let missing = 0;
    for (const { hash, size } of files) {
      const blob = join(folder, 'blobs', hash.hex);
      if ((await sizeOf(blob)) !== size) missing += size - ((await sizeOf(`${blob}.incomplete`)) ?? 0);
    }
    const { bavail, bsize } = await statfs(folder);
    if (missing > bavail * bsize)
      throw new HubError('disk full', `${missing} bytes are to come, and ${bavail * bsize} are free`);
  }
}

/** Puts a blob where a snapshot has it: a link if the system has links, else the same file twice, else a copy. */
async function place(blob: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const target = relative(dirname(path), blob);
  // Another window, or an earlier download, may have put it there.
  if ((await sizeOf(path)) === (await sizeOf(blob))) return;
  await rm(path, { force: true });
  const there = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  };
  await symlink(target, path)
    .catch(there)
    .catch(() => link(blob, path).catch(there))
    .catch(() => copyFile(blob, path));
}

/** Nobody ever reads half of it. */
async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.${randomUUID()}.part`;
  await writeFile(beside, text);
  await rename(beside, path);
}

async function sizeOf(path: string): Promise<number | null> {
  return stat(path).then(
    ({ size }) => size,
    () => null,
  );
}

/** What the blobs take; the links to them weigh nothing. */
async function bytesIn(folder: string): Promise<number> {
  const blobs = join(folder, 'blobs');
  const sizes = await Promise.all(
    (await readdir(blobs).catch(() => [])).map((name) => sizeOf(join(blobs, name))),
  );
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

function problem(error: unknown): HubError {
  if (error instanceof HubError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new HubError(/^(ENOSPC|EDQUOT)$/.test(code) ? 'disk full' : 'disk', `${code} ${message}`, {
    cause: error,
  });
}
