/**
 * Bundles test files from TypeScript into .cache/test/, at the same path, so that Node can run them.
 * Each run has a folder of its own there, named for its process: two at a time do not disturb each other.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { isAlive } from './fetch.mjs';
import { root } from './npm.mjs';

export const bundles = join(root, '.cache', 'test');

/** All files under `folder` (relative to the repository) whose names end with `ending`, sorted; [] without a folder. */
export async function findFiles(folder, ending, { deep = true } = {}) {
  const entries = await readdir(join(root, folder), { recursive: deep }).catch(() => []);
  return entries
    .filter((name) => name.endsWith(ending) && !name.includes('node_modules'))
    .map((name) => join(folder, name).split(sep).join('/'))
    .sort();
}

/**
 * @param {string[]} files TypeScript files, relative to the repository
 * @param {{ level: string, host?: boolean }} options `host`: for the extension host, which loads CommonJS
 * @returns {Promise<string[]>} the bundles, in the same order
 */
export async function bundle(files, { level, host = false }) {
  const folder = await freshFolder(level);
  const extension = host ? '.js' : '.mjs';
  await build({
    entryPoints: files,
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: host ? 'cjs' : 'esm',
    packages: 'external',
    external: ['vscode'],
    plugins: host ? [] : [scriptsStayOutside],
    outbase: root,
    outdir: folder,
    outExtension: { '.js': extension },
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return files.map((file) => join(folder, file.replace(/\.ts$/, extension)));
}

/** Makes the folder, and removes those of runs that are no more. */
async function freshFolder(level) {
  await mkdir(bundles, { recursive: true });
  for (const name of await readdir(bundles)) {
    const owner = Number(name.split('.')[1]);
    if (!owner || !isAlive(owner) || name === `${level}.${process.pid}`)
      await rm(join(bundles, name), { recursive: true, force: true });
  }
  return join(bundles, `${level}.${process.pid}`);
}

/** The file that a bundle was made from; with source maps Node names that one by itself. */
export function sourceOf(file) {
  if (!file.startsWith(bundles)) return relative(root, file).split(sep).join('/');
  const [, ...path] = relative(bundles, file).split(sep);
  return path.join('/').replace(/\.m?js$/, '.ts');
}

/** scripts/*.mjs find the repository by their own address, so they are imported from where they are. */
const scriptsStayOutside = {
  name: 'scripts stay outside',
  setup(builder) {
    builder.onResolve({ filter: /\/scripts\/[^/]+\.mjs$/ }, ({ path, resolveDir }) => ({
      path: pathToFileURL(join(resolveDir, path)).href,
      external: true,
    }));
  },
};
