/**
 * Which text of an editor is meant: the selection, else the function or block around the caret, else what is seen. Of
 * several selections the first two of the document, as a pair.
 */
import * as vscode from 'vscode';
import { blockAround } from './block';
import type { Source } from './editors';
import type { Spans } from './extent';
import type { Span } from './protocol';

/** A language server that is slower than this is not waited for. */
const deadline = 500;

const { SymbolKind } = vscode;
const enclosing = new Set([
  SymbolKind.Function,
  SymbolKind.Method,
  SymbolKind.Constructor,
  SymbolKind.Operator,
  SymbolKind.Class,
  SymbolKind.Interface,
  SymbolKind.Struct,
  SymbolKind.Enum,
]);

export async function placeIn({ document, selection, selections, visibleRanges }: Source): Promise<Spans> {
  const [first, second] = selections
    .filter((one) => document.getText(one).trim() !== '')
    .sort((a, b) => a.start.compareTo(b.start));
  if (second) return [spanOf(document, first), spanOf(document, second)];
  // Also where the caret that came first has nothing selected, and another one has.
  if (first) return [spanOf(document, first)];
  if (!selection.isEmpty) return [spanOf(document, selection)];
  const { version } = document;
  const symbol = await enclosingSymbol(document, selection.active);
  // An edit while the language server was thinking moves what it answered; indentation answers at once.
  const block =
    symbol && document.version === version
      ? indented(document, symbol)
      : enclosingBlock(document, selection.active);
  const place = [block, visibleRanges[0]].find((range) => range && document.getText(range).trim() !== '');
  return [place ? spanOf(document, place) : [0, lengthOf(document)]];
}

export function lengthOf(document: vscode.TextDocument): number {
  return document.offsetAt(document.lineAt(document.lineCount - 1).range.end);
}

function spanOf(document: vscode.TextDocument, range: vscode.Range): Span {
  return [document.offsetAt(range.start), document.offsetAt(range.end)];
}

/** The smallest function, class or the like that holds `position`, if the language server says so in time. */
async function enclosingSymbol(
  document: vscode.TextDocument,
  position: vscode.Position,
): Promise<vscode.Range | null> {
  const asked = Promise.resolve(
    vscode.commands.executeCommand<Symbols>('vscode.executeDocumentSymbolProvider', document.uri),
  ).catch(() => undefined);
  const ranges = rangesOf((await within(deadline, asked)) ?? []).filter((range) => range.contains(position));
  return ranges.reduce<vscode.Range | null>(
    (best, range) => (best && !best.contains(range) ? best : range),
    null,
  );
}

type Symbols = readonly (vscode.DocumentSymbol | vscode.SymbolInformation)[];

/** Both kinds of answer, flattened; an older provider gives a location instead of a tree. */
function rangesOf(symbols: Symbols): vscode.Range[] {
  return symbols.flatMap((symbol) => {
    const range = 'range' in symbol ? symbol.range : symbol.location.range;
    const inner = 'children' in symbol ? rangesOf(symbol.children) : [];
    return enclosing.has(symbol.kind) ? [range, ...inner] : inner;
  });
}

function enclosingBlock(document: vscode.TextDocument, { line }: vscode.Position): vscode.Range | null {
  const lines = { count: document.lineCount, at: (i: number) => document.lineAt(i).text };
  const block = blockAround(lines, line);
  return block && new vscode.Range(block[0], 0, block[1], document.lineAt(block[1]).text.length);
}

/** With the indentation of its first line, as the lines that follow have theirs. */
function indented(document: vscode.TextDocument, { start, end }: vscode.Range): vscode.Range {
  const before = document.lineAt(start.line).text.slice(0, start.character);
  return new vscode.Range(before.trim() === '' ? start.with({ character: 0 }) : start, end);
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: unknown;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), ms)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
