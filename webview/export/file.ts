/** A file on its way out: its size before it is made, its bytes as they are made. */

export interface OutgoingFile {
  readonly bytes: number;
  /** Whether `bytes` is the size, and not only about the size. */
  readonly exact: boolean;
  pieces(): AsyncIterable<Uint8Array>;
}

/** A tensor of f32, which need not be there as a whole. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** The values, row-major, in blocks of any length. */
  blocks(): AsyncIterable<Float32Array>;
}

export const count = (shape: readonly number[]): number => shape.reduce((product, each) => product * each, 1);

/** The most that crosses to the host at once, in bytes. */
const CHUNK = 8e6;

/** The same bytes in chunks of exactly `size`, the last one shorter; each has a buffer of its own, to be moved. */
export async function* inChunks(
  pieces: AsyncIterable<Uint8Array>,
  size = CHUNK,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let chunk = new Uint8Array(size);
  let filled = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + size - filled);
      chunk.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < size) continue;
      yield chunk;
      chunk = new Uint8Array(size);
      filled = 0;
    }
  }
  if (filled > 0) yield chunk.slice(0, filled);
}

/** Passes the blocks on. @throws RangeError when they do not hold as many values as the shape says */
export async function* wholeBlocks(tensor: NamedTensor): AsyncGenerator<Float32Array> {
  const wanted = count(tensor.shape);
  let found = 0;
  for await (const block of tensor.blocks()) {
    found += block.length;
    if (found > wanted) break;
    yield block;
  }
  if (found !== wanted) throw new RangeError(`the tensor ${tensor.name} has ${found} values, not ${wanted}`);
}
