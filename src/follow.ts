/**
 * Follow selection: the panel goes on to what the editor means now, once it has held still. A range that is selected is
 * shown; a caret that has left the text brings the block around it, and one inside it only points.
 */
import * as vscode from 'vscode';
import type { Editors } from './editors';
import type { Show } from './show';
import { isOn, onTurn } from './switches';

/** In ms. */
const stillness = 300;

export class Follow implements vscode.Disposable {
  private timer: unknown;
  private readonly owned: vscode.Disposable[];

  constructor(
    private readonly show: Show,
    private readonly editors: Editors,
    /** Whether the panel is seen: a hidden one follows nothing. */
    private readonly seen: () => boolean,
  ) {
    this.owned = [
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => this.moved(textEditor)),
      vscode.window.onDidChangeActiveTextEditor((editor) => editor && this.moved(editor)),
      // An edit that moves no caret, such as formatting: the same place is read again.
      show.onDidChange(() => show.followed?.stale === 'edited' && this.moved()),
      onTurn('follow', () => this.moved()),
    ];
  }

  /** Something has moved, in this editor or the one that is used: look at it when it has held still. */
  moved(editor = this.editors.current()): void {
    clearTimeout(this.timer);
    if (editor && isOn('follow')) this.timer = setTimeout(() => void this.look(editor), stillness);
  }

  private async look(editor: vscode.TextEditor): Promise<void> {
    const { document, selection, selections } = editor;
    if (!isOn('follow') || !this.seen() || editor !== this.editors.current()) return;
    const { followed } = this.show;
    const [start, end] = followed?.document === document ? followed.span : [Infinity, -Infinity];
    const caret = document.offsetAt(selection.active);
    const inside = selections.every(({ isEmpty }) => isEmpty) && caret >= start && caret <= end;
    if (!inside) await this.show.goOn(editor);
    else if (followed?.stale) await this.show.goOn(editor, followed.spans);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.owned.forEach((one) => one.dispose());
  }
}
