/**
 * Writes dist/THIRD_PARTY_NOTICES.txt: the licence of every package that is in a file that ships.
 * What is in them is read from esbuild's metafiles, so a new dependency cannot be forgotten.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './npm.mjs';

/** Licences that Headlight may ship code under, all of which ask for no more than a notice. */
const known = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
];

/** Packages that ship without the text of their licence: what their files say of it. */
const withoutText = {
  'onnxruntime-web': {
    licence: 'MIT',
    copyright: 'Copyright (c) Microsoft Corporation. All rights reserved.',
    remark:
      'Its WebAssembly files are compiled from ONNX Runtime and the libraries it contains; their notices are in\n' +
      'ThirdPartyNotices.txt of github.com/microsoft/onnxruntime, at the version named above.',
  },
};
withoutText['onnxruntime-common'] = { ...withoutText['onnxruntime-web'], remark: undefined };

/** @returns {Promise<string[]>} the packages in the notices; throws a sentence on a licence that is not known */
export async function writeNotices() {
  const folders = await shippedPackages();
  const notices = [];
  const problems = [];
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
    if (!known.includes(license)) problems.push(`${name}@${version} has the licence ${license ?? '(none)'}`);
    const text = await licenceText(folder, name, license);
    if (!text) problems.push(`${name}@${version} carries no text of its licence`);
    notices.push({ title: `${name} ${version} (${license})`, text });
  }
  if (problems.length)
    throw new Error(`A licence is not known to scripts/notices.mjs:\n${problems.join('\n')}`);
  const rule = '-'.repeat(80);
  const parts = notices.map(({ title, text }) => `${rule}\n${title}\n${rule}\n\n${text.trim()}\n`);
  const head = 'Headlight contains the following software of others.\n';
  await writeFile(join(root, 'dist', 'THIRD_PARTY_NOTICES.txt'), [head, ...parts].join('\n'));
  return notices.map(({ title }) => title);
}

/** The folders of all packages with bytes in a bundle, and of the one whose WASM files are copied. */
async function shippedPackages() {
  const meta = join(root, 'dist', 'meta');
  const folders = new Set(['node_modules/onnxruntime-web']);
  for (const name of await readdir(meta)) {
    const { outputs } = JSON.parse(await readFile(join(meta, name), 'utf8'));
    for (const { inputs } of Object.values(outputs))
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        // The last node_modules in a path is the package that the file belongs to.
        const folder = /^(?:.*:)?(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
        if (folder && bytesInOutput > 0) folders.add(folder);
      }
  }
  return [...folders].sort();
}

async function licenceText(folder, name, license) {
  const files = (await readdir(join(root, folder))).filter((file) =>
    /^(licen[cs]e|copying|notice)/i.test(file),
  );
  const texts = await Promise.all(files.sort().map((file) => readFile(join(root, folder, file), 'utf8')));
  if (texts.length) return texts.join('\n\n');
  const stated = withoutText[name];
  if (stated?.licence !== license) return undefined;
  return [stated.copyright, mit, stated.remark].filter(Boolean).join('\n\n');
}

const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
