/** The models that ship inside the extension: every folder of media/models. */
import * as vscode from 'vscode';
import { Refusal, sentences } from '../sentences';
import type { Model, ModelSource } from './source';

/** Where the extension is served over HTTP, as on vscode.dev, no folder can be listed: this is what is there. */
const shipped = ['headlight-small'];

export class BundledModels implements ModelSource {
  private readonly root: vscode.Uri;
  private found: Promise<readonly Model[]> | null = null;

  /** @param version of the extension: its models change with it */
  constructor(
    extension: vscode.Uri,
    private readonly version: string,
  ) {
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
    const names = /^https?$/.test(this.root.scheme) ? shipped : await this.folders();
    if (names.length === 0) throw new Error(`no folder in ${this.root.toString()}`);
    const revision = `headlight ${this.version}`;
    return names.map((name) => ({ name, folder: vscode.Uri.joinPath(this.root, name), revision }));
  }

  private async folders(): Promise<string[]> {
    const entries = await vscode.workspace.fs.readDirectory(this.root);
    const folders = entries.filter(([, type]) => type & vscode.FileType.Directory);
    return folders.map(([name]) => name).sort();
  }
}
