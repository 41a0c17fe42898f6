/** The line to the extension host, and what VS Code keeps for the page across a reload. */
import type { Kept, ToHost } from '../src/protocol';

interface VsCode {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCode;

const vscode = acquireVsCodeApi();

export const send = (message: ToHost): void => vscode.postMessage(message);
export const keep = (kept: Kept): void => vscode.setState(kept);
export const kept = (): Kept | null => (vscode.getState() as Kept | null) ?? null;
