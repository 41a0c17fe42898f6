/**
 * The function or block around a line, told by indentation alone: for documents without a language server. Pure.
 *
 * A block is a header, the lines indented deeper than it, and what closes it. Headers of control flow are climbed
 * past, because a loop without its function says little; lines that stand at the margin make a paragraph.
 */
export interface Lines {
  readonly count: number;
  at(line: number): string;
}

/** First and last line, both included. */
type Block = readonly [first: number, last: number];

/** A block of more lines is not worth finding: it is larger than any model reads. */
const farthest = 2000;

/** Lines that belong to the header above them, at the same indentation. */
const continues = /^\s*([)\]}{]|(end|else|elif|elsif|except|catch|finally|then|do)\b)/;
const control =
  /^\s*(if|else|elif|elsif|unless|for|foreach|while|until|loop|do|switch|case|default|match|when|with|using|try|catch|except|finally)\b/;

/** The block around `line`; null where only blank lines are, or where no end of it is near. */
export function blockAround(lines: Lines, line: number): Block | null {
  const start = nearestText(lines, line);
  if (start === null) return null;
  const header = headerOf(lines, start);
  const [first, last] = header === null ? paragraph(lines, start) : [header, lastOf(lines, header)];
  return last - first < farthest ? [first, last] : null;
}

/** `line` itself, or the closest line below, or else above, that is not blank. */
function nearestText(lines: Lines, line: number): number | null {
  return step(lines, line, 1, () => true) ?? step(lines, line, -1, () => true);
}

/** The line that opens the function around `line`; failing that the outermost block; null at the margin. */
function headerOf(lines: Lines, line: number): number | null {
  let header = opens(lines, line) && !continues.test(lines.at(line)) ? line : parent(lines, line);
  while (header !== null && control.test(lines.at(header))) {
    const outer = parent(lines, header);
    if (outer === null) break;
    header = outer;
  }
  return header;
}

function opens(lines: Lines, line: number): boolean {
  const next = step(lines, line + 1, 1, () => true);
  return next !== null && indent(lines.at(next)) > indent(lines.at(line));
}

/** The header that `line` stands under. */
function parent(lines: Lines, line: number): number | null {
  const depth = indent(lines.at(line)) + (continues.test(lines.at(line)) ? 1 : 0);
  return step(lines, line - 1, -1, (text) => indent(text) < depth && !continues.test(text));
}

/** The last line of the block that `header` opens. */
function lastOf(lines: Lines, header: number): number {
  const depth = indent(lines.at(header));
  let last = header;
  for (let i = header + 1; i < lines.count && i <= header + farthest; i++) {
    const text = lines.at(i);
    if (blank(text)) continue;
    if (indent(text) < depth || (indent(text) === depth && !continues.test(text))) break;
    last = i;
  }
  return last;
}

function paragraph(lines: Lines, line: number): Block {
  let [first, last] = [line, line];
  while (first > 0 && line - first <= farthest && !blank(lines.at(first - 1))) first--;
  while (last + 1 < lines.count && last - line <= farthest && !blank(lines.at(last + 1))) last++;
  return [first, last];
}

/** From `line` on, up or down, the first line with text that fits. */
function step(lines: Lines, line: number, by: 1 | -1, fits: (text: string) => boolean): number | null {
  for (let i = line; i >= 0 && i < lines.count && Math.abs(i - line) < farthest; i += by) {
    if (!blank(lines.at(i)) && fits(lines.at(i))) return i;
  }
  return null;
}

function blank(text: string): boolean {
  return text.trim() === '';
}

/** Width of the white space a line starts with; a tab reaches to the next multiple of four. */
function indent(text: string): number {
  let width = 0;
  for (const unit of text) {
    if (unit === '\t') width += 4 - (width % 4);
    else if (unit === ' ') width++;
    else break;
  }
  return width;
}
