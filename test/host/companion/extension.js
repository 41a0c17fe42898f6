// What the test editor lacks, each in as few lines as VS Code asks for. Installed by the tests, never shipped.
const vscode = require('vscode');

const virtual = vscode.Uri.parse('memory:/notes.txt');
const before = vscode.Uri.parse('fixed:/before.txt');
const after = vscode.Uri.parse('fixed:/after.txt');

const texts = {
  [virtual.toString()]: 'She walked to the bank of the river and sat down\n',
  [before.toString()]: 'The dog slept under the table because it was tired\n',
  [after.toString()]: 'The dog slept on the table because it was warm\n',
};

/** A file system of one file, kept in memory. */
class Memory {
  constructor() {
    this.changes = new vscode.EventEmitter();
    this.onDidChangeFile = this.changes.event;
    this.content = new TextEncoder().encode(texts[virtual.toString()]);
    this.mtime = 1;
  }
  watch() {
    return { dispose() {} };
  }
  stat(uri) {
    if (uri.path === '/') return { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };
    if (uri.path !== virtual.path) throw vscode.FileSystemError.FileNotFound(uri);
    return { type: vscode.FileType.File, ctime: 0, mtime: this.mtime, size: this.content.length };
  }
  readDirectory() {
    return [['notes.txt', vscode.FileType.File]];
  }
  readFile(uri) {
    this.stat(uri);
    return this.content;
  }
  writeFile(uri, content) {
    this.content = content;
    this.mtime++;
    this.changes.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  }
  createDirectory(uri) {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
  delete(uri) {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
  rename(uri) {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
}

/** A notebook is a list of cells in JSON, each `[language, text]`. */
const book = {
  deserializeNotebook: (content) =>
    new vscode.NotebookData(
      JSON.parse(new TextDecoder().decode(content)).map(
        ([language, text]) => new vscode.NotebookCellData(vscode.NotebookCellKind.Code, text, language),
      ),
    ),
  serializeNotebook: ({ cells }) =>
    new TextEncoder().encode(JSON.stringify(cells.map(({ languageId, value }) => [languageId, value]))),
};

exports.activate = ({ subscriptions }) => {
  const output = vscode.window.createOutputChannel('Companion');
  const command = (name, run) => vscode.commands.registerCommand(`companion.${name}`, run);
  const open = async (uri) =>
    vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), vscode.ViewColumn.One);
  subscriptions.push(
    output,
    vscode.workspace.registerFileSystemProvider('memory', new Memory()),
    vscode.workspace.registerTextDocumentContentProvider('fixed', {
      provideTextDocumentContent: (uri) => texts[uri.toString()],
    }),
    vscode.workspace.registerNotebookSerializer('companion-book', book),
    command('virtual', () => open(virtual)),
    command('readOnly', () => open(before)),
    command('difference', () =>
      vscode.commands.executeCommand('vscode.diff', before, after, 'Difference', {
        viewColumn: vscode.ViewColumn.One,
      }),
    ),
    command('output', () => {
      output.appendLine('The river runs past the bank and the bank runs past the river');
      output.show();
    }),
    // As a crash ends it; VS Code starts it anew.
    command('crash', () => process.kill(process.pid, 'SIGKILL')),
  );
};
