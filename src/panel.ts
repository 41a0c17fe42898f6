/** The one webview panel beside the editor: made, re-used, restored; every message to the page leaves here. */
import * as vscode from 'vscode';
import { createNonce, pageHtml } from './html';
import { attempt, type Log } from './log';
import { memoryLimit } from './memory';
import type { Model } from './models/model';
import type { Answer, Device, ModelChoice, ModelFolder, Questions, ToPage } from './protocol';
import { Asking, type Patience } from './questions';

export const viewType = 'headlight';

type Show = Extract<ToPage, { type: 'show' }>;

export class Panel implements vscode.Disposable {
  private panel: vscode.WebviewPanel | null = null;
  /** Whether the page listens; what is sent before is lost. */
  private ready = false;
  /** What a page made anew has to hear: the newest `show`, and `stale` if its text no longer holds. */
  private latest: ToPage[] = [];
  private follows = false;
  private readonly asking = new Asking((message) => this.post(message));
  private models: ToPage = { type: 'models', models: [], next: '' };
  /** Folders of models that the page may read, beside the extension's own. */
  private readonly folders = new Map<string, vscode.Uri>();
  private hasPicture = false;
  /** Waits until a page that was made anew shows again what stood before: if this one fails, that stays. */
  private next: ModelFolder | null = null;
  private readonly messages = new vscode.EventEmitter<unknown>();
  private readonly closes = new vscode.EventEmitter<void>();
  private readonly visibility = new vscode.EventEmitter<boolean>();
  readonly onMessage = this.messages.event;
  readonly onClose = this.closes.event;
  readonly onVisible = this.visibility.event;

  constructor(
    private readonly extension: vscode.Uri,
    private readonly log: Log,
  ) {
    // VS Code keeps what an extension host that was restarted had set.
    setOpen(false);
    this.setPictured(false);
  }

  get exists(): boolean {
    return this.panel !== null;
  }

  get visible(): boolean {
    return this.panel?.visible ?? false;
  }

  /** Makes the panel, or brings it to the front; the focus stays where it is. */
  open(): void {
    const column = vscode.window.tabGroups.activeTabGroup.viewColumn;
    const { panel } = this;
    if (!panel) {
      attempt(this.log, 'close left-over panels', closeLeftOver);
      const where = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
      this.adopt(
        vscode.window.createWebviewPanel(viewType, 'Headlight', where, { retainContextWhenHidden: true }),
      );
    } else if (!panel.visible) {
      // In the editor's own group it would cover the text that it shows.
      panel.reveal(panel.viewColumn === column ? vscode.ViewColumn.Beside : undefined, true);
    }
  }

  /** Takes over a panel that VS Code restores after a reload; false where there is one already. */
  restore(panel: vscode.WebviewPanel): boolean {
    if (this.panel) panel.dispose();
    else this.adopt(panel);
    return this.panel === panel;
  }

  private adopt(panel: vscode.WebviewPanel): void {
    this.panel = panel;
    panel.iconPath = {
      light: this.file('media', 'panel-light.svg'),
      dark: this.file('media', 'panel-dark.svg'),
    };
    panel.webview.options = this.options();
    panel.webview.onDidReceiveMessage((message) => this.messages.fire(message));
    panel.onDidChangeViewState(() => this.visibility.fire(panel.visible));
    panel.onDidDispose(() => this.closed(panel));
    const dist = this.address(this.file('dist'));
    panel.webview.html = pageHtml({ dist, cspSource: panel.webview.cspSource, nonce: createNonce() });
    this.visibility.fire(panel.visible);
    setOpen(true);
  }

  private options(): vscode.WebviewOptions {
    const localResourceRoots = [this.file('dist'), this.file('media'), ...this.folders.values()];
    return { enableScripts: true, localResourceRoots };
  }

  /** The address at which the page reads a file or folder, without a slash at its end. The panel must be open. */
  private address(uri: vscode.Uri): string {
    return this.panel!.webview.asWebviewUri(uri).toString();
  }

