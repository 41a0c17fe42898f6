/** "Export Attention", "Export Figure" and "Copy Row As": what stands in the panel as a file or as text. */
import * as vscode from 'vscode';
import { detail, type Log } from './log';
import { sizeOf } from './models/size';
import { nameOf } from './names';
import { OutFile } from './outfile';
import type { Panel } from './panel';
import type { Exports, FileWish, RowFormat, TensorWish } from './protocol';
import { Cancelled } from './questions';
import { Refusal, sentences } from './sentences';

/** The model may have to run again for a chunk, and has deadlines of its own in the page. */
const chunkDeadline = 600_000;

/** A file that could be made: as a person chooses it, and as the page makes it. */
interface Choice extends vscode.QuickPickItem {
  readonly wish: FileWish;
  /** How the name that is suggested ends. */
  readonly ending: string;
}

/** What a keybinding or another extension can pass along, so that nothing is asked. */
export interface ExportArguments {
  readonly format?: unknown;
  readonly to?: unknown;
  /** From the panel's menu: the token that was told when it was opened. */
  readonly token?: unknown;
}

/** A menu of the panel gives the focus back to the page as it closes, which is no reason to close what it opened. */
const ignoreFocusOut = true;

export class Export {
  constructor(
    private readonly panel: Panel,
    /** Of what is shown. */
    private readonly shown: () => vscode.Uri | null,
    private readonly version: string,
    private readonly log: Log,
  ) {}

  /** The command. */
  attention(given: ExportArguments): Promise<void> {
    return this.telling(async () => {
      const choices = tensorChoices(await this.panel.ask('exports', null), this.version);
      await this.save('Export Attention', choices, given);
    });
  }

  /** The command. */
  figure(given: ExportArguments): Promise<void> {
    return this.telling(async () => {
      const choices = figureChoices(await this.panel.ask('exports', null));
      await this.save('Export Figure', choices, given);
    });
  }

  /** The command. */
  copyRow({ format, token }: ExportArguments): Promise<void> {
    return this.telling(async () => {
      const title = 'Copy Row As';
      const chosen = isRowFormat(format)
        ? format
        : (await vscode.window.showQuickPick(rowChoices, { title, ignoreFocusOut }))?.label;
      if (!chosen) return;
      const { text, of } = await this.panel.ask('row', {
        format: chosen,
        token: Number.isInteger(token) ? (token as number) : null,
      });
      await vscode.env.clipboard.writeText(text);
      vscode.window.setStatusBarMessage(`$(check) Copied ${of}, as ${chosen}`, 5000);
    });
  }

  private async save(
    title: string,
    choices: readonly Choice[],
    { format, to }: ExportArguments,
  ): Promise<void> {
    const given = choices.find(({ wish }) => wish.format === format);
    const options = { title, matchOnDescription: true, matchOnDetail: true, ignoreFocusOut };
    const choice = given ?? (await vscode.window.showQuickPick(choices, options));
    if (!choice) return;
    const place = to instanceof vscode.Uri ? to : await this.choosePlace(choice, choices);
    if (!place) return;
    // The ending that was typed decides, where it is one of those to choose from.
    const typed = choices.find(
      ({ wish }) => nameOf(place).endsWith(`.${wish.format}`) && isLike(wish, choice.wish),
    );
    await this.write((typed ?? choice).wish, place);
  }

  private async choosePlace(choice: Choice, choices: readonly Choice[]): Promise<vscode.Uri | undefined> {
    const formats = new Set([choice, ...choices].map(({ wish }) => wish.format));
    const defaultUri = this.suggestion(choice.ending);
    return vscode.window.showSaveDialog({
      title: choice.label,
      saveLabel: 'Export',
      ...(defaultUri && { defaultUri }),
      filters: Object.fromEntries(Array.from(formats, (format) => [format, [format]])),
    });
  }

  /** Beside what is shown, or in the workspace for one that is nowhere. */
  private suggestion(ending: string): vscode.Uri | undefined {
    const uri = this.shown();
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    if (!uri) return folder && vscode.Uri.joinPath(folder, ending);
    const stem = nameOf(uri).replace(/\.[^.]*$/, '') || 'untitled';
    const name = `${stem}.${ending}`;
    if (vscode.workspace.getWorkspaceFolder(uri) || uri.scheme === 'file')
      return vscode.Uri.joinPath(uri, '..', name);
    return folder && vscode.Uri.joinPath(folder, name);
  }

  private async write(wish: FileWish, to: vscode.Uri): Promise<void> {
    const offer = await this.panel.ask('file', wish);
    const size = `${offer.exact ? '' : 'about '}${sizeOf(offer.bytes)}`;
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
    void vscode.window.showInformationMessage(`${nameOf(to)} was written, ${sizeOf(written)}.`);
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

function tensorChoices({ tensors, safetensors, json }: Exports, version: string): Choice[] {
  const named = tensors.map(({ name, shape }) => `"${name}" [${shape.join(', ')}]`).join(', ');
  const wish = (format: TensorWish['format']) => ({
    wish: { format, version },
    ending: `attention.${format}`,
  });
  return [
    {
      ...wish('safetensors'),
      label: 'Attention as .safetensors',
      description: sizeOf(safetensors),
      detail: `${named} in f32, for Python, Rust and JavaScript`,
    },
    {
      ...wish('json'),
      label: 'Attention as .json',
      description: `about ${sizeOf(json)}`,
      detail: `Nested lists ${named}, for everything else`,
    },
  ];
}

const looks = ['light', 'dark'] as const;
const widths = [
  { millimetres: 85, name: 'one column, 85 mm' },
  { millimetres: 175, name: 'full width, 175 mm' },
];
const drawn = [
  { format: 'svg', name: 'SVG' },
  { format: 'png', name: 'PNG, 300 dpi' },
] as const;

function figureChoices({ look }: Exports): Choice[] {
  const subjects = [
    { of: 'look', name: look, ending: look.replace(/[^\w.]+/g, '-') },
    { of: 'heads', name: 'all heads', ending: 'heads' },
  ] as const;
  return subjects.flatMap(({ of, name, ending }) =>
    drawn.flatMap(({ format, name: kind }) =>
      widths.flatMap(({ millimetres, name: width }) =>
        looks.map((theme) => ({
          wish: { format, of, theme, millimetres },
          ending: `${ending}.${format}`,
          label: `${name[0]!.toUpperCase()}${name.slice(1)} as ${kind}`,
          description: `${width}, ${theme}`,
        })),
      ),
    ),
  );
}

/** Whether two wishes differ in their format at most. */
function isLike(one: FileWish, other: FileWish): boolean {
  const bare = (wish: FileWish) => JSON.stringify({ ...wish, format: '' });
  return bare(one) === bare(other);
}

const rowChoices: readonly (vscode.QuickPickItem & { readonly label: RowFormat })[] = [
  { label: 'TSV', description: 'for a spreadsheet' },
  { label: 'JSON', description: 'with offsets in the document' },
  { label: 'Markdown', description: 'a table' },
  { label: 'Python', description: 'two lists' },
  { label: 'NumPy', description: 'an array of float32' },
];

const isRowFormat = (value: unknown): value is RowFormat => rowChoices.some(({ label }) => label === value);
