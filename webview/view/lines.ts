/** A look as lines: two columns of text, queries at the left and keys at the right, with links between. For short text. */
import { element, setAttribute } from '../element';
import type { Columns } from '../render/lines';
import { drawColumns, drawLines } from '../render/lines';
import type { Texts } from '../render/labels';
import { shortened } from '../render/labels';
import { surface } from '../render/surface';
import type { Content, Drawing, Marked, Pair } from './drawing';

/** Longer texts are drawn as a matrix: their lines would be one web. */
export const MOST_LINED = 64;

/** Height of a token, in CSS pixels. */
const LOWEST = 14;
const HIGHEST = 22;
/** Share of the width for each column of text, at most. */
const COLUMN = 0.34;
const WIDEST = 520;

export class LinesView implements Drawing {
  private readonly lines = element('canvas', { role: 'img' });
  private readonly overlay = element('canvas', { 'aria-hidden': 'true', class: 'overlay' });
  readonly root = element('div', { class: 'stack lines' }, this.lines, this.overlay);
  private drawn: {
    readonly content: Content;
    readonly columns: Columns;
    readonly size: [number, number];
    readonly short: Texts;
  } | null = null;

  draw(content: Content): boolean {
    const { sheets, labels, name, unit, visibility, theme, room } = content;
    const ratio = devicePixelRatio || 1;
    const { texts } = labels;
    const n = Math.max(texts.queries.length, texts.keys.length);
    const row = Math.round(Math.max(LOWEST, Math.min(HIGHEST, room.height / n)) * ratio);
    const width = Math.min(room.width, WIDEST);
    const size: [number, number] = [width, (row * n) / ratio];
    const { context } = surface(this.lines, ...size);
    context.font = `${Math.min(13 * ratio, row - 2 * ratio)}px ${theme.font}`;
    const most = width * COLUMN * ratio;
    const shorten = (label: string) => shortened(context, label, most - 8 * ratio);
    const short = { queries: texts.queries.map(shorten), keys: texts.keys.map(shorten) };
    const column = Math.min(
      most,
      Math.max(...[...short.queries, ...short.keys].map((label) => context.measureText(label).width)) +
        8 * ratio,
    );
    const columns: Columns = { left: column, right: width * ratio - column, row, ratio };
    drawLines(context, sheets, columns, visibility, theme, null);
    setAttribute(this.lines, 'aria-label', `Attention of ${name}, ${n} ${unit} with lines between them`);
    this.drawn = { content, columns, size, short };
    return true;
  }

  mark({ told, reversed }: Marked): void {
    const { content, columns, size, short } = this.drawn!;
    const { sheets, visibility, theme } = content;
    const { context } = surface(this.overlay, ...size);
    drawColumns(context, short, columns, theme);
    // The others stay, faintly: what the token does not look at is told by the contrast.
    this.lines.classList.toggle('dimmed', told !== null);
    if (told === null) return;
    drawLines(context, sheets, columns, visibility, theme, { token: told, reversed });
    const { left, right, row, ratio } = columns;
    context.strokeStyle = theme.foreground;
    context.lineWidth = Math.max(1, Math.round(ratio));
    const [from, width] = reversed ? [right, size[0] * ratio - right] : [0, left];
    context.strokeRect(from + 0.5, told * row + 0.5, width - 1, row - 1);
  }

  pairAt(event: MouseEvent): Pair | null {
    if (!this.drawn) return null;
    const { content, columns } = this.drawn;
    const box = this.lines.getBoundingClientRect();
    const token = Math.floor(((event.clientY - box.top) * columns.ratio) / columns.row);
    const atQueries = event.clientX - box.left < box.width / 2;
    const { length } = content.labels.texts[atQueries ? 'queries' : 'keys'];
    if (token < 0 || token >= length) return null;
    return atQueries ? { query: token, key: -1 } : { query: -1, key: token };
  }
}
