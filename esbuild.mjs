/**
 * Builds everything that ships into dist/. `node esbuild.mjs` once, `--watch` again and again, `--production` small.
 *
 * One source makes both extension entries (Node and browser), and one worker source makes three workers, which
 * differ only in the build of onnxruntime-web behind the name: plain WASM, WebGPU on JSPI, WebGPU on asyncify.
 */
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { argv } from 'node:process';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { context } from 'esbuild';

const production = argv.includes('--production');
const ort = 'node_modules/onnxruntime-web/dist';

const common = {
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  target: 'es2022',
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
};

/** What ships in media/models: for each folder its files, with forward slashes, and their sizes in bytes. */
const shipped = {};
for (const name of await readdir('media/models', { recursive: true })) {
  const found = await stat(join('media/models', name));
  const [model, ...path] = name.split(sep);
  if (found.isFile()) (shipped[model] ??= []).push({ path: path.join('/'), size: found.size });
}

const extension = {
  ...common,
  entryPoints: ['src/extension.ts'],
  format: 'cjs',
  external: ['vscode'],
  define: { HEADLIGHT_SHIPPED: JSON.stringify(shipped) },
};
const page = { ...common, entryPoints: ['webview/main.ts'], format: 'iife', platform: 'browser' };
const worker = (build) => ({
  ...common,
  entryPoints: ['webview/engine/worker.ts'],
  format: 'iife',
  platform: 'browser',
  alias: { 'onnxruntime-web/wasm': `onnxruntime-web/${build}` },
  // An IIFE has no import.meta; ORT reads its url only to find files that the worker is handed as bytes.
  define: { 'import.meta.url': 'self.location.href', HEADLIGHT_WEBGPU: String(build !== 'wasm') },
});

/** Bundle name -> how it is built. */
const bundles = {
  extension: { ...extension, platform: 'node' },
  // Where a file X.browser.ts stands beside X.ts, it takes its place.
  'extension.browser': { ...extension, platform: 'browser', resolveExtensions: ['.browser.ts', '.ts'] },
  page,
  'worker-wasm': worker('wasm'),
  'worker-jspi': worker('jspi'),
  'worker-asyncify': worker('webgpu'),
};

/** Worker name -> the WASM file it instantiates. Packed: a webview gets files by a slow way, and these are 14 MB and more. */
const binaries = {
  'worker-wasm': 'ort-wasm-simd-threaded.wasm',
  'worker-jspi': 'ort-wasm-simd-threaded.jspi.wasm',
  'worker-asyncify': 'ort-wasm-simd-threaded.asyncify.wasm',
};

if (production) await rm('dist', { recursive: true, force: true });
await mkdir('dist/meta', { recursive: true });
for (const [name, file] of Object.entries(binaries))
  await writeFile(`dist/${name}.wasm.gz`, await promisify(gzip)(await readFile(`${ort}/${file}`)));

for (const [name, options] of Object.entries(bundles)) {
  const builder = await context({ ...options, outfile: `dist/${name}.js` });
  if (argv.includes('--watch')) {
    await builder.watch();
    continue;
  }
  const { metafile } = await builder.rebuild();
  await writeFile(`dist/meta/${name}.json`, JSON.stringify(metafile));
  await builder.dispose();
}
