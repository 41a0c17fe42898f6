/** What can be taken away: the attention that stands as a file, figures of it, a row. Answers the host's questions. */
import type { FileOffer, FileWish, TensorWish } from '../src/protocol';
import type { Answers } from './answer';
import { Refusal } from './answer';
import { weightsOf } from './core/attention';
import { lookName } from './core/look';
import type { NamedTensor, OutgoingFile } from './export/file';
import { inChunks } from './export/file';
import { jsonFile } from './export/json';
import { rowText } from './export/row';
import { safetensorsFile } from './export/safetensors';
import { figureFile } from './figures';
import { named } from './label';
import type { Runner } from './runner';
import type { Picture } from './picture';
import type { Scene, State } from './state';
import type { Side } from './sides';
import { standsOn, segmentName } from './segments';
import { kindName, tokensOn, toldSide, weighedSide } from './sides';
import { lookOf, toldToken } from './state';

/** Work on the page's thread that lasts longer than this, in ms, lets others in between. */
const SLICE = 8;

const NOT_YET = 'The numbers of this head have not come yet: try again in a moment.';

/** A file that is fetched chunk by chunk. */
interface Open {
  readonly chunks: AsyncGenerator<Uint8Array<ArrayBuffer>>;
  next: number;
}

export class Takeaway {
  private files = 0;
  private readonly open = new Map<number, Open>();
  readonly answers: Pick<Answers, 'exports' | 'file' | 'chunk' | 'row'> = {
    exports: () => {
      const scene = this.scene();
      const { picture } = scene;
      const tensors = tensorsOf(this.runner.attentionsOf(picture), this.runner);
      const about = aboutOf(picture, '');
      return {
        tensors: tensors.map(({ name, shape }) => ({ name, shape })),
        look: lookText(this.state()),
        safetensors: safetensorsFile(tensors, flat(about)).bytes,
        json: jsonFile(tensors, about).bytes,
      };
    },
    file: async (wish) => this.offer(await this.make(wish)),
    chunk: async ({ file, chunk }) => {
      const open = this.open.get(file);
      if (!open || open.next !== chunk) throw new Error(`file ${file} has no chunk ${chunk} to give`);
      open.next++;
      const { value } = await open.chunks.next();
      if (!value) this.open.delete(file);
      return value ?? null;
    },
    row: ({ format, token }) => {
      const scene = this.scene();
      const { picture, seen } = scene;
      const index = token ?? toldToken(scene) ?? this.last?.token ?? null;
      const { reversed } = this.state().view;
      const told = tokensOn(picture, toldSide(picture, reversed));
      if (index === null || !told[index])
        throw new Refusal('Point at a token first: then its row can be copied.');
      if (!seen) throw new Refusal(NOT_YET);
      const written = (side: Side) =>
        tokensAbout(picture, side).map(({ id: _, special: __, ...rest }) => rest);
      const row = {
        ...{ model: picture.model.name, mask: picture.mask, of: kindName(picture, lookName(seen.look)) },
        token: { index, ...written(toldSide(picture, reversed))[index] },
        direction: reversed ? ('is attended to by' as const) : ('attends to' as const),
        tokens: written(weighedSide(picture, reversed)),
        weights: weightsOf(seen, index, reversed),
      };
      const of = `token ${index}, ${named(told[index])}, in ${lookText(this.state())}`;
      return { text: rowText(row, format), of };
    },
  };
  /** The token that was told last: whoever goes for a menu takes the pointer off it. */
  private last: { readonly id: number; readonly token: number } | null = null;

  constructor(
    private readonly state: () => State,
    private readonly runner: Runner,
  ) {}

  /** The state has changed. */
  notice({ scene }: State): void {
    if (!scene) return;
    const { id } = scene.picture.subject;
    const told = toldToken(scene);
    // What was told of another text is told no more.
    const token = told ?? (this.last?.id === id ? this.last.token : null);
    if (token === (this.last?.token ?? null) && id === this.last?.id) return;
    this.last = token === null ? null : { id, token };
    // VS Code hands this to what is chosen from a menu: by then the pointer may be on another token.
    document.body.dataset.vscodeContext = JSON.stringify(token === null ? {} : { token });
  }

  abandon(file: number): void {
    void this.open.get(file)?.chunks.return(null);
    this.open.delete(file);
  }

