/**
 * One interface of async methods, carried over a worker's port. Replies are ok or error, so failures travel; when the
 * worker dies, every waiting call hears why. Buffers that a reply owns are moved, not copied.
 */

type Methods = object;
type Request = { readonly call: number; readonly method: string; readonly args: readonly unknown[] };
type Reply = { readonly call: number } & (
  | { readonly ok: unknown }
  | { readonly error: { readonly name: string; readonly message: string; readonly stack: string } }
);

/** The worker's end; the page's lib knows no DedicatedWorkerGlobalScope. */
export interface Port {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown, transfer?: Transferable[]): void;
}

/** A reply together with the buffers to move. */
export class Moved<T> {
  constructor(
    readonly value: T,
    readonly buffers: readonly ArrayBuffer[],
  ) {}
}

/** What a method may answer: the value, or the value with buffers to move. */
export type Served<T> = {
  readonly [M in keyof T]: T[M] extends (...args: infer A) => Promise<infer R>
    ? (...args: A) => Promise<R | Moved<R>>
    : never;
};

/** Worker side: answers requests, one after the other, until the worker ends. */
export function serve<T extends Methods>(methods: Served<T>, port: Port): void {
  let last = Promise.resolve();
  port.onmessage = ({ data }: MessageEvent<Request>) => {
    // A session may not run twice at once, and a WebGPU run gives way in the middle.
    last = last.then(() => answer(data));
  };
  async function answer(data: Request): Promise<void> {
    try {
      const method = (methods as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>)[
        data.method
      ];
      const result = await method.apply(methods, [...data.args]);
      if (result instanceof Moved)
        port.postMessage({ call: data.call, ok: result.value }, [...result.buffers]);
      else port.postMessage({ call: data.call, ok: result });
    } catch (thrown) {
      const { name, message, stack = '' } = thrown instanceof Error ? thrown : new Error(String(thrown));
      port.postMessage({ call: data.call, error: { name, message, stack } });
    }
  }
}

/** A failure that came back from the worker, or the news of its end. */
export class RemoteError extends Error {
  override readonly name: string = 'RemoteError';
  constructor(
    /** The name of the error where it was thrown; `WorkerEnded` and `Deadline` for our own. */
    readonly kind: string,
    message: string,
    readonly detail = '',
  ) {
    super(message);
  }
}

export interface Connection<T> {
  /** Calls a method; rejects with RemoteError when it fails, is late, or the worker ends. */
  call<M extends keyof T & string>(
    method: M,
    args: T[M] extends (...args: infer A) => Promise<unknown> ? A : never,
    options?: {
      readonly deadline?: number;
      /** Who gives no answer when it is late. */
      readonly who?: string;
      readonly move?: readonly Transferable[];
    },
  ): T[M] extends (...args: never[]) => infer R ? R : never;
  /** Ends the worker; every waiting and later call is told `why`. */
  end(why: string): void;
}

/** Page side. `deadline`s are in milliseconds; a call that misses its deadline ends the worker, which cannot be interrupted. */
export function connect<T extends Methods>(worker: Worker): Connection<T> {
  type Waiting = { resolve(value: unknown): void; reject(error: RemoteError): void; timer: number };
  const waiting = new Map<number, Waiting>();
  let calls = 0;
  let ended: RemoteError | null = null;

  const end = (error: RemoteError) => {
    if (ended) return;
    ended = error;
    worker.terminate();
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    waiting.clear();
  };

  worker.onmessage = ({ data }: MessageEvent<Reply>) => {
    const call = waiting.get(data.call);
    if (!call) return;
    waiting.delete(data.call);
    clearTimeout(call.timer);
    if ('ok' in data) call.resolve(data.ok);
    else call.reject(new RemoteError(data.error.name, data.error.message, data.error.stack));
  };
  worker.onerror = (event) => {
    event.preventDefault();
    end(new RemoteError('WorkerEnded', 'The worker that runs the model failed.', event.message));
  };
  worker.onmessageerror = () =>
    end(new RemoteError('WorkerEnded', 'The worker that runs the model sent an answer that cannot be read.'));

  return {
    call: ((
      method: string,
      args: readonly unknown[],
      { deadline = 120_000, who = 'The model', move = [] } = {},
    ) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(ended);
        const call = ++calls;
        const late = () => {
          const seconds = Math.round(deadline / 1000);
          end(
            new RemoteError(
              'Deadline',
              `${who} gave no answer within ${seconds} seconds, so it was stopped.`,
              method,
            ),
          );
        };
        waiting.set(call, { resolve, reject, timer: setTimeout(late, deadline) as unknown as number });
        worker.postMessage({ call, method, args } satisfies Request, [...move]);
      })) as unknown as Connection<T>['call'],
    end: (why) => end(new RemoteError('WorkerEnded', why)),
  };
}
