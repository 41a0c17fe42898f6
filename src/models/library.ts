/** The models that can be chosen: those that ship, and those that were opened; the last one comes back. */
import * as vscode from 'vscode';
import { detail, type Log } from '../log';
import type { ModelChoice } from '../protocol';
import { Refusal, sentences } from '../sentences';
import { describe, findModels } from './folder';
import { graphPaths } from './layout';
import type { Model } from './model';

/** What is kept of a model across sessions: where it is, never what is in it. */
interface Kept {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  /** Its first graph. */
  readonly graph: string;
  readonly revision: string | null;
}

const openedKey = 'headlight.opened';
const lastKey = 'headlight.lastModel';
/** Models opened from folders that stay in the list; the oldest goes. */
const mostOpened = 12;

export class Library implements vscode.Disposable {
  private chosen: Model | null = null;
  private readonly lists = new vscode.EventEmitter<void>();
  /** What can be chosen has changed, or which of it runs next. */
  readonly onDidChange = this.lists.event;

  constructor(
    private readonly bundled: readonly Model[],
    /** Of all windows: what was opened. Of this one: the last model. */
    private readonly everywhere: vscode.Memento,
    private readonly here: vscode.Memento,
    private readonly log: Log,
  ) {}

  /** The model to run: the one chosen, else the last one that ran, else the first that ships. */
  async current(): Promise<Model> {
    if (this.chosen) return this.chosen;
    const last = this.here.get<string>(lastKey);
    const shipped = this.bundled.find(({ id }) => id === last);
    const kept = this.opened.find(({ id }) => id === last);
    this.chosen = shipped ?? (kept && (await this.reopened(kept))) ?? this.bundled[0]!;
    // It need not be the last one, where that is gone.
    this.lists.fire();
    return this.chosen;
  }

  get choices(): readonly ModelChoice[] {
    return [...this.bundled, ...this.opened].map(({ id, name }) => ({ id, name }));
  }

  /** Of the model that runs next, as far as is known before it is looked for on the disk. */
  get next(): string {
    const last = this.here.get<string>(lastKey);
    const known = this.choices.some(({ id }) => id === last);
    return this.chosen?.id ?? (known ? last! : this.bundled[0]!.id);
  }

  /** @throws Refusal where it is no longer there */
  async choose(id: string): Promise<Model> {
    const shipped = this.bundled.find((model) => model.id === id);
    const kept = this.opened.find((model) => model.id === id);
    if (!shipped && !kept) throw new Refusal(sentences.noFolder(id));
    this.chosen = shipped ?? (await this.read(kept!));
    this.lists.fire();
    return this.chosen;
  }

  /** Takes a model into the list, first of those opened, and chooses it. */
  async add(model: Model): Promise<void> {
    this.chosen = model;
    const { id, name, folder, graphs, revision } = model;
    const kept: Kept = { id, name, folder: folder.toString(), graph: graphPaths(graphs)[0]!, revision };
    await this.remember([kept, ...this.opened.filter((other) => other.id !== id)].slice(0, mostOpened));
  }

  /** What was opened, by name and address of its folder; a folder can hold several. */
  get folders(): readonly { readonly name: string; readonly folder: string }[] {
    return this.opened.filter(({ folder }, i, all) => all.findIndex((one) => one.folder === folder) === i);
  }

  /** Drops what was opened from folders with such addresses. */
  async forget(isGone: (folder: string) => boolean): Promise<void> {
    if (this.chosen && isGone(this.chosen.folder.toString())) this.chosen = null;
    await this.remember(this.opened.filter(({ folder }) => !isGone(folder)));
  }

  /** A picture stands that this model made: it is the one that runs next, also after a reload. */
  async stand(id: string): Promise<void> {
    if (this.here.get<string>(lastKey) !== id) await this.here.update(lastKey, id);
    if (this.chosen?.id !== id) this.chosen = null;
  }

  private get opened(): readonly Kept[] {
    return this.everywhere.get<readonly Kept[]>(openedKey) ?? [];
  }

  private async remember(opened: readonly Kept[]): Promise<void> {
    await this.everywhere.update(openedKey, opened);
    this.lists.fire();
  }

  /** The last model of another session; a sentence where it is gone, since what is shown is then another's. */
  private async reopened(kept: Kept): Promise<Model | undefined> {
    try {
      return await this.read(kept);
    } catch (reason) {
      this.log.error(`${kept.id}: ${detail(reason)}`);
      void vscode.window.showWarningMessage(sentences.lastModelGone(kept.name));
      return undefined;
    }
  }

  private async read({ id, name, folder, graph, revision }: Kept): Promise<Model> {
    const found = await findModels(vscode.Uri.parse(folder));
    const variant = found.variants.find(({ graphs }) => graphPaths(graphs)[0] === graph);
    if (!variant) throw new Refusal(sentences.noGraph(name));
    return { ...describe(found, variant), id, name, revision };
  }

  dispose(): void {
    this.lists.dispose();
  }
}
