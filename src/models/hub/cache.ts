/**
 * Models of the hub kept on this machine, in the hub's own layout, so that other tools find them too:
 *
 *   models--owner--name/blobs/HASH              each file once, by its hash
 *   models--owner--name/refs/REVISION           the commit that a branch or tag was when it was last asked for
 *   models--owner--name/snapshots/COMMIT/PATH   links to the blobs; copies where there are no links
 */
import type { HubFile, Listing } from './listing';
import type { Hub } from './request';

export interface CachedModel {
  readonly id: string;
  /** Of all revisions, also of what came only in part. */
  readonly bytes: number;
}

/** Told as files come: bytes that are there, of how many. */
export type OnBytes = (there: number, total: number) => void;

export interface HubCache {
  /** The path of the folder that all of it lies in. */
  readonly root: string;
  /**
   * Sees to it that these files are there, each checked against its hash. What was begun before is gone on with; what
   * another window is fetching is waited for. @returns the path of the snapshot
   * @throws HubError
   */
  fetch(
    hub: Hub,
    listing: Listing,
    files: readonly HubFile[],
    onBytes: OnBytes,
    signal: AbortSignal,
  ): Promise<string>;
  /** The path of the snapshot that is there for a revision, whole or not; null without one. Asks nobody. */
  snapshot(id: string, revision: string): Promise<string | null>;
  list(): Promise<readonly CachedModel[]>;
  /** All revisions of a model. */
  remove(id: string): Promise<void>;
}

export const folderName = (id: string): string => `models--${id.replaceAll('/', '--')}`;

/** The model whose folder has this name; null where it is no model's. */
export const modelId = (folder: string): string | null =>
  /^models--[\w.-]+$/.test(folder) ? folder.slice('models--'.length).replace('--', '/') : null;

/** The model and the commit of a snapshot, told by its path, whoever's cache it lies in; null for any other folder. */
export function snapshotAt(path: string): { readonly id: string; readonly commit: string } | null {
  const [, folder = '', commit = ''] = /\/([^/]+)\/snapshots\/([0-9a-f]{40})\/?$/.exec(path) ?? [];
  const id = modelId(folder);
  return id === null ? null : { id, commit };
}
