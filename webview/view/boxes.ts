/** Tokens as elements, one option a position: of a text in blocks with its line breaks, of an image one a patch. */
import { visible } from '../core/names';
import { element, setAttribute } from '../element';
import type { Token } from '../engine/engine';
import { said } from '../label';
import type { Picture } from '../picture';
import { segmentName, standsOn } from '../segments';
import type { Side } from '../sides';

/** Text that shows as nothing, or breaks what shows it: control characters, lone surrogates, only zero-width or odd white space. */
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|\p{Cs}|^(?![ \t]+$)[\s\p{Cf}]+$/u;

/** Tokens that are laid out together, at least; a block ends with a line, and one that is not in sight is skipped. */
const BLOCK = 48;

/** @param idOf the id of the option at a position */
export function blocksOf(
  tokens: readonly Token[],
  picture: Picture,
  side: Side,
  idOf: (i: number) => string,
): { blocks: HTMLElement[]; options: HTMLElement[] } {
  const stands = standsOn(picture, side);
  const pair = side === 'source' && picture.second !== null;
  const made = () => element('div', { role: 'presentation', class: 'block' });
  const white = (text: string) => element('span', { 'aria-hidden': 'true', class: 'break' }, text);
  let block = made();
  const blocks = [block];
  let count = 0;
  /** That of the line which begins here; null within one. */
  let indent: string | null = null;
  const options = tokens.map((token, i) => {
    const { text, special } = token;
    const segment = pair ? segmentName(token) : null;
    const { shown, breaks } = special ? { shown: text, breaks: '' } : written(tokens, i);
    const option = optionOf(token, i, idOf(i), shown);
    option.className = special ? 'token special' : /^\s*$/.test(text) ? 'token blank' : 'token';
    option.dataset['start'] = String(stands[i].start);
    option.dataset['end'] = String(stands[i].end);
    setAttribute(option, 'data-segment', segment);
    setAttribute(option, 'aria-description', segment && `sentence ${segment}`);
    if (indent !== null && count >= BLOCK) {
      blocks.push((block = made()));
      count = 0;
    }
    if (indent) block.append(white(indent));
    // Each sentence on lines of its own, with its letter.
    if (segment && tokens.findIndex((one) => one.segment === token.segment) === i) {
      if (i > 0) block.append(white('\n'));
      block.append(element('b', { 'aria-hidden': 'true', class: 'segment' }, segment));
    }
    block.append(option);
    count++;
    indent = breaks === '' ? null : breaks.replace(/^\n*/, '');
    if (breaks) block.append(white(breaks.slice(0, breaks.length - indent!.length)));
    return option;
  });
  return { blocks, options };
}

/** A token of an image: a patch, which has a place and no span, or a chip beside. */
export function patchOf(token: Token, i: number, id: string): HTMLElement {
  const { text, special } = token;
  const option = optionOf(token, i, id, special ? text : '');
  option.className = special ? 'token special' : 'patch';
  if (special) option.dataset['start'] = option.dataset['end'] = '0';
  return option;
}

function optionOf(token: Token, i: number, id: string, shown: string): HTMLElement {
  const { text, special } = token;
  const attributes = {
    ...{ role: 'option', id, 'data-index': String(i), 'data-text': text, 'aria-selected': 'false' },
    'aria-label': special ? `${text}, special token` : said(token),
  };
  return element('span', attributes, shown);
}

/**
 * What stands in an option's box, and the real line break and indentation that follow it. A box is never empty and
 * never spans lines, so that each can be pointed at: a line break shows as ⏎, and of tokens that share a character the
 * first shows it and the others their number.
 */
function written(tokens: readonly Token[], i: number): { shown: string; breaks: string } {
  const { text, span } = tokens[i];
  const twin = (other: number) =>
    tokens[other]?.span.start === span.start && tokens[other]?.span.end === span.end;
  if (twin(i - 1)) {
    let first = i;
    while (twin(first - 1)) first--;
    return { shown: `+${i - first}`, breaks: '' };
  }
  const line = text.search(/[\r\n]/);
  if (line < 0) return { shown: UNSEEN.test(text) ? visible(text) : text, breaks: '' };
  const head = text.slice(0, line);
  const broken = text.slice(line);
  // Indentation after the last break is shown where it indents; anything else stays in the box.
  const indent = /[\t ]*$/.exec(broken)![0];
  const body = broken.slice(0, broken.length - indent.length);
  const lines = body.replace(/\r\n?/g, '\n').replace(/[^\n]/g, '').length;
  return { shown: head + visible(body), breaks: '\n'.repeat(Math.max(1, lines)) + indent };
}
