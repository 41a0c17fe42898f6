/** Starts a worker from files that the page fetches: a blob worker may not fetch the extension's resources itself. */
import type { Connection } from './rpc';
import { connect, RemoteError } from './rpc';
import type { Engine, ModelFiles } from './engine';

/** The three builds of the worker: plain WASM; WebGPU, on JSPI where the browser has it, else on asyncify. */
export type Build = 'wasm' | 'jspi' | 'asyncify';

export const gpuBuild = (): Build => ('Suspending' in WebAssembly ? 'jspi' : 'asyncify');

/** The first bytes of every WebAssembly module: \0asm. */
const MAGIC = [0x00, 0x61, 0x73, 0x6d];

/** A file that sends nothing for so long, in ms, is given up. */
const IDLE = 30_000;

/** Told while something loads: bytes so far, and of how many where that is known. */
export type OnBytes = (what: string, loaded: number, total: number | null) => void;

/** True where WebGPU runs on hardware; a fallback adapter is software, and slower than WASM. */
export async function hasRealGpu(): Promise<boolean> {
  const adapter = await navigator.gpu?.requestAdapter();
  // Browsers before Chromium 136 tell it of the adapter itself, not of its info.
  const fallback = (adapter as { isFallbackAdapter?: boolean } | null | undefined)?.isFallbackAdapter;
  return !!adapter && !(adapter.info.isFallbackAdapter ?? fallback ?? false);
}

/**
 * @param base where the extension's built files are
 * @param signal ends the loading, and the worker, whatever it does
 * @throws RemoteError when a file of the extension is missing
 */
export async function startEngine(
  base: string,
  build: Build,
  signal: AbortSignal,
  onBytes: OnBytes,
): Promise<Connection<Engine>> {
  const broken = (detail: string) =>
    new RemoteError(
      'Missing',
      'A part of Headlight is missing or damaged; install the extension again.',
      detail,
    );
  const own = (file: string, progress: (loaded: number, total: number | null) => void) =>
    fetchBytes(`${base}/${file}`, signal, progress).catch((error: Error) => {
      throw broken(`${file}: ${error.message}`);
    });
  const [script, wasm] = await Promise.all([
    own(`worker-${build}.js`, () => {}),
    own(`worker-${build}.wasm`, (loaded, total) => onBytes('the engine', loaded, total)),
  ]);
  // Only its head: validating 14 MB would hold up the page; onnxruntime finds what is wrong further in.
  if (!MAGIC.every((byte, i) => wasm[i] === byte)) throw broken(`worker-${build}.wasm is not WebAssembly`);
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const connection = connect<Engine>(new Worker(url, { name: 'headlight' }));
  signal.addEventListener('abort', () => connection.end('The run was cancelled.'), { once: true });
  if (signal.aborted) connection.end('The run was cancelled.');
  try {
    await connection.call('start', [wasm.buffer], { move: [wasm.buffer] });
    return connection;
  } finally {
    // Threads are started from the worker's own url later on, so it has to stay where there are any.
    if (!crossOriginIsolated) URL.revokeObjectURL(url);
  }
}

/** Reads a Hugging Face model folder. @throws RemoteError naming the file that cannot be had */
export async function fetchModel(
  folder: string,
  name: string,
  signal: AbortSignal,
  onBytes: OnBytes,
): Promise<ModelFiles> {
  const file = async (path: string) => {
    const progress = (loaded: number, total: number | null) => {
      if (path.endsWith('.onnx')) onBytes(name, loaded, total);
    };
    try {
      return await fetchBytes(`${folder}/${path}`, signal, progress);
    } catch (error) {
      const sentence = `The model ${name} cannot be opened: ${path} cannot be read.`;
      throw new RemoteError('Missing', sentence, (error as Error).message);
    }
  };
  const text = async (path: string) => new TextDecoder().decode(await file(path));
  const [config, tokenizer, tokenizerConfig, graph] = await Promise.all([
    text('config.json'),
    text('tokenizer.json'),
    text('tokenizer_config.json'),
    file('onnx/model.onnx'),
  ]);
  return { config, tokenizer, tokenizerConfig, graph };
}

async function fetchBytes(
  url: string,
  signal: AbortSignal,
  onBytes: (loaded: number, total: number | null) => void,
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
  }
}
