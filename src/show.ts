/** "Show Attention": finds the text, follows it, gives it to the panel. Of several requests the newest wins. */
import * as vscode from 'vscode';
import { wantedDevice } from './device';
import type { Editors } from './editors';
import { detail, type Log } from './log';
import type { Model, ModelSource } from './models/source';
import type { Panel } from './panel';
import { lengthOf, placeIn } from './place';
import type { Kept, Span } from './protocol';
import { openSample } from './samples';
import { Refusal, sentences } from './sentences';
import { Followed } from './subject';

/** A text to show, and what to say where there is nothing in it. */
interface Found {
  readonly document: vscode.TextDocument;
  readonly span: Span;
  readonly blank: string;
}

export class Show implements vscode.Disposable {
  /** Grows with every request and with the end of the panel: what began at an earlier turn is dropped. */
  private turn = 0;
  private ids = 0;
  private followed: Followed | null = null;
  /** The text before, until the page has a picture of the new one: a request can be cancelled. */
  private before: Followed | null = null;
  private readonly changes = new vscode.EventEmitter<Followed | null>();
  /** Another text is shown, or none any more, or what is shown no longer holds. */
  readonly onDidChange = this.changes.event;

  constructor(
    private readonly panel: Panel,
    private readonly models: ModelSource,
    private readonly editors: Editors,
    private readonly log: Log,
  ) {}

  /** The document of the text that is shown. */
  get document(): vscode.TextDocument | null {
    return this.followed?.document ?? null;
  }

  /** The command. */
  run(): Promise<void> {
    const editor = this.editors.source();
    if (editor === null && this.followed && !this.followed.document.isClosed) return this.again();
    return this.present(async () => {
      if (editor === 'not text') throw new Refusal(sentences.notText);
      return editor ? chosenIn(editor) : sample();
    });
  }

  /** The same place once more, with the text that is there now. */
  again(): Promise<void> {
    return this.present(async () => {
      const { followed } = this;
      if (!followed) return undefined;
      const document = await reopened(followed.document);
      return { document, span: followed.span, blank: sentences.blank };
    });
  }

  /** After a reload: what the page kept says where its text was. */
  restore(kept: Kept | undefined): Promise<void> {
    return this.present(async () => {
      if (!kept?.origin) return undefined;
      const { uri, start, end } = kept.origin;
      return { document: await opened(vscode.Uri.parse(uri)), span: [start, end], blank: sentences.gone };
    });
  }

  /** The focus goes back to the text that is shown. */
  async focusEditor(): Promise<void> {
    await this.editors.focus(this.followed?.document);
  }

  /** The page says whose picture stands: that text is followed. */
  stand(id: number): void {
    if (this.before?.subject.id !== id) return;
    [this.followed, this.before] = [this.before, this.followed];
    this.changes.fire(this.followed);
  }

  /** The panel is gone: what is under way is dropped, and nothing is followed. */
  close(): void {
    this.turn++;
    this.follow(null);
    this.follow(null);
  }

  /** Everything is looked up first; from there on it is one step, which nothing can come between. */
  private async present(find: () => Promise<Found | undefined>): Promise<void> {
    const turn = ++this.turn;
    try {
      const [found, [model]] = await Promise.all([find(), this.models.list()]);
      if (found && turn === this.turn) this.give(found, model!);
    } catch (reason) {
      const refused = reason instanceof Refusal;
      const cause = refused ? reason.cause : reason;
      if (cause) this.log.error(`show: ${detail(cause)}`);
      if (turn === this.turn) tell(refused ? reason.message : sentences.failed);
    }
  }

  private give({ document, span, blank }: Found, model: Model): void {
    const followed = new Followed(++this.ids, document, span);
    const { subject } = followed;
    if (subject.text.trim() === '') {
      followed.dispose();
      throw new Refusal(lengthOf(document) === 0 ? sentences.empty : blank);
    }
    this.log.info(`show ${subject.id}: ${subject.text.length} units, ${subject.omitted} left out`);
    this.panel.open();
    this.follow(followed);
    const { name, revision } = model;
    const folder = { name, revision, base: this.panel.address(model.folder) };
    this.panel.show({ type: 'show', subject, model: folder, device: wantedDevice() });
    followed.onStale((why) => {
      this.panel.stale({ type: 'stale', id: subject.id, why });
      if (followed === this.followed) this.changes.fire(followed);
    });
    followed.onMove((origin) => this.panel.post({ type: 'moved', id: subject.id, origin }));
    followed.noticeClosed();
  }

  private follow(followed: Followed | null): void {
    this.before?.dispose();
    [this.before, this.followed] = [this.followed, followed];
    this.changes.fire(followed);
  }

  dispose(): void {
    this.turn++;
    this.before?.dispose();
    this.followed?.dispose();
    this.changes.dispose();
  }
}

async function chosenIn(editor: vscode.TextEditor): Promise<Found> {
  const { document, selection } = editor;
  const blank = selection.isEmpty ? sentences.blank : sentences.blankSelection;
  return { document, span: await placeIn(editor), blank };
}

async function sample(): Promise<Found | undefined> {
  const document = await openSample();
  return document && { document, span: [0, lengthOf(document)], blank: sentences.blank };
}

/** An untitled document that was closed is no more: its address would open an empty one. */
async function reopened(document: vscode.TextDocument): Promise<vscode.TextDocument> {
  if (!document.isClosed) return document;
  if (document.isUntitled) throw new Refusal(sentences.gone);
  return opened(document.uri);
}

async function opened(uri: vscode.Uri): Promise<vscode.TextDocument> {
  try {
    return await vscode.workspace.openTextDocument(uri);
  } catch (cause) {
    throw new Refusal(sentences.gone, { cause });
  }
}

function tell(sentence: string): void {
  void vscode.window.showWarningMessage(sentence);
}
