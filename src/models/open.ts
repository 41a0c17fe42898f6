/** "Open Model...": asks which model, from a disk or from the hub, and takes it into the library. */
import * as vscode from 'vscode';
import { nameOf } from '../names';
import { Refusal, sentences } from '../sentences';
import { curated, type Curated } from './curated';
import { describe, type Found, findModels } from './folder';
import { snapshotAt } from './hub/cache';
import { HubError } from './hub/error';
import { isModelId, isRevision, type Listing } from './hub/listing';
import type { ModelFile } from '../protocol';
import { graphPaths, isPart, looseWeights, type Variant, variantsOf } from './layout';
import type { Library } from './library';
import type { Model } from './model';
import type { Remote } from './remote';
import { sizeOf } from './size';

/** What was opened, and what to look at it with, if there is something. */
export interface Opened {
  readonly model: Model;
  readonly sentence: Curated['sentence'] | null;
}

interface Way extends vscode.QuickPickItem {
  readonly way: 'folder' | 'file' | 'hub' | Curated;
}

export class OpenModel {
  constructor(
    private readonly library: Library,
    private readonly remote: Remote,
  ) {}

  /** @returns undefined where none was chosen. @throws Refusal where it is none, or cannot be had */
  async run(chosen?: vscode.Uri): Promise<Opened | undefined> {
    const opened = chosen ? await this.fromDisk(chosen) : await this.ask();
    if (opened) await this.library.add(opened.model);
    return opened;
  }

  private async ask(): Promise<Opened | undefined> {
    const { ways } = sentences;
    const items: (Way | vscode.QuickPickItem)[] = [
      { label: `$(folder-opened) ${ways.folder}`, detail: ways.folderDetail, way: 'folder' },
      { label: `$(file-binary) ${ways.file}`, detail: ways.fileDetail, way: 'file' },
      {
        label: `$(cloud-download) ${ways.hub}`,
        detail: this.remote.keeps ? ways.hubDetail : sentences.hub.nowhere,
        way: 'hub',
      },
      { label: ways.curated, kind: vscode.QuickPickItemKind.Separator },
      ...(this.remote.keeps ? curated : []).map((way) => ({
        label: way.id,
        description: way.tried ? ways.tried : ways.notTried(way.kind),
        detail: way.good,
        way,
      })),
    ];
    const options = { title: 'Open Model', placeHolder: ways.ask, matchOnDetail: true };
    const picked = (await vscode.window.showQuickPick(items, options)) as Way | undefined;
    if (!picked) return undefined;
    const { way } = picked;
    if (way === 'hub' && !this.remote.keeps) throw new Refusal(sentences.hub.nowhere);
    if (typeof way === 'object') return this.fromHub(way.id, 'main', way.sentence);
    if (way === 'hub') return this.askForId();
    const place = await askForPlace(way);
    return place && this.fromDisk(place);
  }

  private async fromDisk(place: vscode.Uri): Promise<Opened | undefined> {
    const found = await findModels(place);
    // A snapshot of the hub is known by its model, not by its folder, which is named by the commit.
    const { id: name = nameOf(found.root), commit: revision = null } = snapshotAt(found.root.path) ?? {};
    const variant = await choose(found.variants, name, 'name');
    return variant && { model: describe(found, variant, { name, revision }), sentence: null };
  }

  private async askForId(): Promise<Opened | undefined> {
    const typed = await vscode.window.showInputBox({
      title: 'Open Model',
      prompt: sentences.hub.askForId,
      placeHolder: 'Xenova/gpt2',
      ...stays,
      validateInput: (text) => (parse(text) || text === '' ? undefined : sentences.hub.noId),
    });
    const wanted = typed && parse(typed);
    return wanted ? this.fromHub(wanted.id, wanted.revision, null) : undefined;
  }

