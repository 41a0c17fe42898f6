/** Exports to file systems that other extensions bring: some full, some that cannot rename. What stood there stays. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { readSafetensors } from '../../safetensors';

/** Files in memory, as an extension for a remote place would have them. */
class Memory implements vscode.FileSystemProvider {
  readonly files = new Map<string, Uint8Array>();
  /** What was asked of it, in order. */
  readonly asked: string[] = [];
  full = false;
  renames = true;
  private readonly changes = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.changes.event;

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => {});
  }
  stat({ path }: vscode.Uri): vscode.FileStat {
    const size = this.files.get(path)?.length;
    if (path !== '/' && size === undefined) throw vscode.FileSystemError.FileNotFound(path);
    const type = path === '/' ? vscode.FileType.Directory : vscode.FileType.File;
    return { type, ctime: 0, mtime: 0, size: size ?? 0 };
  }
  readDirectory(): [string, vscode.FileType][] {
    return [...this.files.keys()].map((path) => [path.slice(1), vscode.FileType.File]);
  }
  createDirectory(): void {}
  readFile({ path }: vscode.Uri): Uint8Array {
    return this.files.get(path)!;
  }
  writeFile({ path }: vscode.Uri, content: Uint8Array): void {
    this.asked.push('write');
    // As many do, it leaves behind what it could write.
    this.files.set(path, this.full ? content.slice(0, 100) : content);
    if (this.full) throw vscode.FileSystemError.Unavailable('ENOSPC: no space left on device');
  }
  delete({ path }: vscode.Uri): void {
    this.asked.push('delete');
    this.files.delete(path);
  }
  rename(from: vscode.Uri, to: vscode.Uri): void {
    this.asked.push('rename');
    if (!this.renames) throw vscode.FileSystemError.NoPermissions('this place renames nothing');
    this.files.set(to.path, this.files.get(from.path)!);
    this.files.delete(from.path);
  }
}

const before8 = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

describe('export', () => {
  const memory = new Memory();
  const target = vscode.Uri.parse('headlight-memory:/attention.safetensors');
  let registered: vscode.Disposable;

  before(async () => {
    registered = vscode.workspace.registerFileSystemProvider('headlight-memory', memory);
    const content = 'The cat sat on the mat because it was tired';
    const document = await vscode.workspace.openTextDocument({ content });
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('headlight.show');
  });
  after(async () => {
    registered.dispose();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  async function until(what: string, isSo: () => boolean): Promise<void> {
    for (const deadline = Date.now() + 50_000; !isSo(); await new Promise((next) => setTimeout(next, 100)))
      if (Date.now() > deadline) assert.fail(`it did not come to this: ${what} (${memory.asked.join(' ')})`);
  }

  const run = (to: vscode.Uri, format = 'safetensors') =>
    vscode.commands.executeCommand('headlight.export', { format, to });

  it('writes a whole file beside, and renames it', async () => {
    // Until there is a picture it is refused, each time with one sentence. One after the other: none may still be
    // writing when the next test counts what was asked.
    for (const deadline = Date.now() + 50_000; ; await new Promise((next) => setTimeout(next, 1000))) {
      await run(target);
      if (memory.files.has(target.path)) break;
      if (Date.now() > deadline) assert.fail('nothing was exported');
    }
    const { tensors, metadata } = readSafetensors(memory.files.get(target.path)!);
    assert.equal(metadata['model'], 'headlight-small');
    assert.deepEqual(tensors.get('attention')!.shape.slice(0, 2), [5, 8]);
    await until('nothing is under way', () => memory.files.size === 1);
  });

  it('puts a new file in the place of an old one, which is never deleted before', async () => {
    memory.files.set(target.path, before8);
    memory.asked.length = 0;
    await run(target);
    await until('it is done', () => memory.asked.includes('delete'));
    assert.deepEqual(memory.asked, ['write', 'rename', 'rename', 'delete']);
    assert.deepEqual([...memory.files.keys()], [target.path]);
    assert.ok(memory.files.get(target.path)!.length > 1000);
  });

  it('a full disk: what stood there stays, and nothing else is left', async () => {
    memory.files.set(target.path, before8);
    memory.full = true;
    memory.asked.length = 0;
    await run(target);
    await until('what was begun is gone', () => memory.asked.includes('delete'));
    memory.full = false;
    assert.deepEqual(memory.asked, ['write', 'delete']);
    assert.deepEqual([...memory.files], [[target.path, before8]]);
  });

  it('a place that renames nothing', async () => {
    memory.renames = false;
    memory.asked.length = 0;
    await run(target, 'json');
    await until('what was begun is gone', () => memory.asked.includes('delete'));
    memory.renames = true;
    assert.deepEqual(memory.asked, ['write', 'rename', 'delete']);
    assert.deepEqual([...memory.files], [[target.path, before8]]);
  });

  it('on the disk, a name that a folder has: the folder stays, and nothing else is left', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headlight-'));
    try {
      const taken = join(folder, 'taken');
      mkdirSync(join(taken, 'inside'), { recursive: true });
      await run(vscode.Uri.file(taken));
      const good = join(folder, 'good.safetensors');
      await run(vscode.Uri.file(good));
      await until('the other file is there', () => readdirSync(folder).includes('good.safetensors'));
      await until('nothing is under way', () => !readdirSync(folder).some((name) => name.endsWith('.part')));
      assert.deepEqual(readdirSync(folder).sort(), ['good.safetensors', 'taken']);
      assert.deepEqual(readdirSync(taken), ['inside']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
