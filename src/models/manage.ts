/** "Manage Models": what is kept on this machine, what it takes, and how it goes away again. */
import * as vscode from 'vscode';
import { attempt, type Log } from '../log';
import { sentences } from '../sentences';
import type { Library } from './library';
import type { Remote } from './remote';
import { sizeOf } from './size';

interface Item extends vscode.QuickPickItem {
  remove?(): Promise<void>;
}

export class ManageModels {
  constructor(
    private readonly library: Library,
    private readonly remote: Remote,
    private readonly openModel: () => unknown,
    private readonly log: Log,
  ) {}

  async run(): Promise<void> {
    const pick = vscode.window.createQuickPick<Item>();
    pick.title = 'Manage Models';
    pick.placeholder = sentences.manage.ask;
    // It outlives the question whether to delete, and says afterwards what is left.
    pick.ignoreFocusOut = true;
    pick.buttons = [
      { iconPath: new vscode.ThemeIcon('add'), tooltip: sentences.manage.open },
      { iconPath: new vscode.ThemeIcon('key'), tooltip: sentences.manage.token },
    ];
    pick.onDidTriggerButton(({ iconPath }) => {
      pick.hide();
      const isKey = (iconPath as vscode.ThemeIcon).id === 'key';
      this.attempt(() => (isKey ? this.remote.askForToken() : this.openModel()));
    });
    /** Whether `work` went well or not, the list says what is there. */
    const listed = async (work?: () => Promise<void>) => {
      pick.busy = true;
      try {
        await work?.();
      } finally {
        pick.items = await this.items();
        pick.busy = false;
      }
    };
    pick.onDidTriggerItemButton(({ item }) => this.attempt(() => listed(item.remove)));
    pick.onDidAccept(() => pick.hide());
    pick.onDidHide(() => pick.dispose());
    pick.show();
    await listed();
  }

  /** What a button does, nobody waits for. */
  private attempt(work: () => unknown): void {
    attempt(this.log, 'manage models', work);
  }

  private async items(): Promise<Item[]> {
    const cached = await this.remote.listCached();
    const trash = (tooltip: string) => [{ iconPath: new vscode.ThemeIcon('trash'), tooltip }];
    const fromHub = cached.map(({ id, bytes }): Item => ({
      label: `$(cloud-download) ${id}`,
      description: sizeOf(bytes),
      buttons: trash(sentences.manage.remove),
      remove: async () => {
        const sure = await vscode.window.showWarningMessage(
          sentences.manage.sure(id, sizeOf(bytes)),
          { modal: true },
          'Delete',
        );
        if (sure !== 'Delete') return;
        // First, so that a model that stays on the disk stays in the list.
        await this.remote.remove(id);
        await this.library.forget((folder) => this.remote.holds(folder, id));
      },
    }));
    const own = this.library.folders
      .filter(({ folder }) => !this.remote.holds(folder))
      .map(({ name, folder }): Item => ({
        label: `$(folder) ${name}`,
        description: vscode.Uri.parse(folder).fsPath,
        buttons: trash(sentences.manage.forget),
        remove: () => this.library.forget((one) => one === folder),
      }));
    const none: Item[] = [{ label: sentences.manage.none }];
    return fromHub.length + own.length > 0 ? [...fromHub, ...own] : none;
  }
}
