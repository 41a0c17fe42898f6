/** "Show Attention": finds the text, follows it, gives it to the panel. Of several requests the newest wins. */
import * as vscode from 'vscode';
import { wantedDevice } from './device';
import type { Editors, Source } from './editors';
import type { Spans } from './extent';
import { detail, type Log } from './log';
import type { Library } from './models/library';
import type { Model } from './models/model';
import type { Panel } from './panel';
import { lengthOf, placeIn } from './place';
import type { Kept } from './protocol';
import { openSample } from './samples';
import { Refusal, sentences } from './sentences';
import { Followed } from './subject';

/** A text to show, and what to say where there is nothing in it. */
interface Found {
  readonly document: vscode.TextDocument;
  readonly spans: Spans;
  readonly blank: string;
}

export class Show implements vscode.Disposable {
  /** Grows with every request and with the end of the panel: what began at an earlier turn is dropped. */
  private turn = 0;
  private ids = 0;
  /** Grows with every continuation: of several only the last goes on. */
  private continuations = 0;
  /** The text whose picture stands, and the two that were asked for last: one that failed can be tried again. */
  private texts: readonly Followed[] = [];
  /** The text whose picture stands in the page: what is painted and told is its. */
  standing: Followed | null = null;
  /** The text that was asked for last; what stands, once that was cancelled or failed. */
  followed: Followed | null = null;
  private readonly changes = new vscode.EventEmitter<void>();
  /** Another text stands or is asked for, or none any more, or what is shown no longer holds. */
  readonly onDidChange = this.changes.event;

  constructor(
    private readonly panel: Panel,
    private readonly models: Library,
    private readonly editors: Editors,
    private readonly log: Log,
  ) {}

  /** The document of the text that is shown. */
  get document(): vscode.TextDocument | null {
    return (this.standing ?? this.followed)?.document ?? null;
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
      return { document, spans: followed.spans, blank: sentences.blank };
    });
  }

  /**
   * What the editor means now, as a continuation of what is shown: `spans`, else as the command finds it. Nobody asked,
   * so nobody is told where there is nothing in it; what is shown already is left alone.
   */
  async goOn(editor: vscode.TextEditor, spans?: Spans): Promise<void> {
    const [turn, continuation] = [this.turn, ++this.continuations];
    const { document } = editor;
    try {
      const [wanted, model] = await Promise.all([spans ?? placeIn(editor), this.models.current()]);
      if (turn !== this.turn || continuation !== this.continuations || document.isClosed) return;
      if (!this.shows(document, wanted))
        this.give({ document, spans: wanted, blank: sentences.blank }, model, true);
    } catch (reason) {
      if (!(reason instanceof Refusal)) throw reason;
    }
  }

  /** Whether that is what was asked for last, and still so. */
  private shows(document: vscode.TextDocument, spans: Spans): boolean {
    const { followed } = this;
    if (followed?.document !== document || followed.stale) return false;
    return String(followed.spans) === String(spans);
  }

  /** After a reload: what the page kept says where its text was. */
  restore(kept: Kept | undefined): Promise<void> {
    return this.present(async () => {
      if (!kept?.origin) return undefined;
      const { uri, start, end, second } = kept.origin;
      const spans: Spans = second ? [[start, end], second] : [[start, end]];
      return { document: await opened(vscode.Uri.parse(uri)), spans, blank: sentences.gone };
    });
  }

  /** The focus goes back to the text that is shown. */
  async focusEditor(): Promise<void> {
    await this.editors.focus(this.followed?.document);
  }

  /** The caret goes to a token of the text that stands; links of an earlier one lead nowhere any more. */
  async goTo(id: unknown, offset: unknown): Promise<void> {
    const { standing } = this;
    if (!standing || standing.subject.id !== id || standing.stale || typeof offset !== 'number') return;
    await this.editors.goTo(standing.document, standing.rangeOf([offset, offset]));
  }

  /** The page says whose picture stands: that text is followed. */
  stand(id: number): void {
    const text = this.texts.find(({ subject }) => subject.id === id);
    if (!text || (text === this.standing && text === this.followed)) return;
    this.standing = this.followed = text;
    this.keep(this.texts);
  }

  /** The panel is gone: what is under way is dropped, and nothing is followed. */
  close(): void {
    this.turn++;
    this.standing = this.followed = null;
    this.keep([]);
  }

  private keep(texts: readonly Followed[]): void {
    const kept = texts.filter((text) => text === this.standing || texts.indexOf(text) >= texts.length - 2);
    for (const text of this.texts) if (!kept.includes(text)) text.dispose();
    this.texts = kept;
    this.changes.fire();
  }

  /** Everything is looked up first; from there on it is one step, which nothing can come between. */
  private async present(find: () => Promise<Found | undefined>): Promise<void> {
    const turn = ++this.turn;
    try {
      const [found, model] = await Promise.all([find(), this.models.current()]);
      if (found && turn === this.turn) this.give(found, model);
    } catch (reason) {
      const refused = reason instanceof Refusal;
      const cause = refused ? reason.cause : reason;
      if (cause) this.log.error(`show: ${detail(cause)}`);
      if (turn === this.turn) tell(refused ? reason.message : sentences.failed);
    }
  }

  private give({ document, spans, blank }: Found, model: Model, continues = false): void {
    const followed = new Followed(++this.ids, document, spans, continues);
    const { subject } = followed;
    if (subject.text.trim() === '') {
      followed.dispose();
      throw new Refusal(lengthOf(document) === 0 ? sentences.empty : blank);
    }
    this.log.info(`show ${subject.id}: ${subject.text.length} units, ${subject.omitted} left out`);
    this.panel.open();
    this.followed = followed;
    this.keep([...this.texts, followed]);
    this.panel.show({ subject, device: wantedDevice() }, model);
    followed.onStale((why) => {
      this.panel.stale({ type: 'stale', id: subject.id, why });
      this.changes.fire();
    });
    followed.onMove((origin) => this.panel.post({ type: 'moved', id: subject.id, origin }));
    followed.noticeClosed();
  }

  dispose(): void {
    this.turn++;
    this.texts.forEach((text) => text.dispose());
    this.changes.dispose();
  }
}

async function chosenIn(editor: Source): Promise<Found> {
  const { document, selection } = editor;
  const blank = selection.isEmpty ? sentences.blank : sentences.blankSelection;
  return { document, spans: await placeIn(editor), blank };
}

async function sample(): Promise<Found | undefined> {
  const document = await openSample();
  return document && { document, spans: [[0, lengthOf(document)]], blank: sentences.blank };
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
