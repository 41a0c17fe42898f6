/** Texts to read where no editor is open; the one chosen becomes an untitled document. */
import * as vscode from 'vscode';
import { sentences } from './sentences';

interface Sample extends vscode.QuickPickItem {
  readonly language: 'python' | 'plaintext';
  readonly text: string;
}

const binarySearch = `def find(items, target):
    low, high = 0, len(items) - 1
    while low <= high:
        middle = (low + high) // 2
        if items[middle] == target:
            return middle
        if items[middle] < target:
            low = middle + 1
        else:
            high = middle - 1
    return None
`;

const samples: readonly Sample[] = [
  {
    label: '$(symbol-function) A short Python function',
    detail: 'Names, brackets and a loop: def find(items, target)',
    language: 'python',
    text: binarySearch,
  },
  sentence('A pronoun', 'The cat sat on the mat because it was tired'),
  sentence('Two banks', 'I went to the bank to deposit money.\nI sat by the bank watching the river.'),
  sentence('A long way to the verb', 'The cat that chased the mouse under the old wooden table was tired'),
];

/** The document of the sample chosen, opened in an editor; undefined when none is chosen. */
export async function openSample(): Promise<vscode.TextDocument | undefined> {
  const sample = await vscode.window.showQuickPick(samples, {
    title: 'Headlight',
    placeHolder: sentences.samples,
    matchOnDetail: true,
  });
  if (!sample) return undefined;
  return openText(sample.text, sample.language);
}

/** A text to read in an untitled document, opened in an editor. */
export async function openText(content: string, language = 'plaintext'): Promise<vscode.TextDocument> {
  const editor = await shown(content, language);
  return editor.document;
}

/** Two sentences, each on a line of its own and selected, as a pair is. */
export async function openPair(sentences: readonly [string, string]): Promise<void> {
  const editor = await shown(sentences.join('\n'), 'plaintext');
  editor.selections = sentences.map(({ length }, line) => new vscode.Selection(line, 0, line, length));
}

async function shown(content: string, language: string): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument({ language, content });
  return vscode.window.showTextDocument(document, { preview: false });
}

function sentence(label: string, text: string): Sample {
  return { label: `$(quote) ${label}`, detail: text.replace('\n', ' '), language: 'plaintext', text };
}
