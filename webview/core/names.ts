/** How tokens are written for people: visible white space for the eye, spelled-out white space for the ear. */

const control: Record<string, string> = {
  '\0': 'null character',
  '\t': 'tab',
  '\n': 'newline',
  '\r': 'carriage return',
};

/** A token's text with its white space made visible, for labels: `·` space, `⏎` line break, `⇥` tab. */
export function visible(text: string): string {
  return text
    .replace(/\r\n|\n|\r/g, '⏎')
    .replace(/ /g, '·')
    .replace(/\t/g, '⇥')
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, (c) => codeName(c))
    .replace(/\p{Cs}/gu, '\ufffd');
}

/** A token's text for a screen reader: "4 spaces", "newline", "space total". Never empty. */
export function spoken(text: string): string {
  const parts: string[] = [];
  for (const [run] of text.matchAll(/\r\n|(\s)\1*|[^\s\u0000-\u001f]+|[\u0000-\u001f]/gu))
    parts.push(spokenRun(run));
  return parts.join(' ') || 'nothing';
}

function spokenRun(run: string): string {
  if (/^\p{Cf}+$/u.test(run)) return [...run].map(codeName).join(' ');
  if (run === '\r\n') return 'newline';
  const name =
    run[0] === ' '
      ? 'space'
      : (control[run[0]] ?? (/\s|[\u0000-\u001f]/.test(run) ? codeName(run[0]) : null));
  if (name === null) return run;
  return run.length === 1 ? name : `${run.length} ${name}s`;
}

function codeName(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
}
