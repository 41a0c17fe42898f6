/** One file from the hub to the disk: gone on with where it was broken off, and checked before it counts. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { HubError } from '../hub/error';
import { filePath, type HubFile, type Listing } from '../hub/listing';
import { attempts, chunks, get, type Hub } from '../hub/request';

/** A file of a model, and who is to be asked for it. */
export interface Wanted {
  readonly hub: Hub;
  readonly listing: Listing;
  readonly file: HubFile;
  /** Told how many bytes of the file are there. */
  readonly onBytes: (there: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Fetches what is missing of a file to `path`. While it is not whole it is called `path`.incomplete.
 * @throws HubError, and what Node throws of a disk
 */
export async function fetchBlob(wanted: Wanted, path: string): Promise<void> {
  const { file } = wanted;
  const beside = `${path}.incomplete`;
  for (;;) {
    const begun = await stat(beside).then(
      ({ size }) => size > 0,
      () => false,
    );
    const hex = await new Download(wanted).run(beside);
    if (hex === file.hash.hex) break;
    await rm(beside, { force: true });
    // What was there before can have been wrong; what comes whole in one go is what the hub gives.
    if (!begun) throw new HubError('damaged', `${file.path}: ${hex} in place of ${file.hash.hex}`);
  }
  await rename(beside, path);
}

class Download {
  private hash: Hash;
  /** Bytes that are on the disk and in the hash. */
  private there = 0;

  constructor(private readonly wanted: Wanted) {
    this.hash = hashOf(wanted.file);
  }

  /** Goes on as long as tries bring something. @returns the hash of the whole file */
  async run(path: string): Promise<string> {
    const { file, hub, signal } = this.wanted;
    const out = await open(path, 'a+');
    try {
      const { size } = await out.stat();
      if (size > file.size) await out.truncate(0);
      else if (size > 0)
        for await (const chunk of createReadStream(path, { end: size - 1 })) this.take(chunk as Buffer);
      for (let fruitless = 0; this.there < file.size;) {
        const before = this.there;
        await this.append(out);
        fruitless = this.there > before ? 0 : fruitless + 1;
        if (fruitless >= attempts) throw new HubError('network', `${file.path}: cut off again and again`);
        if (this.there < file.size) await hub.wait(1000 * 2 ** fruitless, signal);
      }
      await out.sync();
      return this.hash.digest('hex');
    } finally {
      await out.close();
    }
  }

  /** One request for what is missing, written as it comes; returns also where the connection is cut, or falls silent. */
  private async append(out: FileHandle): Promise<void> {
    const { hub, listing, file, signal } = this.wanted;
    const headers: Record<string, string> = this.there > 0 ? { range: `bytes=${this.there}-` } : {};
    const answer = await get(hub, filePath(listing, file), headers, signal);
    const start = /^bytes (\d+)-/.exec(answer.headers.get('content-range') ?? '')?.[1];
    if (answer.status === 206 && Number(start) !== this.there)
      throw new HubError('not a hub', `${file.path}: another range than was asked for`);
    if (answer.status === 200 && this.there > 0) {
      // No ranges are given here: the whole file comes once more.
      await out.truncate(0);
      this.there = 0;
      this.hash = hashOf(file);
    }
    try {
      for await (const part of chunks(hub, answer, signal)) {
        if (this.there + part.length > file.size)
          throw new HubError('damaged', `${file.path} is longer than its ${file.size} bytes`);
        await out.appendFile(part);
        this.take(part);
      }
    } catch (error) {
      if (!(error instanceof HubError) || error.problem !== 'network') throw error;
    }
  }

  private take(bytes: Uint8Array): void {
    this.hash.update(bytes);
    this.there += bytes.length;
    this.wanted.onBytes(this.there);
  }
}

/** As the hub counts: large files by their content, small ones as git names a blob. */
function hashOf({ hash, size }: HubFile): Hash {
  return hash.kind === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
}
