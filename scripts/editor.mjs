/** Starts the real VS Code that fetch.mjs brings, as a server on this machine that a browser opens. */
import { spawn } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchEditor, isAlive } from './fetch.mjs';
import { root } from './npm.mjs';

export { fetchEditor };

/** What every editor started here has: no welcome page, no assistant, no experiment, no call to any network. */
const quietSettings = {
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'window.commandCenter': false,
  'window.title': '${activeEditorShort}${separator}${rootName}',
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/** Servers of this process that still run: they are ended with it, however it ends. */
const running = new Set();
process.on('exit', () => running.forEach(kill));

let folders = 0;

/**
 * @param {object} options
 * @param {string} [options.dataDir] settings, extensions and logs; without it a fresh folder, removed at the end
 * @param {string[]} [options.extensions] .vsix files to install before the start
 * @param {Record<string, unknown>} [options.settings] user settings, over the quiet ones
 * @param {number} [options.port] 0, the default, takes a free one
 * @param {Record<string, string>} [options.env] for the server, and so for the extension host
 * @param {string} [options.preload] a CommonJS file that the server loads before anything else
 */
export async function startEditor({
  dataDir,
  extensions = [],
  settings = {},
  port = 0,
  env = {},
  preload,
} = {}) {
  const program = await fetchEditor();
  const data = dataDir ?? (await freshFolder());
  const user = join(data, 'data', 'User');
  await mkdir(user, { recursive: true });
  await writeFile(join(user, 'settings.json'), JSON.stringify({ ...quietSettings, ...settings }, null, 2));

  const serve = (args) => {
    const child = spawn(
      program.node,
      [...(preload ? ['--require', preload] : []), program.main, '--server-data-dir', data, ...args],
      {
        env: { ...environment(), ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: process.platform !== 'win32',
      },
    );
    running.add(child);
    child.once('exit', () => running.delete(child));
    return child;
  };
  const installExtension = async (file) => {
    const child = serve(['--install-extension', file, '--force', '--accept-server-license-terms']);
    const log = collect(child);
    const code = await ended(child, 120_000);
    if (code !== 0) throw new Error(`VS Code did not install ${file}.\n${log()}`);
  };
  for (const file of extensions) await installExtension(file);

  const child = serve([
    ...['--host', '127.0.0.1', '--port', String(port), '--without-connection-token'],
    ...['--accept-server-license-terms', '--disable-workspace-trust', '--telemetry-level', 'off'],
    // Browser and server share the machine: to press 26 MB of a page for the way takes far longer than the way.
    '--disable-websocket-compression',
    // Without this the server ignores an extension under development and extension tests in a URL.
    '--enable-smoke-test-driver',
  ]);
  const log = collect(child);
  const taken = await listening(child, log, port);
  const stop = async () => {
    kill(child);
    await ended(child, 5_000).catch(() => child.kill('SIGKILL'));
    if (!dataDir) await rm(data, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
  return {
    url: `http://127.0.0.1:${taken}/`,
    port: taken,
    dataDir: data,
    pid: child.pid,
    log,
    installExtension,
    stop,
  };
}

/**
 * The address of a workbench on that server; `folder` can be a .code-workspace file too.
 * @param {{ url: string, port: number }} editor
 * @param {{ folder: string, openFile?: string, developmentPath?: string, testsPath?: string }} what
 */
export function workbenchUrl({ url, port }, { folder, openFile, developmentPath, testsPath }) {
  const remote = (path) => `vscode-remote://127.0.0.1:${port}${uriPath(path)}`;
  const payload = Object.entries({
    openFile,
    extensionDevelopmentPath: developmentPath,
    extensionTestsPath: testsPath,
  }).flatMap(([key, path]) => (path ? [[key, remote(path)]] : []));
  const query = new URLSearchParams();
  if (payload.length) query.set('payload', JSON.stringify(payload));
  const kind = folder.endsWith('.code-workspace') ? 'workspace' : 'folder';
  return `${url}?${kind}=${encodeURI(uriPath(folder))}${payload.length ? `&${query}` : ''}`;
}

/** A path as it stands in a URI: /c:/folder on Windows. */
function uriPath(path) {
  const slashes = path.replaceAll('\\', '/');
  return slashes.startsWith('/') ? slashes : `/${slashes}`;
}

/** A new folder under .cache/run, named for this process; those of processes that are no more go. */
async function freshFolder() {
  const parent = join(root, '.cache', 'run');
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    const owner = Number(/^\w+-(\d+)-/.exec(name)?.[1]);
    if (owner && !isAlive(owner)) await rm(join(parent, name), { recursive: true, force: true });
  }
  const folder = join(parent, `editor-${process.pid}-${++folders}`);
  await rm(folder, { recursive: true, force: true });
  return folder;
}

/** This process's environment, less what a VS Code around it and npm left there: it would confuse the server. */
function environment() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(VSCODE_|ELECTRON_|NODE_OPTIONS$|NODE_TEST_|npm_)/.test(name),
  );
  return { ...Object.fromEntries(kept), EXTENSIONS_GALLERY: '{}' };
}

/** Collects what the server says, for the sentence of a failure. */
function collect(child) {
  let text = '';
  const add = (chunk) => (text = (text + chunk).slice(-20_000));
  child.stdout.on('data', add);
  child.stderr.on('data', add);
  return () => text;
}

/** Waits for the line that tells the port; the server stays alive also when it got none. */
function listening(child, log, wanted) {
  return new Promise((resolve, reject) => {
    const settle = (act) => {
      clearTimeout(deadline);
      child.off('exit', onExit);
      child.stdout.off('data', look);
      child.stderr.off('data', look);
      act();
    };
    const fail = (reason, details = `\n${log().trim()}`) =>
      settle(() => {
        kill(child);
        reject(new Error(`VS Code did not start: ${reason}.${details}`));
      });
    const onExit = (code) => fail(`it ended with ${code}`);
    const look = () => {
      const port = /Extension host agent listening on (\d+)/.exec(log())?.[1];
      if (port) settle(() => resolve(Number(port)));
      else if (/EADDRINUSE/.test(log())) fail(`port ${wanted} is in use`, '');
    };
    const deadline = setTimeout(() => fail('it was silent for 60 s'), 60_000);
    child.once('error', (error) => fail(error.message));
    child.once('exit', onExit);
    child.stdout.on('data', look);
    child.stderr.on('data', look);
  });
}

/** The exit code; refused if there is none in time. */
function ended(child, milliseconds) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => reject(new Error('VS Code does not end.')), milliseconds);
    child.once('exit', (code) => {
      clearTimeout(deadline);
      resolve(code);
    });
  });
}

/** Ends a server with the extension hosts below it: it leads a process group of its own where there are such. */
function kill(child) {
  try {
    if (process.platform === 'win32') child.kill();
    else process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It is gone already.
  }
}
