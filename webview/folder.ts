/** Reads the files of a model's folder: only those that the host listed, whatever the model asks for. */
import type { ModelFolder } from '../src/protocol';
import { fetchBytes } from './engine/fetch';
import { RemoteError } from './engine/rpc';

/** Told as the files of a model come: bytes so far, and of how many. */
export type OnBytes = (loaded: number, total: number) => void;

export class FolderReader {
  /** The graph that is run: of an encoder-decoder, the encoder. */
  readonly graph: string;
  /** The other half of an encoder-decoder. */
  readonly decoder: string | null;
  private readonly sizes: ReadonlyMap<string, number>;
  private loaded = 0;
  private total = 0;

  constructor(
    private readonly folder: ModelFolder,
    private readonly signal: AbortSignal,
    private readonly onBytes: OnBytes,
  ) {
    const { graphs } = folder;
    this.graph = 'model' in graphs ? graphs.model : graphs.encoder;
    this.decoder = 'model' in graphs ? null : graphs.decoder;
    this.sizes = new Map(folder.files.map(({ path, size }) => [path, size]));
  }

  /** A file of JSON, as text; an empty object where the folder has none. */
  async json(path: string): Promise<string> {
    if (!this.sizes.has(path)) return '{}';
    return new TextDecoder().decode(await this.bytes(path));
  }

  /** @throws RemoteError naming the file that cannot be had */
  async bytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
    const size = this.sizes.get(path);
    if (size === undefined) throw this.missing(path, 'it is not in the folder');
    this.total += size;
    let counted = 0;
    const progress = (loaded: number) => {
      this.loaded += loaded - counted;
      counted = loaded;
      this.onBytes(this.loaded, this.total);
    };
    const url = `${this.folder.base}/${path.split('/').map(encodeURIComponent).join('/')}`;
    try {
      return await fetchBytes(url, this.signal, progress, size);
    } catch (error) {
      throw this.missing(path, (error as Error).message);
    }
  }

  /** Files that a graph names as places of its weights, which must lie in the folder with it. */
  weights(
    graph: string,
    names: readonly string[],
  ): Promise<{ path: string; data: Uint8Array<ArrayBuffer> }[]> {
    const folder = graph.slice(0, graph.lastIndexOf('/') + 1);
    const places = names.map((name) => {
      const steps = name.split('/').filter((step) => step !== '.');
      if (/[\\:\0]/.test(name) || steps.some((step) => step === '..' || step === ''))
        throw new RemoteError(
          'Missing',
          `The model ${this.folder.name} keeps weights outside its folder, where nothing is read.`,
          name,
        );
      return folder + steps.join('/');
    });
    return Promise.all(names.map(async (path, i) => ({ path, data: await this.bytes(places[i]) })));
  }

  private missing(path: string, why: string): RemoteError {
    const sentence = `The model ${this.folder.name} cannot be opened: ${path} cannot be read.`;
    return new RemoteError('Missing', sentence, `${path}: ${why}`);
  }
}