  private scene(): Scene {
    const { scene } = this.state();
    if (!scene) throw new Refusal('There is nothing to export yet: run Show Attention first.');
    return scene;
  }

  private async make(wish: FileWish): Promise<OutgoingFile> {
    const scene = this.scene();
    if (isTensor(wish)) return this.tensorFile(scene.picture, wish);
    const bytes = await figureFile(scene, this.state().view, wish);
    if (!bytes) throw new Refusal(NOT_YET);
    return {
      ...{ bytes: bytes.length, exact: true },
      async *pieces() {
        yield bytes;
      },
    };
  }

  private async tensorFile(picture: Picture, { format, version }: TensorWish): Promise<OutgoingFile> {
    const tensors = tensorsOf(this.runner.attentionsOf(picture), this.runner);
    const about = { ...aboutOf(picture, version), ...(await fingerprint(picture)) };
    return format === 'json' ? jsonFile(tensors, about) : safetensorsFile(tensors, flat(about));
  }

  private offer({ bytes, exact, pieces }: OutgoingFile): FileOffer {
    const file = ++this.files;
    this.open.set(file, { chunks: inChunks(inSlices(pieces())), next: 0 });
    return { file, bytes, exact };
  }
}

const isTensor = (wish: FileWish): wish is TensorWish =>
  wish.format === 'safetensors' || wish.format === 'json';

function lookText({ view, scene }: State): string {
  const look = scene!.seen?.look ?? lookOf(view, scene!);
  return kindName(scene!.picture, `${look.kind === 'head' ? 'head ' : ''}${lookName(look)}`);
}

/** Every weight of all attentions of a pass, head by head as asked for, so that no more than one is in the page. */
function tensorsOf(pictures: readonly Picture[], runner: Runner): readonly NamedTensor[] {
  return pictures.map((picture) => {
    const { layers, heads, queries, keys } = picture.overview;
    return {
      name: picture.kind === 'self' ? 'attention' : picture.kind,
      shape: [layers, heads, queries, keys],
      async *blocks() {
        for (let layer = 0; layer < layers; layer++)
          for (let head = 0; head < heads; head++) {
            const { weights } = await runner.take(picture, { kind: 'head', head: { layer, head } });
            yield weights;
          }
      },
    };
  });
}

/** Of what was read: the part of the text, or the image's file. */
async function fingerprint(picture: Picture): Promise<Record<string, string>> {
  const { subject, second, covered, secondCovered } = picture;
  if (subject.image) return { image_sha256: await sha256(new Uint8Array(subject.image.bytes)) };
  const of = (text: string, length: number) => sha256(new TextEncoder().encode(text.slice(0, length)));
  return {
    text_sha256: await of(subject.text, covered),
    ...(second && { second_sha256: await of(second.text, secondCovered) }),
  };
}

/**
 * What the numbers are of. Spans are offsets in the document, those of target tokens and of a second text that was typed
 * in their own text, in UTF-16 units.
 */
function aboutOf(picture: Picture, version: string) {
  const { model, mask, second, target } = picture;
  return {
    headlight: version,
    model: model.name,
    revision: model.revision ?? '',
    mask,
    ...(picture.sight ? { image_sha256: '0'.repeat(64) } : { text_sha256: '0'.repeat(64) }),
    ...(second && { second_sha256: '0'.repeat(64) }),
    tokens: tokensAbout(picture, 'source'),
    ...(second && { second_text: second.offset === null ? 'typed' : 'selected' }),
    ...(target && { target_tokens: tokensAbout(picture, 'target') }),
  };
}

function tokensAbout(picture: Picture, side: Side) {
  const stands = standsOn(picture, side);
  const pair = side === 'source' && picture.second !== null;
  return tokensOn(picture, side).map((token, i) => ({
    id: token.id,
    text: token.text,
    // In the image, from the top left, from 0; or in the document.
    ...(token.patch ?? { start: stands[i].start, end: stands[i].end }),
    special: token.special,
    ...(pair && { segment: segmentName(token), type: token.type }),
  }));
}

/** For a format whose metadata is text only: what is not text is told as JSON. */
function flat(about: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(about).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The same pieces; between two of them the page can draw and answer. */
async function* inSlices(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let last = performance.now();
  for await (const piece of pieces) {
    yield piece;
    if (performance.now() - last < SLICE) continue;
    await turn();
    last = performance.now();
  }
}

/** Lets everything that waits go first. A timer would wait for milliseconds on top. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
