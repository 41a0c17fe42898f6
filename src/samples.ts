/** Texts to read where no editor is open; the one chosen becomes an untitled document. */
import * as vscode from 'vscode';
import type { Spans } from './extent';
import { lengthOf } from './place';
import type { Span } from './protocol';
import { sentences } from './sentences';

interface Sample extends vscode.QuickPickItem {
  readonly language: 'python' | 'plaintext';
  /** Two are read as a pair. */
  readonly text: string | Pair;
}

type Pair = readonly [string, string];

/** A document that was opened, and what of it is read. */
interface Opened {
  readonly document: vscode.TextDocument;
  readonly spans: Spans;
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
  sentence('A question and its answer, as a pair', [
    'Where did the cat sleep?',
    'The cat was tired, so it slept on the mat.',
  ]),
];

/** The sample chosen, opened in an editor; undefined when none is chosen. */
export async function openSample(): Promise<Opened | undefined> {
  const sample = await vscode.window.showQuickPick(samples, {
    title: 'Headlight',
    placeHolder: sentences.samples,
    matchOnDetail: true,
  });
  if (!sample) return undefined;
  if (typeof sample.text !== 'string') return openPair(sample.text);
  const document = await openText(sample.text, sample.language);
  return { document, spans: [[0, lengthOf(document)]] };
}

/** A text to read in an untitled document, opened in an editor. */
export async function openText(content: string, language = 'plaintext'): Promise<vscode.TextDocument> {
  const editor = await shown(content, language);
  return editor.document;
}

/** Two sentences, each on a line of its own and selected, as a pair is. */
export async function openPair(pair: Pair): Promise<Opened> {
  const editor = await shown(pair.join('\n'), 'plaintext');
  const { document } = editor;
  editor.selections = pair.map(({ length }, line) => new vscode.Selection(line, 0, line, length));
  const [first, second] = editor.selections.map(({ start, end }): Span => [
    document.offsetAt(start),
    document.offsetAt(end),
  ]);
  return { document, spans: [first!, second!] };
}

async function shown(content: string, language: string): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument({ language, content });
  return vscode.window.showTextDocument(document, { preview: false });
}

function sentence(label: string, text: string | Pair): Sample {
  const detail = typeof text === 'string' ? text.replace('\n', ' ') : text.join(' · ');
  return { label: `$(quote) ${label}`, detail, language: 'plaintext', text };
}
