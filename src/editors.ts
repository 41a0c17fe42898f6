/** Which text a person means, also while the panel has the focus and VS Code names no editor as active. */
import * as vscode from 'vscode';
import { imageIn } from './image';

/** A text and what is selected and seen of it; an editor is one. */
export type Source = Pick<vscode.TextEditor, 'document' | 'selection' | 'selections' | 'visibleRanges'>;

/** VS Code has a command for each of the first eight groups, which leaves the tab there as it is. */
const focusGroup = ['First', 'Second', 'Third', 'Fourth', 'Fifth', 'Sixth', 'Seventh', 'Eighth'].map(
  (nth) => `workbench.action.focus${nth}EditorGroup`,
);

export class Editors implements vscode.Disposable {
  private last = vscode.window.activeTextEditor;
  /** The image that had the focus, while no text has had it since. */
  private lastImage: vscode.Uri | null = null;
  private readonly listeners = [
    vscode.window.onDidChangeActiveTextEditor((editor) => {
      if (!editor) return;
      this.last = editor;
      this.lastImage = null;
    }),
    vscode.window.tabGroups.onDidChangeTabs(() => this.noticeImage()),
    vscode.window.tabGroups.onDidChangeTabGroups(() => this.noticeImage()),
  ];

  constructor() {
    this.noticeImage();
  }

  /** What to read: a text, or an image by its address; null where nothing is to be seen, as on a welcome page. */
  source(): Source | vscode.Uri | 'unreadable' | null {
    if (vscode.window.activeTextEditor) return vscode.window.activeTextEditor;
    const cell = selectedCell();
    if (cell) return cell;
    const { activeTab } = vscode.window.tabGroups.activeTabGroup;
    return imageIn(activeTab) ?? (holdsDocument(activeTab) ? 'unreadable' : (this.image() ?? this.seen()));
  }

  /** The image that has the focus, or had it last and is still seen. */
  image(): vscode.Uri | null {
    const { all } = vscode.window.tabGroups;
    const shown = all.map(({ activeTab }) => imageIn(activeTab));
    return shown.find((uri) => uri && uri.toString() === this.lastImage?.toString()) ?? null;
  }

  private noticeImage(): void {
    this.lastImage = imageIn(vscode.window.tabGroups.activeTabGroup.activeTab) ?? this.lastImage;
  }

  /** The editor that has the focus, or had it last and is still seen. */
  current(): vscode.TextEditor | null {
    return vscode.window.activeTextEditor ?? this.seen();
  }

  /** Gives the focus to the document, where it is seen, else where it is open, else in the first column. */
  async focus(wanted: vscode.TextDocument | undefined): Promise<void> {
    const document = wanted && !wanted.isClosed ? wanted : this.seen()?.document;
    const { all } = vscode.window.tabGroups;
    const shown = document && all.find(({ activeTab }) => activeTab && holds(activeTab, document));
    const command = focusGroup[(shown?.viewColumn ?? 1) - 1];
    if (document?.uri.scheme === 'output' && !shown)
      await vscode.commands.executeCommand('workbench.panel.output.focus');
    else if (command && (shown || !document)) await vscode.commands.executeCommand(command);
    else if (document) {
      const open = all.find(({ tabs }) => tabs.some((tab) => holds(tab, document)));
      await vscode.window.showTextDocument(document, open?.viewColumn ?? vscode.ViewColumn.One);
    }
  }

  /** Puts the caret there, in the editor that was used last of those that show the document. */
  async goTo(document: vscode.TextDocument, range: vscode.Range): Promise<void> {
    const showing = () => vscode.window.visibleTextEditors.filter((editor) => editor.document === document);
    if (showing().length === 0) await this.focus(document);
    const editor = showing().find((one) => one === this.last) ?? showing()[0];
    if (!editor) return;
    editor.selection = new vscode.Selection(range.start, range.end);
    editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    await this.focus(document);
  }

  private seen(): vscode.TextEditor | null {
    return vscode.window.visibleTextEditors.find((editor) => editor === this.last) ?? null;
  }

  dispose(): void {
    this.listeners.forEach((one) => one.dispose());
  }
}

/** Of a notebook that has the focus, the cell that is selected but not being edited: all of it is meant. */
function selectedCell(): Source | null {
  const { activeNotebookEditor: editor, tabGroups } = vscode.window;
  if (!editor || !(tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputNotebook)) return null;
  const { notebook, selection } = editor;
  if (selection.start >= notebook.cellCount) return null;
  const { document } = notebook.cellAt(selection.start);
  const all = document.validateRange(new vscode.Range(0, 0, document.lineCount, 0));
  const whole = new vscode.Selection(all.start, all.end);
  return { document, selection: whole, selections: [whole], visibleRanges: [all] };
}

/** Whether a document is open, or will be once its tab is looked at. */
export function isOpen(uri: vscode.Uri): boolean {
  const known = vscode.workspace.textDocuments.some((document) => document.uri.toString() === uri.toString());
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return known || tabs.some((tab) => addresses(tab).includes(uri.toString()));
}

/** Whether a tab shows a document: as its text, as a side of its difference, or as a cell of its notebook. */
function holds(tab: vscode.Tab, document: vscode.TextDocument): boolean {
  const notebook = vscode.workspace.notebookDocuments.find((one) =>
    one.getCells().some((cell) => cell.document === document),
  );
  return addresses(tab).includes((notebook ?? document).uri.toString());
}

/** What a tab shows of texts and notebooks. */
function addresses({ input }: vscode.Tab): string[] {
  const uris =
    input instanceof vscode.TabInputTextDiff
      ? [input.original, input.modified]
      : input instanceof vscode.TabInputText || input instanceof vscode.TabInputNotebook
        ? [input.uri]
        : [];
  return uris.map((uri) => uri.toString());
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
