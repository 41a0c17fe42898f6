/** A hub on this machine, for tests: it speaks the API of huggingface.co over HTTP, and fails as it is told to. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HubModel {
  readonly id: string;
  readonly commit: string;
  /** Branches and tags of this commit. */
  readonly revisions: readonly string[];
  /** Files stored as LFS, by path. */
  readonly large: Readonly<Record<string, Uint8Array>>;
  /** Files in git itself, by path. */
  readonly small: Readonly<Record<string, Uint8Array>>;
}

export interface Asked {
  readonly url: string;
  readonly host: 'hub' | 'store';
  readonly authorization: string | undefined;
  readonly range: string | undefined;
}

/** Answers in place of the server, and says whether it did. `bytes`: what would have been sent. */
export type Fault = (asked: Asked, response: ServerResponse, bytes: Uint8Array | null) => boolean;

export class TestHub {
  readonly asked: Asked[] = [];
  readonly models: HubModel[] = [];
  fault: Fault = () => false;
  /** Null: every model is public. */
  token: string | null = null;
  /** What the token opens: the files alone, as on huggingface.co, which lists gated models for everyone; or all. */
  gated: 'files' | 'all' = 'files';
  ranges = true;

  private constructor(
    private readonly hub: Server,
    private readonly store: Server,
  ) {
    hub.on('request', (request, response) => this.answer(request, response));
    store.on('request', (request, response) => this.deliver(request, response));
  }

  static async start(): Promise<TestHub> {
    const servers = [createServer(), createServer()] as const;
    for (const server of servers) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return new TestHub(...servers);
  }

  get endpoint(): string {
    return originOf(this.hub);
  }

  async stop(): Promise<void> {
    for (const server of [this.hub, this.store]) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  }

  private note({ url, headers }: IncomingMessage, host: Asked['host']): Asked {
    const { authorization, range } = headers;
    const asked = { url: url!, host, authorization, range };
    this.asked.push(asked);
    return asked;
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const asked = this.note(request, 'hub');
    const path = decodeURIComponent(new URL(asked.url, this.endpoint).pathname);
    const [, listed, revision] = /^\/api\/models\/(.+?)\/revision\/(.+)$/.exec(path) ?? [];
    const [, owner, commit, file] = /^\/(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(path) ?? [];
    const [, told] = /^\/api\/models\/(.+?)\/refs$/.exec(path) ?? [];
    const model = this.models.find(({ id }) => id === (listed ?? told ?? owner));
    const bytes = (model && file && (model.large[file] ?? model.small[file])) || null;
    if (this.fault(asked, response, bytes)) return;
    const closed = this.token && (file || this.gated === 'all');
    if (closed && asked.authorization !== `Bearer ${this.token}`)
      return refuse(response, 401, asked.authorization ? '' : 'GatedRepo');
    if (!model) return refuse(response, 404, 'RepoNotFound');
    if (told) {
      const names = this.models.filter(({ id }) => id === told).flatMap(({ revisions }) => revisions);
      const branches = names.map((name) => ({ name, ref: `refs/heads/${name}` }));
      const refs = { branches, converts: [], tags: [] };
      return void response.setHeader('content-type', 'application/json').end(JSON.stringify(refs));
    }
    if (listed) {
      if (revision !== model.commit && !model.revisions.includes(revision!))
        return refuse(response, 404, 'RevisionNotFound');
      return void response.setHeader('content-type', 'application/json').end(JSON.stringify(listing(model)));
    }
    if (commit !== model.commit || !bytes) return refuse(response, 404, 'EntryNotFound');
    // Large files come from another origin, as the hub's come from where they are stored.
    if (model.large[file!])
      return void response.writeHead(302, { location: `${originOf(this.store)}${asked.url}?signed=1` }).end();
    send(response, bytes, asked.range, this.ranges);
  }

  private deliver(request: IncomingMessage, response: ServerResponse): void {
    const asked = this.note(request, 'store');
    const path = decodeURIComponent(new URL(asked.url, this.endpoint).pathname);
    const [, owner, , file] = /^\/(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(path)!;
    const bytes = this.models.find(({ id }) => id === owner)!.large[file!]!;
    if (!this.fault(asked, response, bytes)) send(response, bytes, asked.range, this.ranges);
  }
}

const originOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, code ? { 'x-error-code': code } : {}).end();
}

function send(response: ServerResponse, bytes: Uint8Array, range: string | undefined, ranges: boolean): void {
  const from = ranges ? Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? -1) : -1;
  if (from < 0) return void response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  if (from >= bytes.length) return void response.writeHead(416).end();
  const headers = {
    'content-length': bytes.length - from,
    'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
  };
  response.writeHead(206, headers).end(bytes.subarray(from));
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const gitSha1 = (bytes: Uint8Array): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

/** As GET /api/models/ID/revision/REVISION?blobs=true answers. */
export function listing({ id, commit, large, small }: HubModel) {
  const inGit = Object.entries(small).map(([rfilename, bytes]) => ({
    rfilename,
    size: bytes.length,
    blobId: gitSha1(bytes),
  }));
  const inStore = Object.entries(large).map(([rfilename, bytes]) => ({
    rfilename,
    size: bytes.length,
    blobId: '0'.repeat(40),
    lfs: { sha256: sha256(bytes), size: bytes.length, pointerSize: 134 },
  }));
  return { id, sha: commit, siblings: [...inGit, ...inStore] };
}
