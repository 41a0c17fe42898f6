/** The models that ship inside the extension: every folder of media/models. */
import * as vscode from 'vscode';
import { Refusal, sentences } from '../sentences';
import type { Model, ModelSource } from './source';

export class BundledModels implements ModelSource {
  private readonly root: vscode.Uri;
  private found: Promise<readonly Model[]> | null = null;

  constructor(extension: vscode.Uri) {
    this.root = vscode.Uri.joinPath(extension, 'media', 'models');
  }

  /** Read once: what ships does not change while it runs. A failure is not kept. */
  list(): Promise<readonly Model[]> {
    this.found ??= this.read().catch((cause: unknown) => {
      this.found = null;
      throw new Refusal(sentences.noModel, { cause });
    });
    return this.found;
  }

  private async read(): Promise<readonly Model[]> {
    const entries = await vscode.workspace.fs.readDirectory(this.root);
    const names = entries.filter(([, type]) => type & vscode.FileType.Directory).map(([name]) => name);
    if (names.length === 0) throw new Error(`no folder in ${this.root.toString()}`);
    return names.sort().map((name) => ({ name, folder: vscode.Uri.joinPath(this.root, name) }));
  }
}
