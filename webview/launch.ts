/** Starts a worker and opens a model in it. */
import type { ModelFolder } from '../src/protocol';
import { openBytes, runBytes } from './core/cost';
import { statedDimensions } from './core/stated';
import type { Engine, GraphPart, Medium, ModelInfo } from './engine/engine';
import type { Connection } from './engine/rpc';
import { RemoteError } from './engine/rpc';
import type { Build } from './engine/start';
import { startEngine } from './engine/start';
import { FolderReader } from './folder';

/** Which model, to read what, in which build of the worker. */
export interface Place {
  readonly folder: ModelFolder;
  readonly reads: Medium;
  readonly build: Build;
}

/** A worker with a model in it. */
export interface Opened {
  readonly place: Place;
  readonly engine: Connection<Engine>;
  readonly info: ModelInfo;
  /** The last run, from which the next is estimated; null before the first. */
  last: { readonly tokens: number; readonly ms: number } | null;
  /** Tokens of the text that was run last, all of it or the rest. */
  tokens: number;
}

export const samePlace = (a: Place, b: Place): boolean =>
  a.build === b.build && a.reads === b.reads && a.folder.id === b.folder.id;

/** A session of a large model is made no faster than so many bytes of it a ms. */
const SLOWEST_OPENING = 5e3;

/** In ms: making a session that takes longer is given up. */
export const openingDeadline = ({ bytes }: ModelFolder): number => 120_000 + bytes / SLOWEST_OPENING;

/** So many tokens have to fit for a model to be of use; of a longer text it reads as much as fits, and no more than it can. */
const ENOUGH = 512;

/**
 * @param tokens about how many the text has that the first run reads
 * @throws RemoteError when the model would take more memory than it may, when a file cannot be had or the model cannot be
 * opened, and when `signal` ends it
 */
export async function launch(
  base: string,
  place: Place,
  tokens: number,
  signal: AbortSignal,
  progress: (stage: string) => void,
): Promise<Opened> {
  const { folder, reads, build } = place;
  const onBytes = (what: string) => (loaded: number, total: number | null) => {
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
    progress(`Loading ${what}: ${megabytes(loaded)}${total ? ` of ${megabytes(total)}` : ''} MB`);
  };
  const reader = new FolderReader(folder, signal, onBytes(folder.name));
  assertFits(folder, null, 0);
  const fetching = Promise.all([
    reader.json('config.json').then((config) => {
      assertFits(folder, config, tokens);
      return config;
    }),
    reader.json('tokenizer.json'),
    reader.json('tokenizer_config.json'),
    reader.json('preprocessor_config.json'),
    reader.bytes(reader.graph),
    reader.decoder === null ? null : reader.bytes(reader.decoder),
  ]);
  fetching.catch(() => {}); // awaited below; the engine may fail first
  const engine = await startEngine(base, build, signal, onBytes('the engine'));
  try {
    const [config, tokenizer, tokenizerConfig, preprocessor, graph, decoder] = await fetching;
    const give = async (part: GraphPart, path: string, bytes: Uint8Array<ArrayBuffer>) =>
      reader.weights(path, await engine.call('graph', [part, bytes], { move: [bytes.buffer] }));
    const weights = await give('model', reader.graph, graph);
    const decoderWeights = decoder ? await give('decoder', reader.decoder!, decoder) : [];
    progress(`Opening ${folder.name}`);
    const room = folder.memoryLimit - openBytes(folder.bytes);
    const files = { config, tokenizer, tokenizerConfig, preprocessor, weights, decoderWeights, room };
    const info = await engine.call('open', [files, reads], {
      move: [...weights, ...decoderWeights].map(({ data }) => data.buffer),
      deadline: openingDeadline(folder),
    });
    return { place, engine, info, last: null, tokens: 0 };
  } catch (error) {
    engine.end('The model could not be opened.');
    throw error;
  }
}

/** Refuses what its files and its own config say is too large, before any of it is fetched. */
function assertFits({ name, bytes, memoryLimit }: ModelFolder, config: string | null, tokens: number): void {
  let stated: unknown = null;
  try {
    stated = config && JSON.parse(config);
  } catch {
    // The engine reads it too, and says what is wrong with it.
  }
  const dimensions = statedDimensions(stated);
  const needed = openBytes(bytes) + (dimensions ? runBytes(dimensions, Math.min(tokens, ENOUGH)) : 0);
  if (needed > memoryLimit) throw tooLarge(`The model ${name}`, needed, memoryLimit);
}

export function tooLarge(what: string, needed: number, limit: number): RemoteError {
  const size = (bytes: number) =>
    bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
  return new RemoteError(
    'TooLarge',
    `${what} would take about ${size(needed)} of memory, and may take ${size(limit)}: see the setting "headlight.memoryLimit".`,
  );
}
