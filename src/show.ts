/** "Show Attention": finds the text or the image, follows it, gives it to the panel. Of several requests the newest wins. */
import * as vscode from 'vscode';
import { wantedDevice } from './device';
import { type Editors, isOpen, type Source } from './editors';
import type { Spans } from './extent';
import { detail, type Log } from './log';
import { askForImage, FollowedImage, isImage, readImage } from './image';
import { readsOnlyImages } from './models/layout';
import type { Library } from './models/library';
import type { Model } from './models/model';
import type { Panel } from './panel';
import { lengthOf, placeIn } from './place';
import type { Kept } from './protocol';
import { openSample } from './samples';
import { Refusal, sentences } from './sentences';
import { Followed } from './subject';

/** A text to show, and what to say where there is nothing in it. */
interface FoundText {
  readonly document: vscode.TextDocument;
  readonly spans: Spans;
  readonly blank: string;
}

interface FoundImage {
  readonly uri: vscode.Uri;
  readonly bytes: Uint8Array;
}

type Found = FoundText | FoundImage;
type Shown = Followed | FollowedImage;

export class Show implements vscode.Disposable {
  /** Grows with every request and with the end of the panel: what began at an earlier turn is dropped. */
  private turn = 0;
  private ids = 0;
  /** Grows with every continuation: of several only the last goes on. */
  private continuations = 0;
  /** What stands, and the two that were asked for last: one that failed can be tried again. */
  private all: readonly Shown[] = [];
  private shown: Shown | null = null;
  private asked: Shown | null = null;
  private readonly changes = new vscode.EventEmitter<void>();
  /** Another text stands or is asked for, or none any more, or what is shown no longer holds. */
  readonly onDidChange = this.changes.event;

  constructor(
    private readonly panel: Panel,
    private readonly models: Library,
    private readonly editors: Editors,
    private readonly log: Log,
  ) {}

  /** The text whose picture stands in the page: what is painted and told is its. */
  get standing(): Followed | null {
    return this.shown instanceof Followed ? this.shown : null;
  }

  /** The text that was asked for last; what stands, once that was cancelled or failed. */
  get followed(): Followed | null {
    return this.asked instanceof Followed ? this.asked : null;
  }

  /** Whether nothing is shown or asked for, as in a panel whose text was gone after a reload. */
  get isEmpty(): boolean {
    return this.asked === null;
  }

  /** The address of what is shown. */
  get uri(): vscode.Uri | null {
    const shown = this.shown ?? this.asked;
    return shown instanceof Followed ? shown.document.uri : (shown?.uri ?? null);
  }

  /** The command. */
  run(): Promise<void> {
    const source = this.editors.source();
    if (source === null && this.asked && !(this.followed?.document.isClosed ?? false)) return this.again();
    if (source instanceof vscode.Uri) return this.image(source);
    return this.present(async () => {
      if (source === 'unreadable') throw new Refusal(sentences.notText);
      if (source) return chosenIn(source);
      const { files } = await this.models.current();
      return readsOnlyImages(files) ? chosenImage() : sample();
    });
  }

  /** The command on an image; without one it asks. */
  image(uri?: vscode.Uri): Promise<void> {
    return this.present(async () => (uri ? imageAt(uri) : chosenImage()));
  }

