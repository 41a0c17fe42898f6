/** What the extension does to VS Code itself, seen from inside the extension host. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';

const id = 'headlight.headlight';

interface Manifest {
  contributes: { commands: { command: string }[] };
}

function panels(): vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter((tab) => tab.input instanceof vscode.TabInputWebview && tab.input.viewType.endsWith('headlight'));
}

/** The tabs that the extension host knows of follow the window's a moment later. */
async function panelsBecome(count: number): Promise<vscode.Tab[]> {
  for (const deadline = Date.now() + 20_000; panels().length !== count && Date.now() < deadline;)
    await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(panels().length, count, 'panels');
  return panels();
}

describe('activation', () => {
  it('registers every command of the manifest', async () => {
    const extension = vscode.extensions.getExtension<unknown>(id);
    assert.ok(extension, `${id} is installed`);
    await extension.activate();
    const registered = await vscode.commands.getCommands(true);
    const { commands } = (extension.packageJSON as Manifest).contributes;
    const missing = commands.filter(({ command }) => !registered.includes(command));
    assert.deepEqual(missing, []);
  });

  it('opens one panel beside the editor, and uses it again', async () => {
    const document = await vscode.workspace.openTextDocument({
      content: 'def f(x):\n    return x\n',
      language: 'python',
    });
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('headlight.show');
    await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
    await vscode.commands.executeCommand('headlight.show');
    const [panel] = await panelsBecome(1);
    assert.equal(panel?.group.viewColumn, vscode.ViewColumn.Two);
  });

  it('closes without a word', async () => {
    await vscode.window.tabGroups.close(panels());
    await panelsBecome(0);
  });
});
