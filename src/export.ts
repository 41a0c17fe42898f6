/** "Export Attention": what stands in the panel as a file of the person's choice, written as it comes. */
import * as vscode from 'vscode';
import { detail, type Log } from './log';
import { megabytes, nameOf, OutFile } from './outfile';
import type { Panel } from './panel';
import type { Exports, FileWish } from './protocol';
import { Cancelled } from './questions';
import { Refusal, sentences } from './sentences';

/** The model may have to run again for a chunk, and has deadlines of its own in the page. */
const chunkDeadline = 600_000;

type Format = FileWish['format'];

const formats: Record<
  Format,
  { label: string; filter: string; detail(of: Exports): string; size(of: Exports): string }
> = {
  safetensors: {
    label: 'Attention as .safetensors',
    filter: 'safetensors',
    detail: ({ shape }) => `Tensor "attention" [${shape.join(', ')}] in f32, for Python, Rust and JavaScript`,
    size: ({ safetensors }) => megabytes(safetensors),
  },
  json: {
    label: 'Attention as .json',
    filter: 'JSON',
    detail: ({ shape }) => `Nested lists [${shape.join(', ')}], for everything else`,
    size: ({ json }) => `about ${megabytes(json)}`,
  },
};

/** What a keybinding or another extension can pass along, so that nothing is asked. */
export interface ExportArguments {
  readonly format?: unknown;
  readonly to?: unknown;
}

export class Export {
  constructor(
    private readonly panel: Panel,
    /** Of what is shown. */
    private readonly document: () => vscode.TextDocument | null,
    private readonly version: string,
    private readonly log: Log,
  ) {}

  /** The command. */
  attention(given: ExportArguments = {}): Promise<void> {
    return this.telling(async () => {
      const exports = await this.panel.ask('exports', null);
      const format = isFormat(given.format) ? given.format : await chooseFormat(exports);
      if (!format) return;
      const to = given.to instanceof vscode.Uri ? given.to : await this.choosePlace(format);
      if (to) await this.write({ format: formatOf(to) ?? format, version: this.version }, to);
    });
  }

  private async choosePlace(format: Format): Promise<vscode.Uri | undefined> {
    const others = (Object.keys(formats) as Format[]).filter((other) => other !== format);
    const defaultUri = this.suggestion(`attention.${format}`);
    return vscode.window.showSaveDialog({
      title: formats[format].label,
      saveLabel: 'Export',
      ...(defaultUri && { defaultUri }),
      filters: Object.fromEntries([format, ...others].map((each) => [formats[each].filter, [each]])),
    });
  }

  /** Beside the document, or in the workspace for one that is nowhere. */
  private suggestion(ending: string): vscode.Uri | undefined {
    const document = this.document();
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    if (!document) return folder && vscode.Uri.joinPath(folder, ending);
    const stem = nameOf(document.uri).replace(/\.[^.]*$/, '') || 'untitled';
    const name = `${stem}.${ending}`;
    if (vscode.workspace.getWorkspaceFolder(document.uri) || document.uri.scheme === 'file')
      return vscode.Uri.joinPath(document.uri, '..', name);
    return folder && vscode.Uri.joinPath(folder, name);
  }

  private async write(wish: FileWish, to: vscode.Uri): Promise<void> {
    const offer = await this.panel.ask('file', wish);
    const size = `${offer.exact ? '' : 'about '}${megabytes(offer.bytes)}`;
    const title = `Exporting ${nameOf(to)}, ${size}`;
    const place = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    const written = await vscode.window.withProgress(place, async (progress, cancel) => {
      try {
        const file = await OutFile.create(to, offer.bytes);
        try {
          const bytes = await this.fill(file, offer.file, cancel, (part) =>
            progress.report({ increment: (100 * part) / offer.bytes }),
          );
          await file.finish();
          return bytes;
        } catch (error) {
          await file.discard();
          throw error;
        }
      } catch (error) {
        this.panel.post({ type: 'abandon', file: offer.file });
        throw error;
      }
    });
    this.log.info(`export: ${wish.format}, ${written} bytes`);
    void vscode.window.showInformationMessage(`${nameOf(to)} was written, ${megabytes(written)}.`);
  }

  /** @returns how many bytes there were */
  private async fill(
    file: OutFile,
    id: number,
    cancel: vscode.CancellationToken,
    report: (bytes: number) => void,
  ): Promise<number> {
    let bytes = 0;
    for (let number = 0; ; number++) {
      const patience = { cancel, deadline: chunkDeadline };
      const chunk = await this.panel.ask('chunk', { file: id, chunk: number }, patience);
      if (!chunk) return bytes;
      await file.append(chunk);
      if (cancel.isCancellationRequested) throw new Cancelled();
      bytes += chunk.length;
      report(chunk.length);
    }
  }

  /** A failure becomes one sentence; the detail goes to the log. */
  private async telling(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (reason) {
      if (reason instanceof Cancelled)
        return void vscode.window.showInformationMessage(sentences.exportCancelled);
      const refused = reason instanceof Refusal;
      const cause = refused ? reason.cause : reason;
      if (cause) this.log.error(`export: ${detail(cause)}`);
      void vscode.window.showWarningMessage(refused ? reason.message : sentences.exportFailed);
    }
  }
}

const isFormat = (value: unknown): value is Format =>
  typeof value === 'string' && Object.hasOwn(formats, value);

/** The name that was typed decides. */
function formatOf(to: vscode.Uri): Format | null {
  const ending = /\.([^.]*)$/.exec(nameOf(to))?.[1];
  return isFormat(ending) ? ending : null;
}

async function chooseFormat(exports: Exports): Promise<Format | undefined> {
  const items = (Object.keys(formats) as Format[]).map((format) => {
    const { label, detail, size } = formats[format];
    return { format, label, description: size(exports), detail: detail(exports) };
  });
  const title = 'Export Attention';
  return (await vscode.window.showQuickPick(items, { title, matchOnDetail: true }))?.format;
}
