/**
 * Requests to a hub, by the `fetch` of the extension host, which VS Code makes heed its proxy settings. What passes is
 * waited out: a busy or failing hub is asked again, a few times and ever later.
 */
import { HubError } from './error';

export interface Hub {
  /** https://huggingface.co or a mirror of it, without a slash at its end. */
  readonly endpoint: string;
  /** Sent to the endpoint alone, never to where it redirects. */
  readonly token: string | null;
  /** A hub that says nothing for so long is gone, in ms. */
  readonly silence: number;
  /** Waits so many milliseconds; throws once the signal says so. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** How often one request is made, the first time included. */
export const attempts = 5;
/** Waits before the second to the last attempt are 1, 2, 4 and 8 s, or what the hub asks for up to this, in ms. */
const longestWait = 60_000;
/** Redirects followed for one request. */
const redirects = 5;

/**
 * The answer to a GET, its body still to be read.
 * @throws HubError unless the status is 200 or 206
 */
export async function get(
  hub: Hub,
  path: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const last = attempt >= attempts;
    const answer = await once(hub, path, headers, signal).catch((error: HubError) => {
      if (last || error.problem !== 'network') throw error;
      return null;
    });
    if (answer && (answer.status === 200 || answer.status === 206)) return answer;
    const { status = 0 } = answer ?? {};
    if (answer && status !== 429 && status < 500) throw refusal(answer, path);
    const asked = answer && retryAfter(answer);
    const pause = asked ?? 1000 * 2 ** (attempt - 1);
    if (answer && (last || pause > longestWait)) throw refusal(answer, path);
    await answer?.body?.cancel();
    await hub.wait(pause, signal);
  }
}

async function once(
  hub: Hub,
  path: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  const { endpoint, token } = hub;
  const home = new URL(endpoint).origin;
  let url = new URL(endpoint + path);
  for (let hop = 0; hop <= redirects; hop++) {
    // Redirects are followed here, so that the token demonstrably stays at home.
    const authorization = token && url.origin === home ? { authorization: `Bearer ${token}` } : {};
    const answer = await heard(
      hub,
      (inTime) =>
        fetch(url, { headers: { ...headers, ...authorization }, redirect: 'manual', signal: inTime }),
      signal,
    );
    // A browser does not show where it would go. It keeps the token from other origins by itself (Fetch, 4.4).
    if (answer.type === 'opaqueredirect')
      return heard(
        hub,
        (inTime) => fetch(url, { headers: { ...headers, ...authorization }, signal: inTime }),
        signal,
      );
    const next = answer.headers.get('location');
    if (answer.status < 300 || answer.status >= 400 || !next) return answer;
    await answer.body?.cancel();
    const target = new URL(next, url);
    if (target.protocol !== 'https:' && target.protocol !== url.protocol)
      throw new HubError('not a hub', `${url.href} redirects from https to ${target.protocol}`);
    url = target;
  }
  throw new HubError('not a hub', `${path}: more than ${redirects} redirects`);
}

/** The body of an answer as it comes. Silence in the middle is as bad as before the beginning. @throws HubError */
export async function* chunks(
  hub: Hub,
  answer: Response,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const reader = answer.body!.getReader();
  try {
    for (;;) {
      const { done, value } = await heard(hub, () => reader.read(), signal);
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/**
 * Runs `work` with a signal that also falls where it takes longer than the hub may be silent; what does not heed the
 * signal is waited for no longer either.
 * @throws HubError
 */
async function heard<T>(
  { silence }: Hub,
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const late = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const lateness = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      late.abort();
      reject(new HubError('network', `nothing was heard for ${silence} ms`));
    }, silence);
  });
  try {
    return await Promise.race([work(AbortSignal.any([signal, late.signal])), lateness]);
  } catch (cause) {
    throw failure(cause, signal);
  } finally {
    clearTimeout(timer);
  }
}

/** A failure of `fetch` or of a body, as the problem that it is. */
export function failure(cause: unknown, signal: AbortSignal): HubError {
  if (cause instanceof HubError) return cause;
  if (signal.aborted) return new HubError('cancelled', 'cancelled');
  const inner = (cause as { cause?: { code?: string; message?: string } }).cause;
  return new HubError(
    'network',
    `${(cause as Error).message} ${inner?.code ?? inner?.message ?? ''}`.trim(),
    {
      cause,
    },
  );
}

/** `X-Error-Code` is the hub's own word for what it refuses. */
function refusal(answer: Response, path: string): HubError {
  const { status } = answer;
  const code = answer.headers.get('x-error-code') ?? '';
  const detail = `${status} ${code} ${path}`;
  void answer.body?.cancel();
  if (code === 'GatedRepo' || status === 403) return new HubError('gated', detail);
  // The hub says 401 of a model that does not exist, lest it tells of private ones.
  if (status === 401) return new HubError('unauthorized', detail);
  if (status === 404 || status === 410) return new HubError('not found', detail);
  if (status === 429) return new HubError('busy', detail);
  if (status >= 500) return new HubError('server', detail);
  return new HubError('not a hub', detail);
}

/** Milliseconds, from seconds or a date (RFC 9110, 10.2.3); null where the hub does not say. */
function retryAfter(answer: Response): number | null {
  const value = answer.headers.get('retry-after');
  if (!value) return null;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}
