/** Bytes that the page fetches, with progress and an end to patience. */

/** A file that sends nothing for so long, in ms, is given up. */
const IDLE = 30_000;

/**
 * @param most bytes that are taken; what sends more is not what was asked for
 * @throws Error that says what was wrong with the answer
 */
export async function fetchBytes(
  url: string,
  signal: AbortSignal,
  onBytes: (loaded: number, total: number | null) => void,
  most = Infinity,
): Promise<Uint8Array<ArrayBuffer>> {
  const idle = new AbortController();
  const late = () => idle.abort(new Error(`nothing came for ${IDLE / 1000} seconds`));
  let timer = setTimeout(late, IDLE);
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, idle.signal]) });
    if (!response.ok || !response.body) throw new Error(`${response.status} ${response.statusText}`);
    const total = Number(response.headers.get('content-length')) || null;
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let loaded = 0;
    const reader = response.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      clearTimeout(timer);
      timer = setTimeout(late, IDLE);
      chunks.push(part.value);
      loaded += part.value.length;
      if (loaded > most) throw new Error(`it is longer than the ${most} bytes that were expected`);
      onBytes(loaded, total);
    }
    const bytes = new Uint8Array(loaded);
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  } finally {
    clearTimeout(timer);
    idle.abort();
  }
}
