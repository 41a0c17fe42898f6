/** The setting `headlight.memoryLimit`: what a model and a run may take, in bytes. */
import * as vscode from 'vscode';

const usual = 3000;
/** The engine's own memory has addresses for no more. */
const most = 4000;

/** What is no size (settings can hold anything) counts as the default. */
export function memoryLimit(): number {
  const value = vscode.workspace.getConfiguration('headlight').get<unknown>('memoryLimit');
  return Math.min(most, typeof value === 'number' && value >= 100 ? value : usual) * 1e6;
}
