/** Headlight in VS Code's status bar, and the menu behind it: all that can be done, in one list. */
import * as vscode from 'vscode';
import { isOn, onTurn, type Switch } from './switches';

interface Item extends vscode.QuickPickItem {
  readonly command?: string;
  readonly arguments?: readonly unknown[];
}

export class Menu implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    'headlight.menu',
    vscode.StatusBarAlignment.Right,
  );
  private readonly listener = onTurn('follow', () => this.update());

  /** @param open whether there is a panel: without one some things cannot be done */
  constructor(private readonly open: () => boolean) {
    this.item.name = 'Headlight';
    this.item.command = 'headlight.menu';
    this.update();
    this.item.show();
  }

  async choose(): Promise<void> {
    const chosen = await vscode.window.showQuickPick(this.items(), { title: 'Headlight' });
    if (chosen?.command) await vscode.commands.executeCommand(chosen.command, ...(chosen.arguments ?? []));
  }

  private async items(): Promise<Item[]> {
    const known = new Set(await vscode.commands.getCommands(true));
    const offered = entries(this.open()).filter(({ command }) => !command || known.has(command));
    // A heading with nothing below it says nothing.
    return offered.filter(({ command }, i) => command || offered[i + 1]?.command);
  }

  private update(): void {
    const on = isOn('follow');
    this.item.text = on ? '$(eye) Headlight: following' : '$(eye) Headlight';
    this.item.tooltip = on
      ? 'Headlight follows the selection. Click for all that Headlight can do.'
      : 'All that Headlight can do';
  }

  dispose(): void {
    this.listener.dispose();
    this.item.dispose();
  }
}

function entries(open: boolean): Item[] {
  const ofPanel: Item[] = [
    entry('$(layout-sidebar-right) Focus Panel', 'headlight.focusPanel'),
    entry('$(filter) Toggle Causal Mask', 'headlight.toggleMask'),
    entry('$(export) Export Attention...', 'headlight.export'),
    entry('$(file-media) Export Figure...', 'headlight.exportFigure'),
    entry('$(copy) Copy Row As...', 'headlight.copyRow'),
  ];
  return [
    entry('$(eye) Show Attention', 'headlight.show', 'of the selection, or the block around the caret'),
    entry('$(package) Open Model...', 'headlight.openModel'),
    entry('$(library) Manage Models...', 'headlight.manageModels'),
    ...(open ? ofPanel : []),
    heading('Switches'),
    toggle('follow', 'Follow Selection', 'headlight.toggleFollow', 'the panel goes along'),
    toggle(
      'hover',
      'Hover Card',
      'headlight.toggleHover',
      'pointing in the editor tells the strongest links',
    ),
    heading('Help'),
    {
      ...entry('$(gear) Settings', 'workbench.action.openSettings'),
      arguments: ['@ext:headlight.headlight'],
    },
    entry('$(output) Show Log', 'headlight.showLog'),
    entry('$(clippy) Report', 'headlight.report', 'copies versions, device and sizes; no text'),
    {
      ...entry('$(book) Get Started', 'workbench.action.openWalkthrough'),
      arguments: ['headlight.headlight#start'],
    },
  ];
}

function entry(label: string, command: string, description = ''): Item {
  return { label, command, description };
}

function toggle(name: Switch, label: string, command: string, description: string): Item {
  const on = isOn(name);
  return entry(
    `$(${on ? 'check' : 'circle-large-outline'}) ${label}: ${on ? 'on' : 'off'}`,
    command,
    description,
  );
}

const heading = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });
