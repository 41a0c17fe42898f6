/** Which text editor a person means, also while the panel has the focus and VS Code names none as active. */
import * as vscode from 'vscode';

export class Editors implements vscode.Disposable {
  private last = vscode.window.activeTextEditor;
  private readonly listener = vscode.window.onDidChangeActiveTextEditor((editor) => {
    if (editor) this.last = editor;
  });

  /** The editor to read; null where none is to be seen, as on a welcome page. */
  source(): vscode.TextEditor | 'not text' | null {
    if (vscode.window.activeTextEditor) return vscode.window.activeTextEditor;
    return holdsDocument(vscode.window.tabGroups.activeTabGroup.activeTab) ? 'not text' : this.seen();
  }

  /** Gives the focus to the document, where it is seen or else in the first column. */
  async focus(document: vscode.TextDocument | undefined): Promise<void> {
    const seen = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
    const editor = seen ?? (document && !document.isClosed ? null : this.seen());
    if (editor) await vscode.window.showTextDocument(editor.document, editor.viewColumn);
    else if (document && !document.isClosed)
      await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
    else await vscode.commands.executeCommand('workbench.action.focusFirstEditorGroup');
  }

  private seen(): vscode.TextEditor | null {
    return vscode.window.visibleTextEditors.find((editor) => editor === this.last) ?? null;
  }

  dispose(): void {
    this.listener.dispose();
  }
}

/** A tab of a document without a text editor: an image, a notebook, a binary file or one too large to hand over. */
function holdsDocument(tab: vscode.Tab | undefined): boolean {
  const kinds = [
    vscode.TabInputText,
    vscode.TabInputTextDiff,
    vscode.TabInputCustom,
    vscode.TabInputNotebook,
    vscode.TabInputNotebookDiff,
  ];
  return kinds.some((kind) => tab?.input instanceof kind);
}
