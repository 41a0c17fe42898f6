/**
 * A text that is shown, and its life in the document it came from: where it moves to as the document is edited,
 * and when what is shown no longer holds.
 */
import * as vscode from 'vscode';
import { apart, carried, clamped, cutLength, type Spans } from './extent';
import { lengthOf } from './place';
import type { Origin, Span, Subject } from './protocol';

export type Why = 'edited' | 'closed';

/** No model reads more; the rest is counted, so that the page can say so. */
const longest = 200_000;

export class Followed implements vscode.Disposable {
  readonly subject: Subject;
  /** Why what is shown no longer holds; null while it does. Told once: a first reason is not replaced. */
  stale: Why | null = null;
  /** All that was asked for, also what was too long to send, where it is now: one text, or two in their order. */
  spans: Spans;
  private eol: vscode.EndOfLine;
  /** The same as positions: these outlive a change of line ends, which moves every offset. */
  private ranges: readonly vscode.Range[];
  private readonly staled = new vscode.EventEmitter<Why>();
  private readonly moves = new vscode.EventEmitter<Origin>();
  private readonly owned: vscode.Disposable[];
  readonly onStale = this.staled.event;
  /** An edit: where all that was asked for is now. */
  readonly onMove = this.moves.event;

  constructor(
    id: number,
    readonly document: vscode.TextDocument,
    wanted: Spans,
    continues: boolean,
  ) {
    const length = lengthOf(document);
    this.spans = apart(wanted.map((span) => clamped(span, length)));
    this.ranges = this.spans.map((span) => this.rangeOf(span));
    this.eol = document.eol;
    this.subject = { ...subjectOf(document, this.spans), id, continues, image: null };
    this.owned = [
      this.staled,
      this.moves,
      vscode.workspace.onDidChangeTextDocument((event) => this.edited(event)),
      vscode.workspace.onDidCloseTextDocument(() => this.noticeClosed()),
    ];
  }

  rangeOf([start, end]: Span): vscode.Range {
    return new vscode.Range(this.document.positionAt(start), this.document.positionAt(end));
  }

  /** From the first text's start to the last one's end. */
  get span(): Span {
    return [this.spans[0][0], this.spans.at(-1)![1]];
  }

  /** Whether the document offset lies in a text that the page was given, or at its very end. */
  holds(offset: number): boolean {
    const { subject } = this;
    return [subject, subject.second].some((part) => {
      const start = part?.offset ?? null;
      return start !== null && offset >= start && offset <= start + part!.text.length;
    });
  }

  private edited({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    if (document !== this.document || (contentChanges.length === 0 && document.eol === this.eol)) return;
    if (growsAtItsEnd(document) && contentChanges.every(({ rangeOffset }) => rangeOffset >= this.span[1]))
      return;
    const length = lengthOf(document);
    const moved =
      document.eol !== this.eol
        ? this.ranges.map(({ start, end }): Span => [document.offsetAt(start), document.offsetAt(end)])
        : this.spans.map((span) => clamped(contentChanges.reduce(carried, span), length));
    this.spans = apart(moved);
    this.ranges = this.spans.map((span) => this.rangeOf(span));
    this.eol = document.eol;
    this.end('edited');
    this.moves.fire(originOf(document, this.spans));
  }

  /** Also called at the start: the document can have been closed while it was looked up. */
  noticeClosed(): void {
    // A new language is told as close and open; then the document is still among the open ones.
    if (!vscode.workspace.textDocuments.includes(this.document)) this.end('closed');
  }

  private end(why: Why): void {
    if (this.stale) return;
    this.stale = why;
    this.staled.fire(why);
  }

  dispose(): void {
    this.owned.forEach((one) => one.dispose());
  }
}

/** An output channel: nobody types there, and what follows a text does not change it. */
const growsAtItsEnd = ({ uri }: vscode.TextDocument) => uri.scheme === 'output';

function subjectOf(document: vscode.TextDocument, spans: Spans): Omit<Subject, 'id' | 'continues' | 'image'> {
  const [first, second = null] = spans.map((span) => textOf(document, span));
  const asked = spans.reduce((sum, [start, end]) => sum + end - start, 0);
  const sent = first.text.length + (second?.text.length ?? 0);
  return { ...first, second, omitted: asked - sent, origin: originOf(document, spans) };
}

/** The text of a span, cut where it is too long; reads no more of a huge document than it sends. */
function textOf(document: vscode.TextDocument, [start, end]: Span) {
  const last = Math.min(end, start + longest + 1);
  const first = document.positionAt(start);
  const head = document.getText(new vscode.Range(first, document.positionAt(last)));
  return { text: head.slice(0, cutLength(head, longest)), offset: start, line: first.line };
}

function originOf({ uri }: vscode.TextDocument, [[start, end], second]: Spans): Origin {
  return { uri: uri.toString(), start, end, second: second ?? null };
}
