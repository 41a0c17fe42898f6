/** The line to the extension host, and what VS Code keeps for the page across a reload. */
import type { Kept, ToHost } from '../src/protocol';

interface VsCode {
  postMessage(message: unknown, transfer?: readonly Transferable[]): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCode;

const vscode = acquireVsCodeApi();

/** @param move buffers that go along and are not copied */
export const send = (message: ToHost, move: readonly Transferable[] = []): void =>
  vscode.postMessage(message, move);
export const keep = (kept: Kept): void => vscode.setState(kept);
export const kept = (): Kept | null => (vscode.getState() as Kept | null) ?? null;
