/**
 * SentencePiece's compiled rules of normalisation: a trie over UTF-8 bytes, as a double array (Darts), whose values are
 * places in a table of replacements. Layout: its length in bytes as u32, the units as u32, the replacements, each
 * ended by a zero; all little-endian.
 */
export class CharsMap {
  private readonly units: Uint32Array;
  private readonly table: Uint8Array;
  private readonly known = new Map<string, string | null>();

  /** @throws Error where it is not such a table */
  constructor(base64: string) {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const length = bytes.length < 4 ? 0 : new DataView(bytes.buffer).getUint32(0, true);
    if (length % 4 !== 0 || 4 + length > bytes.length) throw new Error('its precompiled_charsmap is damaged');
    this.units = new Uint32Array(bytes.buffer.slice(4, 4 + length));
    this.table = bytes.subarray(4 + length);
  }

  /** What a character or a cluster of them becomes; null where no rule begins it. */
  replacement(part: string): string | null {
    let known = this.known.get(part);
    if (known === undefined) this.known.set(part, (known = this.find(part)));
    return known;
  }

  private find(part: string): string | null {
    const { units, table } = this;
    let place = units.length > 0 ? offsetOf(units[0]) : 0;
    for (const byte of new TextEncoder().encode(part)) {
      if (byte === 0) return null;
      place ^= byte;
      if (place < 0 || place >= units.length || labelOf(units[place]) !== byte) return null;
      const ends = (units[place] >>> 8) & 1;
      place ^= offsetOf(units[place]);
      if (!ends) continue;
      const start = units[place] & 0x7fffffff;
      const end = table.indexOf(0, start);
      return new TextDecoder().decode(table.subarray(start, end < 0 ? table.length : end));
    }
    return null;
  }
}

const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6);
const labelOf = (unit: number): number => (unit & 0x800000ff) >>> 0;
