/** What the tables of "Inside" share: cells of numbers, with a bar where a length says it faster, and a frame that scrolls. */
import { element } from '../../element';

/** A cell that all but a wide panel puts where its column stands there. */
export const cell = (column: string, ...what: (Node | string)[]) => element('td', { class: column }, ...what);

export const digits = (text: string) => cell('digits', text);

/** A number with a bar as long as its share, 0 to 1. */
export function barred(share: number, colour: string, text: string): HTMLElement {
  const bar = element('span', { class: 'bar' });
  bar.style.width = `${100 * share}%`;
  bar.style.backgroundColor = colour;
  return cell(
    'weight',
    element(
      'span',
      { class: 'share' },
      element('span', { class: 'track', 'aria-hidden': 'true' }, bar),
      element('span', { class: 'digits' }, text),
    ),
  );
}

/** A table that is wider than a narrow panel scrolls by itself. */
export function table(heads: readonly Node[], body: HTMLElement, feet: readonly Node[]): HTMLElement {
  return element(
    'div',
    { class: 'scroll' },
    element(
      'table',
      { class: 'numbers' },
      element('thead', {}, element('tr', {}, ...heads)),
      body,
      element('tfoot', {}, ...feet),
    ),
  );
}

/** A line below a table: what it is, across so many columns, and its cells. */
export function foot(
  says: readonly (Node | string)[],
  columns: number,
  ...cells: HTMLElement[]
): HTMLElement {
  return element('tr', {}, element('th', { scope: 'row', colspan: String(columns) }, ...says), ...cells);
}
