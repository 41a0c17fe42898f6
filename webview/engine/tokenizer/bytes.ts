/** The byte-level alphabet, which writes every byte as one character that can be seen (Radford et al. 2019, 2.2). */

const characters: string[] = [];
for (let byte = 0, next = 256; byte < 256; byte++) {
  const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  characters.push(String.fromCharCode(printable ? byte : next++));
}

const encoder = new TextEncoder();

export function byteLevel(text: string): string {
  let written = '';
  for (const byte of encoder.encode(text)) written += characters[byte];
  return written;
}

/** How SentencePiece's vocabularies name the bytes of a text, such as `<0x0A>`. */
export const byteNames = (text: string): string[] =>
  Array.from(encoder.encode(text), (byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
