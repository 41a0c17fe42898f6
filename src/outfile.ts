/**
 * A file that is written as its bytes come. Until the last one it stands beside its place under another name, so that
 * nobody ever finds half a file under the right one.
 */
import * as vscode from 'vscode';
import { disk, type Growing } from './models/node/disk';
import { sizeOf } from './models/size';
import { nameOf } from './names';
import { Refusal, sentences } from './sentences';

const { fs } = vscode.workspace;

/** What is gathered in memory for a place that takes whole files only. */
const mostGathered = 256e6;

export class OutFile {
  private constructor(
    private readonly target: vscode.Uri,
    private readonly beside: vscode.Uri,
    private readonly growing: Growing,
    /** Gives the file beside its name. */
    private readonly rename: () => Promise<void>,
  ) {}

  /**
   * @param bytes about how many will come
   * @throws Refusal where that is more than the place can take, or it cannot be written to
   */
  static async create(target: vscode.Uri, bytes: number): Promise<OutFile> {
    const beside = besideOf(target);
    if ((await standing(target)) === vscode.FileType.Directory)
      throw new Refusal(sentences.notWritten(nameOf(target), 'a folder has that name'));
    if (target.scheme === 'file' && disk) {
      const { rename } = disk;
      const growing = await told(target, disk.create(beside.fsPath));
      return new OutFile(target, beside, growing, () => rename(beside.fsPath, target.fsPath));
    }
    if (bytes > mostGathered) throw new Refusal(sentences.tooLargeThere(sizeOf(bytes), sizeOf(mostGathered)));
    return new OutFile(target, beside, gathered(beside), () => replace(beside, target));
  }

  /** @throws Refusal saying what is wrong with the place */
  append(bytes: Uint8Array): Promise<void> {
    return told(this.target, this.growing.append(bytes));
  }

  /** From now on it stands under its name, in place of what stood there. */
  async finish(): Promise<void> {
    await told(this.target, this.growing.close());
    await told(this.target, this.rename());
  }

  /** As if it had never been. */
  async discard(): Promise<void> {
    await this.growing.discard().catch(() => {});
    await Promise.resolve(fs.delete(this.beside)).catch(() => {});
  }
}

/** `vscode.workspace.fs` writes whole files only. */
function gathered(file: vscode.Uri): Growing {
  const pieces: Uint8Array[] = [];
  return {
    async append(bytes) {
      pieces.push(bytes);
    },
    async close() {
      const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
      let at = 0;
      for (const piece of pieces.splice(0)) {
        whole.set(piece, at);
        at += piece.length;
      }
      await fs.writeFile(file, whole);
    },
    async discard() {
      pieces.length = 0;
    },
  };
}

async function standing(file: vscode.Uri): Promise<vscode.FileType | null> {
  return Promise.resolve(fs.stat(file)).then(
    ({ type }) => type,
    () => null,
  );
}

/**
 * VS Code's own renaming with `overwrite` deletes what stands there first, folders too, and loses it where the renaming
 * then fails. So what stands there steps aside, and comes back if need be.
 */
async function replace(file: vscode.Uri, target: vscode.Uri): Promise<void> {
  if ((await standing(target)) === null) return fs.rename(file, target);
  const aside = besideOf(target);
  await fs.rename(target, aside);
  try {
    await fs.rename(file, target);
  } catch (error) {
    await fs.rename(aside, target);
    throw error;
  }
  await fs.delete(aside);
}

function besideOf(target: vscode.Uri): vscode.Uri {
  const random = Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) => byte.toString(16)).join('');
  const name = `.${nameOf(target)}.${random}.part`;
  return vscode.Uri.joinPath(target, '..', name);
}

/** Failures of disks and of file systems, as one sentence each. */
async function told<T>(target: vscode.Uri, work: PromiseLike<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const { code = '', message = String(cause) } = cause as { code?: string; message?: string };
    const name = nameOf(target);
    const says = (pattern: RegExp) => pattern.test(code) || pattern.test(message);
    const sentence = says(/ENOSPC|EDQUOT|no ?space|quota/i)
      ? sentences.diskFull(name)
      : says(/EACCES|EPERM|EROFS|NoPermissions/)
        ? sentences.noPermission(name)
        : sentences.notWritten(name, message.replace(/\.$/, ''));
    throw new Refusal(sentence, { cause });
  }
}
