// UTF-8 by hand: this folder is built without the DOM's TextDecoder. Names are short and nearly always ASCII.
import { OnnxError } from './error';

export function decodeText(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to;) {
    const lead = bytes[at++];
    if (lead < 0x80) {
      text += String.fromCharCode(lead);
      continue;
    }
    const more = lead >= 0xf0 && lead < 0xf8 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc2 ? 1 : 0;
    if (more === 0 || lead >= 0xf8 || at + more > to) throw notText();
    let point = lead & (0x3f >> more);
    for (let i = 0; i < more; i++) {
      const next = bytes[at++];
      if ((next & 0xc0) !== 0x80) throw notText();
      point = (point << 6) | (next & 0x3f);
    }
    if (point > 0x10ffff) throw notText();
    text += String.fromCodePoint(point);
  }
  return text;
}

// Strict, because two different damaged names that decode alike would be taken for one tensor.
function notText(): OnnxError {
  return new OnnxError('A name in the file is not valid text: this is not an ONNX model, or it is damaged.');
}

export function encodeText(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0)!;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
    else if (point < 0x10000)
      bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
    else
      bytes.push(
        0xf0 | (point >> 18),
        0x80 | ((point >> 12) & 0x3f),
        0x80 | ((point >> 6) & 0x3f),
        0x80 | (point & 0x3f),
      );
  }
  return Uint8Array.from(bytes);
}
