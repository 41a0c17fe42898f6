/** The caret in the document points at a token in the panel, once it has rested for a moment. */
import * as vscode from 'vscode';
import type { Followed } from './subject';

const rest = 50;

export class Caret implements vscode.Disposable {
  private followed: Followed | null = null;
  private told: number | null = null;
  private timer: unknown;
  private readonly listener = vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
    if (textEditor.document !== this.followed?.document) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tell(textEditor), rest);
  });

  constructor(private readonly point: (id: number, offset: number | null) => void) {}

  follow(followed: Followed | null): void {
    if (followed === this.followed) return;
    clearTimeout(this.timer);
    this.followed = followed;
    this.told = null;
    // The text came to the caret: it points at once.
    const { activeTextEditor } = vscode.window;
    if (followed?.subject.continues && activeTextEditor?.document === followed.document)
      this.timer = setTimeout(() => this.tell(activeTextEditor), rest);
  }

  /** A range that is selected, and a caret outside the text, point at nothing; that is told once. */
  private tell({ document, selection }: vscode.TextEditor): void {
    const { followed } = this;
    if (!followed || followed.stale) return;
    const offset = document.offsetAt(selection.active);
    const told = selection.isEmpty && followed.holds(offset) ? offset : null;
    if (told === null && this.told === null) return;
    this.told = told;
    this.point(followed.subject.id, told);
  }

  /** The hover card pointed in its place: the caret points again when it moves. */
  yield(offset: number): void {
    clearTimeout(this.timer);
    this.told = offset;
  }

  /** What the caret pointed at was freed; it points again when it moves. */
  clear(): void {
    clearTimeout(this.timer);
    this.told = null;
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.listener.dispose();
  }
}
