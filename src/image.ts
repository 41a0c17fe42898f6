/** An image that is shown, in place of a text, and its life as a file. */
import * as vscode from 'vscode';
import { nameOf } from './names';
import type { Origin, Subject } from './protocol';
import { Refusal, sentences } from './sentences';
import type { Why } from './subject';

/** What the page can decode; by the ending, since VS Code shows by the ending too. */
const endings = ['png', 'jpg', 'jpeg', 'webp', 'gif', 'bmp'];
const isShown = new RegExp(`\\.(${endings.join('|')})$`, 'i');
/** In bytes; photographs have a tenth of it. */
const largest = 64e6;

export const isImage = ({ path }: vscode.Uri): boolean => isShown.test(path);

/** The image that a tab shows; null for any other tab. */
export function imageIn(tab: vscode.Tab | undefined): vscode.Uri | null {
  const { input } = tab ?? {};
  const shows = input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText;
  return shows && isImage(input.uri) ? input.uri : null;
}

/** Lets a person choose one. */
export async function askForImage(): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: sentences.chooseImage,
    openLabel: 'Show Attention',
    filters: { Images: endings },
  });
  return chosen?.[0];
}

/** @throws Refusal where it is gone, or none that can be shown */
export async function readImage(uri: vscode.Uri): Promise<Uint8Array> {
  if (/\.svgz?$/i.test(uri.path)) throw new Refusal(sentences.drawing);
  if (!isImage(uri)) throw new Refusal(sentences.noImage(nameOf(uri)));
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > largest) throw new Refusal(sentences.imageTooLarge(nameOf(uri), size));
    // A copy of its own: a Buffer of Node, as this may be, does not cross to the page as bytes.
    return new Uint8Array(await vscode.workspace.fs.readFile(uri));
  } catch (cause) {
    throw cause instanceof Refusal ? cause : new Refusal(sentences.imageGone(nameOf(uri)), { cause });
  }
}

export class FollowedImage implements vscode.Disposable {
  readonly subject: Subject;
  /** Why what is shown is no longer what the file holds; null while it is. */
  stale: Why | null = null;
  private readonly staled = new vscode.EventEmitter<Why>();
  readonly onStale = this.staled.event;
  private readonly watcher: vscode.FileSystemWatcher;

  constructor(
    id: number,
    readonly uri: vscode.Uri,
    bytes: Uint8Array,
  ) {
    const origin: Origin = { uri: uri.toString(), start: 0, end: 0, second: null };
    const nothing = { text: '', offset: 0, line: 0, second: null, omitted: 0, continues: false };
    this.subject = { id, ...nothing, origin, image: { name: nameOf(uri), bytes } };
    // The whole folder: in a pattern, brackets and stars of a name would mean others.
    const folder = new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), '*');
    this.watcher = vscode.workspace.createFileSystemWatcher(folder);
    const ends = (why: Why) => (at: vscode.Uri) => at.path === uri.path && this.end(why);
    this.watcher.onDidChange(ends('edited'));
    this.watcher.onDidDelete(ends('closed'));
  }

  private end(why: Why): void {
    if (this.stale) return;
    this.stale = why;
    this.staled.fire(why);
  }

  dispose(): void {
    this.watcher.dispose();
    this.staled.dispose();
  }
}
