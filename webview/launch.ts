/** Starts a worker and opens a model in it. */
import type { ModelFolder } from '../src/protocol';
import type { Engine, ModelInfo } from './engine/engine';
import type { Connection } from './engine/rpc';
import type { Build } from './engine/start';
import { fetchModel, startEngine } from './engine/start';

/** Which model, in which build of the worker. */
export interface Place {
  readonly folder: ModelFolder;
  readonly build: Build;
}

/** A worker with a model in it. */
export interface Opened {
  readonly place: Place;
  readonly engine: Connection<Engine>;
  readonly info: ModelInfo;
  /** The last run, from which the next is estimated; null before the first. */
  last: { readonly tokens: number; readonly ms: number } | null;
}

export const samePlace = (a: Place, b: Place): boolean =>
  a.build === b.build && a.folder.base === b.folder.base;

/** @throws RemoteError when a file cannot be had or the model cannot be opened, and when `signal` ends it */
export async function launch(
  base: string,
  place: Place,
  signal: AbortSignal,
  progress: (stage: string) => void,
): Promise<Opened> {
  const { folder, build } = place;
  const onBytes = (what: string, loaded: number, total: number | null) => {
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
    progress(`Loading ${what}: ${megabytes(loaded)}${total ? ` of ${megabytes(total)}` : ''} MB`);
  };
  const fetching = fetchModel(folder.base, folder.name, signal, onBytes);
  fetching.catch(() => {}); // awaited below; the engine may fail first
  const engine = await startEngine(base, build, signal, onBytes);
  try {
    const files = await fetching;
    progress(`Opening ${folder.name}`);
    const info = await engine.call('open', [files], { move: [files.graph.buffer] });
    return { place, engine, info, last: null };
  } catch (error) {
    engine.end('The model could not be opened.');
    throw error;
  }
}
