/** Which text is taken where there are several carets. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';

const content = 'def f(x):\n    return x\n\nThe cat sat on the mat\n';

/** A caret in a line, or what it has selected there. */
const caret = (line: number, from: number, to = from) => new vscode.Selection(line, from, line, to);

describe('several carets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'headlight-'));
  after(async () => {
    rmSync(folder, { recursive: true });
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  /** What the panel shows of these selections, told by an export of it. */
  async function shown(selections: readonly vscode.Selection[]): Promise<string> {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content }));
    editor.selections = selections;
    await vscode.commands.executeCommand('headlight.show');
    const file = join(folder, `${selections.length}-${Math.random()}.json`);
    // Until there is a picture it is refused.
    for (const deadline = Date.now() + 50_000; !existsSync(file);) {
      assert.ok(Date.now() < deadline, 'a picture comes');
      await vscode.commands.executeCommand('headlight.export', { format: 'json', to: vscode.Uri.file(file) });
      await new Promise((next) => setTimeout(next, 1000));
    }
    const { metadata } = JSON.parse(readFileSync(file, 'utf8')) as { metadata: { tokens: Token[] } };
    return metadata.tokens.map(({ start, end }) => content.slice(start, end)).join('');
  }

  it('a plain one that came first does not hide the text that another has selected', async () => {
    assert.equal(await shown([caret(0, 4), caret(3, 0, 11)]), 'The cat sat');
  });

  it('none with a text: the block around the first', async () => {
    assert.equal(await shown([caret(0, 4), caret(3, 2)]), 'def f(x):\n    return x');
  });
});

interface Token {
  readonly start: number;
  readonly end: number;
}
