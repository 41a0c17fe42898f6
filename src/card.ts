/** The hover card as Markdown. Pure. Token text is untrusted: it stands in code spans, which nothing in it can end. */
import type { Card, Elsewhere, Named } from './protocol';

/** Where in the document an offset is, in words and as the target of a link. */
export interface Places {
  /** From 1. */
  line(offset: number): number;
  target(offset: number): string;
}

export function cardText(card: Card, places: Places, panel: string): string {
  const verb = card.reversed ? 'is attended to by' : 'attends to';
  const links = card.links.map(
    (link) => `- ${code(weightText(link.weight))} ${code(link.name)} ${where(link, places)}`,
  );
  return [
    ['Headlight', code(card.look), ...(card.mask ? [code(card.mask)] : [])].join(' · '),
    `${code(card.name)} ${verb}${links.length > 0 ? '' : ' nothing'}`,
    links.join('\n'),
    `[Show in the panel](${panel})`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Three decimals; what rounds to nothing is not told as nothing. */
export function weightText(weight: number): string {
  return weight > 0 && weight < 0.0005 ? '<0.001' : weight.toFixed(3);
}

const elsewhere: Readonly<Record<Elsewhere, string>> = {
  'no text': 'stands for no text',
  'second text': 'in the second text',
  target: 'in the target',
};

function where({ place }: Named, { line, target }: Places): string {
  return typeof place === 'string' ? elsewhere[place] : `[line ${line(place[0])}](${target(place[0])})`;
}

/**
 * A code span that shows `text` (CommonMark 0.31, section 6.1): fenced by one more backtick than any run inside it,
 * on one line, and with a space at either end, which is taken away again, so that text can begin or end with a backtick.
 */
export function code(text: string): string {
  const line = text.replace(/[\s\p{Cc}]/gu, ' ');
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return line.trim() === '' ? '` `' : `${fence} ${line} ${fence}`;
}
