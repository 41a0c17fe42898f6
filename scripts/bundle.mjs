/** Bundles test files from TypeScript into .cache/test/, at the same path, so that Node can run them. */
import { readdir, rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
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
  await rm(join(bundles, level), { recursive: true, force: true });
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
    outdir: join(bundles, level),
    outExtension: { '.js': extension },
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return files.map((file) => join(bundles, level, file.replace(/\.ts$/, extension)));
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
