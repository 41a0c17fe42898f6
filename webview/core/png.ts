/** What a canvas leaves out of its PNG: how large it is meant to be. (https://www.w3.org/TR/png-3/) */

const SIGNATURE = 8;
/** Length, name and checksum of a chunk, and of the first one, IHDR, 13 bytes of data. */
const HEADER = 12 + 13;

/** The same picture with a pHYs chunk, which says how many dots an inch has. @throws RangeError for what is no PNG */
export function withDensity(png: Uint8Array, dotsPerInch: number): Uint8Array<ArrayBuffer> {
  const text = String.fromCharCode(...png.subarray(SIGNATURE + 4, SIGNATURE + 8));
  if (text !== 'IHDR') throw new RangeError('this is no PNG');
  const chunk = new Uint8Array(12 + 9);
  const view = new DataView(chunk.buffer);
  const perMetre = Math.round(dotsPerInch / 0.0254);
  view.setUint32(0, 9);
  chunk.set([0x70, 0x48, 0x59, 0x73], 4); // pHYs
  view.setUint32(8, perMetre);
  view.setUint32(12, perMetre);
  chunk[16] = 1; // the unit is the metre
  view.setUint32(17, crc32(chunk.subarray(4, 17)));
  const whole = new Uint8Array(png.length + chunk.length);
  const head = SIGNATURE + HEADER;
  whole.set(png.subarray(0, head));
  whole.set(chunk, head);
  whole.set(png.subarray(head), head + chunk.length);
  return whole;
}

/** ISO 3309, as PNG has it. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