  /** @param named the revision that was asked for; null to be asked, where there are several */
  private async fromHub(
    id: string,
    named: string | null,
    sentence: Opened['sentence'],
  ): Promise<Opened | undefined> {
    let revision = named ?? 'main';
    let listing: Listing;
    try {
      listing = await this.remote.list(id, revision);
    } catch (refusal) {
      // Without the hub, what came earlier does as well.
      const folder = isAway(refusal) ? await this.remote.cached(id, revision) : null;
      if (!folder) throw refusal;
      return this.fromCache(await findModels(folder), id, sentence);
    }
    if (named === null) {
      const chosen = await chooseRevision(id, await this.remote.revisions(id));
      if (!chosen) return undefined;
      if (chosen !== revision) listing = await this.remote.list(id, (revision = chosen));
    }
    const variants = variantsOf(listing.files).map((variant) => withLoose(variant, listing.files));
    if (variants.length === 0) throw new Refusal(sentences.hub.noModel(id));
    const variant = await choose(variants, `${id}, ${revision}`, 'ask');
    if (!variant) return undefined;
    const wanted = new Set(variant.files.map(({ path }) => path));
    const files = listing.files.filter(({ path }) => isPart(path) || wanted.has(path));
    const found = await findModels(await this.remote.fetch(listing, files));
    const fetched = found.variants.find(
      ({ graphs }) => graphPaths(graphs)[0] === graphPaths(variant.graphs)[0],
    );
    if (!fetched) throw new Refusal(sentences.noGraph(id));
    return { model: describe(found, fetched, { name: id, revision: listing.commit }), sentence };
  }

  private async fromCache(
    found: Found,
    id: string,
    sentence: Opened['sentence'],
  ): Promise<Opened | undefined> {
    const variant = await choose(found.variants, sentences.hub.offline(id), 'name');
    return (
      variant && { model: describe(found, variant, { name: id, revision: nameOf(found.root) }), sentence }
    );
  }
}

/** A variant of the hub, with what may be weights of it under names of their own: once downloaded, it is read. */
function withLoose(variant: Variant, files: readonly ModelFile[]): Variant {
  const loose = looseWeights(variant, files);
  const bytes = loose.reduce((sum, { size }) => sum + size, variant.bytes);
  return { ...variant, files: [...variant.files, ...loose], bytes };
}

/** A picture that comes meanwhile, or a click elsewhere, does not throw away the way here, which may have asked the hub. */
const stays = { ignoreFocusOut: true };

async function chooseRevision(id: string, revisions: readonly string[]): Promise<string | undefined> {
  if (revisions.length === 1) return revisions[0];
  return vscode.window.showQuickPick(revisions, {
    title: id,
    placeHolder: sentences.hub.chooseRevision,
    ...stays,
  });
}

/** Whether the hub could not answer; a no is an answer. */
const isAway = (refusal: unknown): boolean => {
  const { cause } = refusal as Refusal;
  return cause instanceof HubError && /^(network|server|busy|not a hub)$/.test(cause.problem);
};

/** A hub id, with a revision behind an @ if it is not the main branch; also the address of a model's page. */
function parse(text: string): { id: string; revision: string | null } | null {
  const [id = '', revision = null] = text
    .trim()
    .replace(/^https:\/\/[^/]+\//, '')
    .split('@');
  return isModelId(id) && (revision === null || isRevision(revision)) ? { id, revision } : null;
}

async function askForPlace(way: 'folder' | 'file'): Promise<vscode.Uri | undefined> {
  // A dialog of most systems finds files or folders, not both.
  const kind =
    way === 'folder'
      ? { canSelectFolders: true, canSelectFiles: false }
      : { canSelectFiles: true, filters: { ONNX: ['onnx'] } };
  const places = await vscode.window.showOpenDialog({
    title: 'Open Model',
    openLabel: 'Open Model',
    ...kind,
  });
  return places?.[0];
}

/** The one there is, or the one that is picked. `ask`: also one alone is shown with its size before it is taken. */
async function choose(
  variants: readonly Variant[],
  title: string,
  one: 'name' | 'ask',
): Promise<Variant | undefined> {
  if (variants.length === 1 && one === 'name') return variants[0];
  const items = variants.map((variant) => ({
    label: graphPaths(variant.graphs).join(' + '),
    description: sizeOf(variant.bytes),
    variant,
  }));
  const placeHolder = one === 'ask' ? sentences.hub.chooseVariant : sentences.chooseVariant;
  return (await vscode.window.showQuickPick(items, { title, placeHolder, ...stays }))?.variant;
}
