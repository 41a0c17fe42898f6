/**
 * Paints a row of attention on the document: eight decoration types, made once (options for each range would make
 * one CSS rule each and crawl), and a ninth for the token that is pointed at.
 */
import * as vscode from 'vscode';
import type { Reveal } from './protocol';
import { levelCount, spansByLevel } from './strength';
import type { Followed } from './subject';

export class Highlight implements vscode.Disposable {
  private readonly types = [...Array.from({ length: levelCount }, (_, i) => levelType(i + 1)), tokenType()];
  private followed: Followed | null = null;
  private reveal: Reveal | null = null;
  private visible = true;
  /** Editors that show paint now: only these are cleared. */
  private painted: readonly vscode.TextEditor[] = [];
  private readonly listener = vscode.window.onDidChangeVisibleTextEditors(() => this.paint());

  constructor() {
    // VS Code keeps what an extension host that was restarted had set; its paint is gone.
    setPainted(false);
  }

  /** Paint of a text that still stands, and still holds, stays. */
  follow(followed: Followed | null): void {
    if (followed !== this.followed || followed?.stale) this.reveal = null;
    this.followed = followed;
    this.paint();
  }

  /** Late news about an earlier text, or one that no longer holds, is ignored. */
  show(id: number, reveal: Reveal | null): void {
    if (id !== this.followed?.subject.id || this.followed.stale) return;
    this.reveal = reveal;
    this.paint();
  }

  /** Nothing is painted while the panel is hidden; what was comes back with it. */
  setVisible(visible: boolean): void {
    if (visible === this.visible) return;
    this.visible = visible;
    this.paint();
  }

  clear(): void {
    this.reveal = null;
    this.paint();
  }

  private paint(): void {
    const { followed, reveal } = this;
    const shown = followed && !followed.stale && reveal && this.visible;
    const seen = vscode.window.visibleTextEditors;
    const targets = shown ? seen.filter((editor) => editor.document === followed.document) : [];
    const layers = shown ? rangesOf(followed, reveal) : [];
    for (const editor of this.painted)
      if (!targets.includes(editor) && seen.includes(editor)) this.set(editor, []);
    for (const editor of targets) this.set(editor, layers);
    if (targets.length > 0 !== this.painted.length > 0) setPainted(targets.length > 0);
    this.painted = targets;
  }

  private set(editor: vscode.TextEditor, layers: readonly (readonly vscode.Range[])[]): void {
    this.types.forEach((type, i) => editor.setDecorations(type, layers[i] ?? []));
  }

  dispose(): void {
    this.listener.dispose();
    this.types.forEach((type) => type.dispose());
  }
}

/** Eight levels and the token, in the order of the types. */
function rangesOf(followed: Followed, { token, spans, strengths }: Reveal): vscode.Range[][] {
  const pointed = token[0] < token[1] ? [token] : [];
  return [...spansByLevel(spans, strengths), pointed].map((layer) =>
    layer.map((span) => followed.rangeOf(span)),
  );
}

/**
 * The border is transparent but for high contrast. The line under the text tells the level by its thickness, in every
 * theme: not by colour alone, and seen where a selection covers the background.
 */
function levelType(level: number): vscode.TextEditorDecorationType {
  const strong = level > levelCount / 2;
  const thickness = Math.floor((level - 1) / 2);
  const ruler = {
    overviewRulerColor: new vscode.ThemeColor('headlight.overviewRuler'),
    overviewRulerLane: vscode.OverviewRulerLane.Right,
  };
  return vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor(`headlight.attention${level}`),
    border: strong ? '1px solid' : '1px dotted',
    borderColor: new vscode.ThemeColor('headlight.attentionBorder'),
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    ...(thickness > 0 ? { textDecoration: `underline ${thickness}px` } : {}),
    ...(strong ? ruler : {}),
  });
}

function tokenType(): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({
    border: '2px solid',
    borderColor: new vscode.ThemeColor('headlight.token'),
    overviewRulerColor: new vscode.ThemeColor('headlight.token'),
    overviewRulerLane: vscode.OverviewRulerLane.Full,
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
}

function setPainted(painted: boolean): void {
  void vscode.commands.executeCommand('setContext', 'headlight.painted', painted);
}
