/** What kind of image a file is and how large, told by its first bytes, before anything of it is decoded. */
interface Header {
  readonly type: 'image/png' | 'image/jpeg' | 'image/webp' | 'image/gif' | 'image/bmp';
  readonly width: number;
  readonly height: number;
}

/** Null for what is none of these, or ends before it says. */
export function headerOf(bytes: Uint8Array): Header | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts = (text: string, at = 0) => [...text].every((c, i) => bytes[at + i] === c.charCodeAt(0));
  try {
    if (starts('\x89PNG\r\n\x1a\n'))
      return { type: 'image/png', width: view.getUint32(16), height: view.getUint32(20) };
    if (starts('GIF8'))
      return { type: 'image/gif', width: view.getUint16(6, true), height: view.getUint16(8, true) };
    if (starts('BM')) return { type: 'image/bmp', ...bitmap(view) };
    if (starts('RIFF') && starts('WEBP', 8)) return webp(view, starts);
    if (starts('\xff\xd8\xff')) return jpeg(view);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return null;
}

/** A height below 0 says that the rows come from top to bottom. */
function bitmap(view: DataView): { width: number; height: number } {
  const old = view.getUint32(14, true) === 12;
  return old
    ? { width: view.getUint16(18, true), height: view.getUint16(20, true) }
    : { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) };
}

function webp(view: DataView, starts: (text: string, at: number) => boolean): Header | null {
  const type = 'image/webp';
  if (starts('VP8X', 12)) {
    const three = (at: number) => 1 + view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
    return { type, width: three(24), height: three(27) };
  }
  if (starts('VP8L', 12)) {
    const bits = view.getUint32(21, true);
    return { type, width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff) };
  }
  if (!starts('VP8 ', 12)) return null;
  return { type, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
}

/** From segment to segment, to the one that begins a frame. */
function jpeg(view: DataView): Header | null {
  for (let at = 2; view.getUint8(at) === 0xff;) {
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { type: 'image/jpeg', width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    // Fill bytes may stand before a marker.
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return null;
}
