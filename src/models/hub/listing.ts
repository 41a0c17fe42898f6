/** What the hub has of a model: its files, their sizes and their hashes. Nothing it says is taken on trust. */
import { HubError } from './error';
import { chunks, get, type Hub } from './request';

export interface HubFile {
  readonly path: string;
  readonly size: number;
  /** Of the content, for a large file; else of it as a git blob. */
  readonly hash: { readonly kind: 'sha256' | 'git'; readonly hex: string };
}

export interface Listing {
  readonly id: string;
  /** As it was asked for: a branch, a tag, or a commit. */
  readonly revision: string;
  readonly commit: string;
  readonly files: readonly HubFile[];
}

/** No list of files is longer, in bytes. */
const longest = 16e6;

/** "owner/name", or a name alone as the oldest models have. Each part is letters, digits, ., - and _. */
export function isModelId(text: string): boolean {
  const parts = text.split('/');
  return parts.length <= 2 && parts.every((part) => isName(part));
}

/** A branch, a tag, a commit, or a pull request such as refs/pr/1. */
export function isRevision(text: string): boolean {
  return text.length <= 200 && text.split('/').every((part) => isName(part));
}

const isName = (part: string): boolean => /^[\w.-]{1,96}$/.test(part) && !/^\.|\.\.|--|\.lock$/.test(part);

/** @throws HubError */
export async function listFiles(
  hub: Hub,
  id: string,
  revision: string,
  signal: AbortSignal,
): Promise<Listing> {
  const path = `/api/models/${id}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const answer = await get(hub, path, { accept: 'application/json' }, signal);
  const text = await textOf(chunks(hub, answer, signal));
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new HubError('not a hub', `${path}: no JSON`, { cause });
  }
  const { sha, siblings } = (body ?? {}) as { sha?: unknown; siblings?: unknown };
  if (typeof sha !== 'string' || !/^[0-9a-f]{40}$/.test(sha) || !Array.isArray(siblings))
    throw new HubError('not a hub', `${path}: no commit or no files`);
  return { id, revision, commit: sha, files: siblings.flatMap(fileOf) };
}

/** Branches and tags of a model, `main` first. @throws HubError */
export async function listRevisions(hub: Hub, id: string, signal: AbortSignal): Promise<string[]> {
  const answer = await get(hub, `/api/models/${id}/refs`, { accept: 'application/json' }, signal);
  const text = await textOf(chunks(hub, answer, signal));
  try {
    const { branches, tags } = JSON.parse(text) as Record<string, readonly { name?: unknown }[]>;
    const all = [...(branches ?? []), ...(tags ?? [])].map(({ name }) => name);
    const names = all.filter((name): name is string => typeof name === 'string' && isRevision(name));
    return ['main', ...new Set(names.filter((name) => name !== 'main'))];
  } catch (cause) {
    throw new HubError('not a hub', `${id}: no list of branches`, { cause });
  }
}

/** A file that cannot be checked, or whose path could lead out of its folder, is passed over. */
function fileOf(sibling: unknown): HubFile[] {
  const { rfilename: path, size, blobId, lfs } = (sibling ?? {}) as Record<string, unknown>;
  const { sha256, size: large } = (lfs ?? {}) as Record<string, unknown>;
  const bytes = large ?? size;
  if (typeof path !== 'string' || !isSafe(path) || !Number.isSafeInteger(bytes) || (bytes as number) < 0)
    return [];
  const hash = lfs ? sha256 : blobId;
  if (typeof hash !== 'string' || !(lfs ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{40}$/).test(hash)) return [];
  return [{ path, size: bytes as number, hash: { kind: lfs ? 'sha256' : 'git', hex: hash } }];
}

const isSafe = (path: string): boolean =>
  path.length <= 400 && path.split('/').every((part) => part !== '' && !/^\.+$|[\\:\0-\x1f]/.test(part));

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > longest) throw new HubError('not a hub', 'a list of files without an end');
  }
  return text + decoder.decode();
}

/** Where a file of a commit is had. */
export function filePath({ id, commit }: Listing, { path }: HubFile): string {
  return `/${id}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
}
