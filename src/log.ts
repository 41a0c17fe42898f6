/** The output channel "Headlight", and the guards that turn a failure into a line there. Never selected text. */
import * as vscode from 'vscode';
import type { Handlers } from './protocol';
import { Refusal } from './sentences';

export type Log = vscode.LogOutputChannel;

export function createLog(): Log {
  return vscode.window.createOutputChannel('Headlight', { log: true });
}

/**
 * Runs `work`, and is done when that is; a failure is logged under `name` and goes no further. A refusal is told to the
 * person who asked.
 */
export async function attempt(log: Log, name: string, work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (reason) {
    if (reason instanceof Refusal) void vscode.window.showWarningMessage(reason.message);
    const cause = reason instanceof Refusal ? reason.cause : reason;
    if (cause) log.error(`${name}: ${detail(cause)}`);
  }
}

/** The same handlers, each on its own: one that throws does not stop the rest. */
export function guarded<M extends { readonly type: string }>(log: Log, handlers: Handlers<M>): Handlers<M> {
  const plain = handlers as unknown as Record<string, (message: M) => void>;
  const guards = Object.entries(plain).map(
    ([type, handle]) =>
      [type, (message: M) => attempt(log, `message ${type}`, () => handle(message))] as const,
  );
  return Object.fromEntries(guards) as unknown as Handlers<M>;
}

export function detail(reason: unknown): string {
  return reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
}
