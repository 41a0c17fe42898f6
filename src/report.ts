/** "Headlight: Report": what someone who is to help needs to know. Versions, device and sizes; never text, never a path. */
import * as vscode from 'vscode';
import { wantedDevice } from './device';
import type { Panel } from './panel';
import type { Fact } from './protocol';
import { sentences } from './sentences';
import { isOn } from './switches';

export async function report(panel: Panel, version: string): Promise<void> {
  // Without a panel there is nothing to say of it.
  const ofPage = await panel.ask('facts', null).catch(() => []);
  const lines = [...ofHost(version), ...ofPage].map(([name, value]) => `${name}: ${value}`);
  await vscode.env.clipboard.writeText(`${lines.join('\n')}\n`);
  void vscode.window.showInformationMessage(sentences.reported);
}

function ofHost(version: string): Fact[] {
  const { appName, appHost, uiKind, remoteName, language } = vscode.env;
  const kind = uiKind === vscode.UIKind.Web ? 'in a browser' : 'desktop';
  return [
    ['Headlight', version],
    [
      'VS Code',
      `${vscode.version}, ${appName}, ${kind} (${appHost}${remoteName ? `, ${remoteName}` : ''}), ${language}`,
    ],
    ['Settings', `device ${wantedDevice()}, follow ${isOn('follow')}, hover ${isOn('hover')}`],
  ];
}
