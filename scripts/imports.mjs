/** The rules of the house on who may import whom, read off the import lines. */
import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { findFiles } from './bundle.mjs';
import { root } from './npm.mjs';

const isNode = (name) => name.startsWith('node:') || builtinModules.includes(name);
const isPackage = (name) => !/^\.{0,2}\//.test(name);
const packageIs = (name, ...packages) => packages.some((one) => name === one || name.startsWith(`${one}/`));
const under = (path, ...folders) => folders.some((folder) => path.startsWith(`${folder}/`));

/** Each rule: its sentence, and whether an import of `target` (a path or a package's name) by `file` breaks it. */
const rules = {
  'webview/core imports nothing from outside itself': (file, target) =>
    under(file, 'webview/core') && !under(target, 'webview/core'),
  'webview/onnx imports webview/core at most': (file, target) =>
    under(file, 'webview/onnx') && !under(target, 'webview/onnx', 'webview/core'),
  'webview/render imports webview/core at most': (file, target) =>
    under(file, 'webview/render') && !under(target, 'webview/render', 'webview/core'),
  'webview/export imports webview/core at most': (file, target) =>
    under(file, 'webview/export') && !under(target, 'webview/export', 'webview/core'),
  'webview/engine imports webview/core, webview/onnx and packages at most': (file, target) =>
    under(file, 'webview/engine') &&
    !isPackage(target) &&
    !under(target, 'webview/engine', 'webview/core', 'webview/onnx'),
  'onnxruntime-web and tokenizers are imported by webview/engine only': (file, target) =>
    packageIs(target, 'onnxruntime-web', '@huggingface/tokenizers') && !under(file, 'webview/engine'),
  'the page takes nothing from src but protocol.ts': (file, target) =>
    under(file, 'webview') && under(target, 'src') && target !== 'src/protocol.ts',
  'the host takes nothing from the page': (file, target) => under(file, 'src') && under(target, 'webview'),
  'src/protocol.ts imports nothing': (file) => file === 'src/protocol.ts',
  'vscode is imported by src only': (file, target) => target === 'vscode' && !under(file, 'src'),
  'Node modules are imported by src/models only': (file, target) =>
    isNode(target) && !under(file, 'src/models'),
};

/**
 * @returns {Promise<Record<string, string[]>>} for each rule the import lines that break it
 */
export async function brokenRules() {
  const broken = Object.fromEntries(Object.keys(rules).map((rule) => [rule, []]));
  const files = [...(await findFiles('src', '.ts')), ...(await findFiles('webview', '.ts'))];
  for (const file of files) {
    for (const name of imports(await readFile(posix.join(root, file), 'utf8'))) {
      const target = isPackage(name)
        ? name
        : posix.join(posix.dirname(file), name).replace(/(\.js|\.ts)?$/, '.ts');
      for (const [rule, breaks] of Object.entries(rules))
        if (breaks(file, target)) broken[rule].push(`${file} imports ${name}`);
    }
  }
  const misnamed = files.filter((file) => /\/(utils?|common|helpers?)[/.]/.test(file));
  return { ...broken, 'a file is named for its subject, never utils, common or helpers': misnamed };
}

/** The names in `import ... from 'x'`, `export ... from 'x'`, `import 'x'` and `import('x')`. */
function imports(text) {
  const lines = /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]/gm;
  const calls = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;
  return [...text.matchAll(lines), ...text.matchAll(calls)].map(([, first, second]) => first ?? second);
}
