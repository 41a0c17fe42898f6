/** Reads a model folder on any file system of VS Code. Nothing outside it is read, wherever its links point. */
import * as vscode from 'vscode';
import { nameOf } from '../names';
import type { ModelFile } from '../protocol';
import { Refusal, sentences } from '../sentences';
import {
  folderOf,
  graphPaths,
  isGraph,
  isPart,
  mostBytes,
  readers,
  variantName,
  variantOf,
  variantsOf,
  type Variant,
} from './layout';
import type { Model } from './model';
import { disk } from './node/disk';

const { FileType } = vscode;

/** A folder with more folders at its top than this is something else; further in, no more than so many are looked into. */
const mostFolders = 64;
/** How far in a graph may lie, and its tokenizer further out: "onnx/fp16/model.onnx". */
const deepest = 3;
/** Old exports keep every weight in a file of its own. */
const mostFiles = 4096;

/** A folder that holds models. */
export interface Found {
  readonly root: vscode.Uri;
  /** What of it may be read. */
  readonly files: readonly ModelFile[];
  readonly variants: readonly Variant[];
}

/**
 * The models in a folder, or the one in a .onnx file. What it reads with may lie beside it or, as Hugging Face has it, one
 * folder further out, or two.
 * @throws Refusal where there is no model, nothing to read text or images with, or a link that leaves the folder
 */
export async function findModels(chosen: vscode.Uri): Promise<Found> {
  const start = isGraph(chosen.path) ? vscode.Uri.joinPath(chosen, '..') : chosen;
  const root = (await withReader(start)) ?? start;
  const wanted = chosen.path.slice(root.path.replace(/\/$/, '').length + 1);

  const files = await readable(root);
  const has = (wanted: string) => files.some(({ path }) => path === wanted);
  const isWanted = (path: string) => wanted === '' || path === wanted || path.startsWith(`${wanted}/`);
  let variants = variantsOf(files).filter(({ graphs }) => graphPaths(graphs).some(isWanted));
  // Who names a file means it, also one that is passed over in a folder.
  if (variants.length === 0 && has(wanted)) variants = [variantOf({ model: wanted }, files)];
  if (variants.length === 0) throw new Refusal(sentences.noGraph(nameOf(chosen)));
  if (!readers.some(has)) throw new Refusal(sentences.noTokenizer(nameOf(root)));
  return { root, files, variants };
}

/** A variant of a folder, as the page is told of it. `name`: what people call the folder, if not its own name. */
export function describe(
  { root, files }: Found,
  { graphs, bytes }: Variant,
  { name = nameOf(root), revision = null as string | null } = {},
): Model {
  const paths = graphPaths(graphs);
  const own = variantName(graphs);
  return {
    id: `${root.toString()}#${paths[0]}`,
    name: own ? `${name} (${own})` : name,
    folder: root,
    revision,
    files: files.filter(({ path }) =>
      isGraph(path) ? paths.includes(path) : isPart(path) || folderOf(path) === folderOf(paths[0]!),
    ),
    graphs,
    bytes,
  };
}

/** The files that can be of use, with their sizes. */
async function readable(root: vscode.Uri): Promise<ModelFile[]> {
  const listed: string[][] = [];
  let level = [''];
  let left = mostFolders;
  for (let depth = 0; depth < deepest && level.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      const inside = await entries(vscode.Uri.joinPath(root, folder));
      listed.push(inside.map(([name]) => folder + name));
      for (const [name, type] of inside)
        if (type & FileType.Directory && !name.startsWith('.')) next.push(`${folder}${name}/`);
    }
    if (depth === 0 && next.length > mostFolders) throw new Refusal(sentences.noGraph(nameOf(root)));
    level = next.slice(0, left);
    left -= level.length;
  }
  // Weights lie beside their graph, so a folder without one holds nothing of use.
  const paths = listed.flatMap((names) => (names.some(isGraph) ? names : names.filter(isPart)));
  if (paths.length > mostFiles) throw new Refusal(sentences.tooManyFiles(nameOf(root)));
  const contains = await containment(root);
  const files = await Promise.all(
    paths.map(async (path): Promise<ModelFile | null> => {
      const uri = vscode.Uri.joinPath(root, path);
      const stat = await vscode.workspace.fs.stat(uri).then(
        (found) => found,
        () => null, // a link that leads nowhere
      );
      if (!stat || !(stat.type & FileType.File)) return null;
      if (!(await contains(uri, stat))) {
        if (isGraph(path) || isPart(path)) throw new Refusal(sentences.linkLeaves(path));
        return null;
      }
      if (isPart(path) && stat.size > mostBytes(path)) throw new Refusal(sentences.partTooLarge(path));
      return { path, size: stat.size };
    }),
  );
  return files.filter((file) => file !== null);
}

/** The nearest folder that has a tokenizer, from this one outwards; null where none has. */
async function withReader(folder: vscode.Uri): Promise<vscode.Uri | null> {
  for (let depth = 0, at = folder; depth < deepest; depth++, at = vscode.Uri.joinPath(at, '..'))
    for (const name of readers) if (await exists(vscode.Uri.joinPath(at, name))) return at;
  return null;
}

async function entries(folder: vscode.Uri): Promise<[string, vscode.FileType][]> {
  try {
    return await vscode.workspace.fs.readDirectory(folder);
  } catch (cause) {
    throw new Refusal(sentences.noFolder(nameOf(folder)), { cause });
  }
}

/**
 * Whether a file lies in the folder once all links are followed. In a cache of the hub the files of a snapshot are links
 * to the blobs of the same model, so there the model's whole folder counts.
 */
async function containment(root: vscode.Uri) {
  const own = root.scheme === 'file' ? disk : null;
  // Where no link can be followed, none is.
  if (!own) return (_: vscode.Uri, { type }: vscode.FileStat) => !(type & FileType.SymbolicLink);
  const real = await own.realPath(root.fsPath);
  const [cached] = /^.*[\\/]models--[^\\/]+(?=[\\/]snapshots[\\/][^\\/]+$)/.exec(real) ?? [real];
  return async (file: vscode.Uri) => {
    const path = await own.realPath(file.fsPath);
    return /^[\\/]/.test(path.slice(cached.length)) && path.startsWith(cached);
  };
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}
