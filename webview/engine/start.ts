/** Starts a worker from files that the page fetches: a blob worker may not fetch the extension's resources itself. */
import type { Connection } from './rpc';
import { connect, RemoteError } from './rpc';
import { fetchBytes } from './fetch';
import type { Engine } from './engine';

/** The three builds of the worker: plain WASM; WebGPU, on JSPI where the browser has it, else on asyncify. */
export type Build = 'wasm' | 'jspi' | 'asyncify';

export const gpuBuild = (): Build => ('Suspending' in WebAssembly ? 'jspi' : 'asyncify');

/** Told while something loads: bytes so far, and of how many where that is known. */
export type OnBytes = (loaded: number, total: number | null) => void;

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
  const own = (file: string, progress: OnBytes) =>
    fetchBytes(`${base}/${file}`, signal, progress).catch((error: Error) => {
      throw broken(`${file}: ${error.message}`);
    });
  const packed = `worker-${build}.wasm.gz`;
  const [script, wasm] = await Promise.all([own(`worker-${build}.js`, () => {}), own(packed, onBytes)]);
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const connection = connect<Engine>(new Worker(url, { name: 'headlight' }));
  signal.addEventListener('abort', () => connection.end('The run was cancelled.'), { once: true });
  if (signal.aborted) connection.end('The run was cancelled.');
  try {
    await connection.call('start', [wasm.buffer], { move: [wasm.buffer] });
    return connection;
  } catch (error) {
    connection.end('The engine could not be started.');
    throw error instanceof RemoteError && error.kind !== 'EngineError'
      ? error
      : broken(`${packed}: ${(error as Error).message}`);
  } finally {
    // Threads are started from the worker's own url later on, so it has to stay where there are any.
    if (!crossOriginIsolated) URL.revokeObjectURL(url);
  }
}
