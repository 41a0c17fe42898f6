/** What is painted on the document, read off the screen: the text under every painted piece. */
import type { Locator } from 'playwright-core';
import type { Workbench } from './workbench';

export interface Paint {
  /** The characters that lie under the piece. */
  readonly text: string;
  /** Where they stand in their line, and which line that is of those on screen. */
  readonly line: number;
  readonly from: number;
  /** Its background's opacity, 0 for a piece that is only a border. */
  readonly strength: number;
  /** Colour of its border; null where that is transparent. */
  readonly border: string | null;
}

/** The editors of the workbench, from the top left. */
export const editors = ({ page }: Workbench): Locator => page.locator('.editor-instance .monaco-editor');

/** The painted pieces in an editor, the first one unless another is named, from the top left. VS Code names the class of what an extension paints. */
export async function painted(workbench: Workbench, editor = editors(workbench).first()): Promise<Paint[]> {
  return editor.evaluate((editor) => {
    const pieces = editor.querySelectorAll('.view-overlays .cdr[class*="TextEditorDecorationType"]');
    const lines = [...editor.querySelectorAll('.view-lines .view-line')].sort(
      (a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top,
    );
    const opacity = (colour: string) => {
      const parts = colour.match(/[\d.]+/g)!.map(Number);
      return parts.length === 4 ? parts[3] : 1;
    };
    /** Every character of a line with the middle of its box. */
    const middles = (line: Element) => {
      const found: { character: string; x: number }[] = [];
      const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode())
        for (let i = 0; i < node.textContent!.length; i++) {
          const range = document.createRange();
          range.setStart(node, i);
          range.setEnd(node, i + 1);
          const { left, right } = range.getBoundingClientRect();
          // VS Code shows a space as one that does not break.
          found.push({ character: node.textContent![i].replace('\u00a0', ' '), x: (left + right) / 2 });
        }
      return found;
    };
    const read = [...pieces].map((piece) => {
      const box = piece.getBoundingClientRect();
      const y = (box.top + box.bottom) / 2;
      const line = lines.findIndex((one) => {
        const { top, bottom } = one.getBoundingClientRect();
        return top <= y && y < bottom;
      });
      const characters = line < 0 ? [] : middles(lines[line]);
      const under = characters.map(({ x }) => x > box.left && x < box.right);
      const style = getComputedStyle(piece);
      const bordered = style.borderLeftWidth !== '0px' && opacity(style.borderLeftColor) > 0;
      return {
        text: characters
          .filter((_, i) => under[i])
          .map(({ character }) => character)
          .join(''),
        line,
        from: under.indexOf(true),
        strength: opacity(style.backgroundColor),
        border: bordered ? style.borderLeftColor : null,
      };
    });
    return read.sort((a, b) => a.line - b.line || a.from - b.from || a.strength - b.strength);
  });
}
