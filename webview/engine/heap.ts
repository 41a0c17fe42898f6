/** The heap that onnxruntime works in: one WebAssembly memory, which can grow and never shrinks. */

export interface Heap {
  /** As long as the memory is: it grows by a fifth at a time, and so mostly more than it must. */
  readonly bytes: number;
  /**
   * Up to the last byte that is not 0. Memory is 0 until it is written, and what allocates takes it from the bottom up, so
   * that this is the most that was ever held at once, gaps between blocks included, give or take 64 KB.
   */
  readonly touched: number;
}

let memory: WebAssembly.Memory | null = null;

/** From now on a memory that is made is known here: to be called before onnxruntime makes its own. */
export function watchHeap(): void {
  WebAssembly.Memory = class extends WebAssembly.Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      // Memories of no length are made to see what the browser can do.
      if (descriptor.initial > 0) memory = this;
    }
  };
}

/** Null before onnxruntime has made its memory. */
export function heap(): Heap | null {
  if (!memory) return null;
  const { buffer } = memory;
  return { bytes: buffer.byteLength, touched: touched(new BigUint64Array(buffer)) };
}

function touched(words: BigUint64Array): number {
  let end = words.length;
  while (end > 0 && words[end - 1] === 0n) end--;
  return end * words.BYTES_PER_ELEMENT;
}