  /**
   * A model as the page is told of it. The panel must be open. A folder that the page may not read yet becomes one
   * that it may; VS Code makes the page anew for that, and it hears all that counts again.
   */
  private admit({ folder, ...model }: Model): ModelFolder {
    const { webview } = this.panel!;
    const known = [this.file('media'), ...this.folders.values()].map(({ path }) => `${path}/`);
    if (!known.some((path) => `${folder.path}/`.startsWith(path))) {
      this.folders.set(folder.toString(), folder);
      this.ready = false;
      webview.options = this.options();
    }
    return { ...model, base: this.address(folder), memoryLimit: memoryLimit() };
  }

  show(message: Omit<Show, 'type' | 'model'>, model: Model): void {
    this.next = null;
    const show: Show = { type: 'show', ...message, model: this.admit(model) };
    this.latest = [show];
    this.post(show);
  }

  /** Another model for the text that is shown; without a panel there is none. */
  chooseModel(chosen: Model): void {
    if (!this.panel) return;
    const model = this.admit(chosen);
    if (this.hasPicture && !this.ready) this.next = model;
    else this.useModel(model);
  }

  private useModel(model: ModelFolder): void {
    this.next = null;
    this.latest = this.latest.map((message) => (message.type === 'show' ? { ...message, model } : message));
    this.post({ type: 'model', model });
  }

  /** @param next the id of the one that runs next */
  listModels(models: readonly ModelChoice[], next: string): void {
    this.models = { type: 'models', models, next };
    this.post(this.models);
  }

  stale(message: Extract<ToPage, { type: 'stale' }>): void {
    this.latest.push(message);
    this.post(message);
  }

  /** The page can listen, for the first time or once more: it hears all that counts again. */
  pageReady(): void {
    // A page made anew knows nothing of what the one before was asked.
    this.asking.end();
    this.setPictured(false);
    this.ready = true;
    this.post({ type: 'follows', on: this.follows });
    this.post(this.models);
    this.latest.forEach((message) => this.post(message));
    this.post({ type: 'visible', visible: this.visible });
  }

  /** Whether the selection is followed, which the page shows too. */
  setFollows(on: boolean): void {
    this.follows = on;
    this.post({ type: 'follows', on });
  }

  /** A picture stands: from now on there is something to export. */
  pictured(): void {
    this.setPictured(true);
    if (this.next) this.useModel(this.next);
  }

  private setPictured(pictured: boolean): void {
    this.hasPicture = pictured;
    void vscode.commands.executeCommand('setContext', 'headlight.pictured', pictured);
  }

  /** Asks the page. @throws Refusal with one sentence where it has no answer; Cancelled */
  ask<Q extends keyof Questions>(
    name: Q,
    asked: Questions[Q]['asked'],
    patience?: Patience,
  ): Promise<Questions[Q]['answer']> {
    return this.asking.ask(name, asked, patience);
  }

  answered(answer: Answer): void {
    this.asking.answered(answer);
  }

  /** Also for a page that is made anew later on. */
  chooseDevice(device: Device): void {
    this.latest = this.latest.map((message) => (message.type === 'show' ? { ...message, device } : message));
    this.post({ type: 'device', device });
  }

  focus(): void {
    this.panel?.reveal(undefined, false);
    this.post({ type: 'focus' });
  }

  /** Dropped while no page listens, which is told by false: only what `pageReady` repeats must not be lost. */
  post(message: ToPage): boolean {
    const { panel } = this;
    if (!panel || !this.ready) return false;
    attempt(this.log, `post ${message.type}`, () => panel.webview.postMessage(message));
    return true;
  }

  private closed(panel: vscode.WebviewPanel): void {
    if (panel !== this.panel) return;
    this.panel = null;
    this.ready = false;
    this.latest = [];
    this.asking.end();
    this.setPictured(false);
    this.next = null;
    setOpen(false);
    this.closes.fire();
  }

  private file(...path: string[]): vscode.Uri {
    return vscode.Uri.joinPath(this.extension, ...path);
  }

  dispose(): void {
    this.panel?.dispose();
    [this.messages, this.closes, this.visibility].forEach((one) => one.dispose());
  }
}

/** A panel from before a reload is restored only when its tab is shown; until then it is a tab of ours with no page. */
async function closeLeftOver(): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const ours = tabs.filter(
    ({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(`-${viewType}`),
  );
  if (ours.length > 0) await vscode.window.tabGroups.close(ours, true);
}

function setOpen(open: boolean): void {
  void vscode.commands.executeCommand('setContext', 'headlight.open', open);
}