  /** The same place once more, with the text that is there now. */
  again(): Promise<void> {
    return this.present(async () => {
      const { followed, asked } = this;
      if (asked instanceof FollowedImage) return imageAt(asked.uri);
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
    // An image stays until something else is asked for.
    if (this.asked instanceof FollowedImage) return;
    const [turn, continuation] = [this.turn, ++this.continuations];
    const { document } = editor;
    try {
      const [wanted, model] = await Promise.all([spans ?? placeIn(editor), this.models.current()]);
      if (turn !== this.turn || continuation !== this.continuations || document.isClosed) return;
      if (!this.shows(document, wanted))
        this.giveText({ document, spans: wanted, blank: sentences.blank }, model, true);
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
      const place = vscode.Uri.parse(uri);
      if (isImage(place) && start === end) return imageAt(place);
      const spans: Spans = second ? [[start, end], second] : [[start, end]];
      return { document: await opened(place), spans, blank: sentences.gone };
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

  /** The page says whose picture stands: that is followed. */
  stand(id: number): void {
    const one = this.all.find(({ subject }) => subject.id === id);
    if (!one || (one === this.shown && one === this.asked)) return;
    this.shown = this.asked = one;
    this.keep(this.all);
  }

  /** The panel is gone: what is under way is dropped, and nothing is followed. */
  close(): void {
    this.turn++;
    this.shown = this.asked = null;
    this.keep([]);
  }

  private keep(all: readonly Shown[]): void {
    const kept = all.filter((one) => one === this.shown || all.indexOf(one) >= all.length - 2);
    for (const one of this.all) if (!kept.includes(one)) one.dispose();
    this.all = kept;
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

  private give(found: Found, model: Model): void {
    if ('document' in found) this.giveText(found, model);
    else this.hand(new FollowedImage(++this.ids, found.uri, found.bytes), model);
  }

  private giveText({ document, spans, blank }: FoundText, model: Model, continues = false): void {
    const followed = new Followed(++this.ids, document, spans, continues);
    const { subject } = followed;
    if (subject.text.trim() === '') {
      followed.dispose();
      throw new Refusal(lengthOf(document) === 0 ? sentences.empty : blank);
    }
    this.hand(followed, model);
    followed.onMove((origin) => this.panel.post({ type: 'moved', id: subject.id, origin }));
    followed.noticeClosed();
  }

  /** To the panel, and from now on followed. */
  private hand(asked: Shown, model: Model): void {
    const { subject } = asked;
    const { id, text, omitted, image } = subject;
    const size = image
      ? `an image of ${image.bytes.length} bytes`
      : `${text.length} units, ${omitted} left out`;
    this.log.info(`show ${id}: ${size}`);
    this.panel.open();
    this.asked = asked;
    this.keep([...this.all, asked]);
    this.panel.show({ subject, device: wantedDevice() }, model);
    asked.onStale((why) => {
      this.panel.stale({ type: 'stale', id, why });
      this.changes.fire();
    });
  }

  dispose(): void {
    this.turn++;
    this.all.forEach((one) => one.dispose());
    this.changes.dispose();
  }
}

async function imageAt(uri: vscode.Uri): Promise<FoundImage> {
  return { uri, bytes: await readImage(uri) };
}

async function chosenImage(): Promise<FoundImage | undefined> {
  const uri = await askForImage();
  return uri && imageAt(uri);
}

async function chosenIn(editor: Source): Promise<FoundText> {
  const { document, selection } = editor;
  const blank = selection.isEmpty ? sentences.blank : sentences.blankSelection;
  return { document, spans: await placeIn(editor), blank };
}

async function sample(): Promise<FoundText | undefined> {
  const opened = await openSample();
  return opened && { ...opened, blank: sentences.blank };
}

/** An untitled document that was closed is no more; another can have its address by now. */
async function reopened(document: vscode.TextDocument): Promise<vscode.TextDocument> {
  if (!document.isClosed) return document;
  if (document.isUntitled) throw new Refusal(sentences.gone);
  return opened(document.uri);
}

async function opened(uri: vscode.Uri): Promise<vscode.TextDocument> {
  // The address of an untitled document that is nowhere would open an empty one.
  if (uri.scheme === 'untitled' && !isOpen(uri)) throw new Refusal(sentences.gone);
  try {
    return await vscode.workspace.openTextDocument(uri);
  } catch (cause) {
    throw new Refusal(sentences.gone, { cause });
  }
}

function tell(sentence: string): void {
  void vscode.window.showWarningMessage(sentence);
}
