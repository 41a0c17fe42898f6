/** The hub as people meet it: its settings, its token, a download that is seen, and its refusals in one sentence each. */
import * as vscode from 'vscode';
import { Refusal, sentences } from '../sentences';
import { type CachedModel, folderName, type HubCache } from './hub/cache';
import { HubError } from './hub/error';
import { listFiles, listRevisions, type HubFile, type Listing } from './hub/listing';
import type { Hub } from './hub/request';
import { sizeOf } from './size';

const setting = 'headlight.hub.endpoint';
const official = 'https://huggingface.co';
/** A hub that says nothing for so long is gone, in ms. */
const silence = 30_000;

export class Remote {
  constructor(
    /** Null where nothing can be kept. */
    private readonly cache: HubCache | null,
    private readonly secrets: vscode.SecretStorage,
  ) {}

  /** What the hub has under a revision. The token is asked for where the hub wants one. @throws Refusal */
  async list(id: string, revision: string): Promise<Listing> {
    return this.letIn(id, (hub) =>
      seen(sentences.hub.listing(id), (_, signal) => listFiles(hub, id, revision, signal)),
    );
  }

  /** Whether anything can be downloaded: in a browser's extension host there is nowhere to keep it. */
  get keeps(): boolean {
    return this.cache !== null;
  }

  /** The branches and tags of a model that was listed; `main` alone where the hub does not tell. @throws Refusal */
  async revisions(id: string): Promise<readonly string[]> {
    const hub = await this.hub();
    return seen(sentences.hub.listing(id), (_, signal) => listRevisions(hub, id, signal)).catch(
      (error: unknown) => {
        if (isCancelled(error)) throw told(error, id);
        return ['main'];
      },
    );
  }

  /**
   * Fetches files, unless they are there. Of a gated model many a hub lists the files for everyone, so that only here the
   * token is asked for.
   * @returns the folder of the snapshot
   * @throws Refusal
   */
  async fetch(listing: Listing, files: readonly HubFile[]): Promise<vscode.Uri> {
    const { cache } = this;
    if (!cache) throw new Refusal(sentences.hub.nowhere);
    const path = await this.letIn(listing.id, (hub) =>
      seen(sentences.hub.downloading(listing.id), (report, signal) => {
        const rate = new Rate();
        return cache.fetch(
          hub,
          listing,
          files,
          (there, total) => report(rate.told(there, total), there / total),
          signal,
        );
      }),
    );
    return vscode.Uri.file(path);
  }

  /** The folder that is there for a revision, without asking anyone; null where there is none. */
  async cached(id: string, revision: string): Promise<vscode.Uri | null> {
    const path = await this.cache?.snapshot(id, revision);
    return path ? vscode.Uri.file(path) : null;
  }

  async listCached(): Promise<readonly CachedModel[]> {
    return (await this.cache?.list()) ?? [];
  }

  /** Whether the folder at this address is one that was downloaded: of this model, or of any. */
  holds(folder: string, id?: string): boolean {
    if (!this.cache) return false;
    const root = vscode.Uri.file(this.cache.root);
    const place = id === undefined ? root : vscode.Uri.joinPath(root, folderName(id));
    return folder.startsWith(`${place.toString()}/`);
  }

  /** @throws Refusal */
  async remove(id: string): Promise<void> {
    await this.cache?.remove(id).catch((cause: unknown) => {
      throw new Refusal(sentences.manage.notDeleted(id), { cause });
    });
  }

  /** Asks for a token and keeps it, for this endpoint alone; an empty one is forgotten. False where none was given. */
  async askForToken(id?: string): Promise<boolean> {
    const endpoint = endpointWanted();
    const token = await vscode.window.showInputBox({
      title: sentences.hub.tokenTitle(new URL(endpoint).host),
      prompt: id ? sentences.hub.tokenFor(id) : sentences.hub.tokenPrompt,
      password: true,
      ignoreFocusOut: true,
      validateInput: (text) => (/^[\x21-\x7e]*$/.test(text.trim()) ? undefined : sentences.hub.tokenOdd),
    });
    if (token === undefined) return false;
    if (token.trim()) await this.secrets.store(secretOf(endpoint), token.trim());
    else await this.secrets.delete(secretOf(endpoint));
    return token.trim() !== '';
  }

  /** Does `work`, and once more with the token that is asked for where the hub wants one. @throws Refusal */
  private async letIn<T>(id: string, work: (hub: Hub) => Promise<T>): Promise<T> {
    try {
      return await work(await this.hub()).catch(async (error: unknown) => {
        if (!wantsToken(error) || !(await this.askForToken(id))) throw error;
        return work(await this.hub());
      });
    } catch (error) {
      throw told(error, id);
    }
  }

  private async hub(): Promise<Hub> {
    const endpoint = endpointWanted();
    return { endpoint, token: (await this.secrets.get(secretOf(endpoint))) ?? null, silence, wait };
  }
}

/** A token of one hub is never another's. */
const secretOf = (endpoint: string): string => `headlight.hub.token ${new URL(endpoint).origin}`;

/** @throws Refusal where the setting is no address. Unencrypted it may be on this machine only. */
function endpointWanted(): string {
  const value = vscode.workspace.getConfiguration().get<unknown>(setting) || official;
  try {
    const { protocol, hostname, href, search, hash } = new URL(String(value));
    const here = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
    if ((protocol === 'https:' || (protocol === 'http:' && here)) && !search && !hash)
      return href.replace(/\/+$/, '');
  } catch {
    // It is told below.
  }
  throw new Refusal(sentences.hub.endpoint(setting));
}

const wantsToken = (error: unknown): boolean =>
  error instanceof HubError && /^(unauthorized|gated)$/.test(error.problem);

const isCancelled = (error: unknown): boolean => error instanceof HubError && error.problem === 'cancelled';

/** Runs `work` under a notification with numbers and a Cancel. */
async function seen<T>(
  title: string,
  work: (report: (message: string, part: number) => void, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (progress, cancellation) => {
    const controller = new AbortController();
    cancellation.onCancellationRequested(() => controller.abort());
    let last = 0;
    const report = (message: string, part: number) => {
      progress.report({ message, increment: Math.max(0, (part - last) * 100) });
      last = Math.max(last, part);
    };
    return work(report, controller.signal);
  });
}

/** How fast bytes come, over the last seconds. */
class Rate {
  private readonly marks: { readonly at: number; readonly there: number }[] = [];

  told(there: number, total: number): string {
    const at = Date.now();
    this.marks.push({ at, there });
    while (this.marks.length > 2 && at - this.marks[0]!.at > 5000) this.marks.shift();
    const [first] = this.marks;
    const perMs = (there - first!.there) / Math.max(1, at - first!.at);
    const left = perMs > 0 && at - first!.at > 500 ? `, ${durationOf((total - there) / perMs)} left` : '';
    return `${sizeOf(there)} of ${sizeOf(total)}${left}`;
  }
}

function durationOf(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new HubError('cancelled', 'cancelled'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/** The sentence for a problem; what is no problem of the hub's goes on as it is. */
function told(error: unknown, id: string): unknown {
  if (!(error instanceof HubError)) return error;
  const { host } = new URL(endpointWanted());
  return new Refusal(sentences.hub.problems[error.problem](id, host), { cause: error });
}
