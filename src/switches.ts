/** The settings that are on or off; the settings are the one place that knows. */
import * as vscode from 'vscode';
import { sentences, Refusal } from './sentences';

/** `headlight.follow`: the panel follows the selection. `headlight.hover`: pointing in the editor shows a card. */
export type Switch = 'follow' | 'hover';

export function isOn(name: Switch): boolean {
  return settings().get<unknown>(name) === true;
}

/** Turned where it is set now: in the workspace, else for the user. @throws Refusal where it cannot be written */
export async function turn(name: Switch, on = !isOn(name)): Promise<void> {
  const { ConfigurationTarget } = vscode;
  const set = settings().inspect(name);
  const inWorkspace = set?.workspaceValue !== undefined;
  const target = inWorkspace ? ConfigurationTarget.Workspace : ConfigurationTarget.Global;
  try {
    await settings().update(name, on, target);
  } catch (cause) {
    throw new Refusal(sentences.notKept, { cause });
  }
}

export function onTurn(name: Switch, listener: (on: boolean) => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(`headlight.${name}`)) listener(isOn(name));
  });
}

const settings = () => vscode.workspace.getConfiguration('headlight');
