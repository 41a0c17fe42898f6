/**
 * `npm start`: builds Headlight and opens it on a sample in a real VS Code, in the foreground until Ctrl+C.
 *
 * The desktop VS Code where `code` is on the PATH and there is a screen, else the one from npm, in a browser.
 *   npm start -- --port 3000   that port, not any free one
 *   npm start -- --no-open     opens no browser
 */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { install } from './install.mjs';
import { root } from './npm.mjs';

const { port, open } = parse(process.argv.slice(2));
const hasScreen =
  process.platform === 'darwin' ||
  process.platform === 'win32' ||
  Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);

/** Ends what runs; replaced as soon as something does. */
let stop = async () => {};
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
// npm passes a signal on to the shell between it and this script, which dies of it and tells nobody.
const parent = process.ppid;
if (process.env.npm_lifecycle_event) setInterval(() => process.ppid !== parent && end(), 500).unref();

try {
  await install();
  const { build } = await import('./build.mjs');
  const { copySample } = await import('./sample.mjs');
  console.log('Building');
  const desktop = open && port === 0 && hasScreen && hasDesktop();
  await build({ production: !desktop });
  const folder = await copySample();
  if (desktop) startDesktop(folder);
  else await startServer(folder);
} catch (error) {
  if (!stopping) {
    console.error(error.message);
    process.exit(1);
  }
}

async function end() {
  // A second Ctrl+C does not wait.
  if (stopping) process.exit(0);
  stopping = true;
  await stop();
  process.exit(0);
}

/** True for a desktop `code`; in the terminal of a remote VS Code the word means another program. */
function hasDesktop() {
  if (process.env.VSCODE_IPC_HOOK_CLI) return false;
  const { status } = spawnSync('code', ['--version'], {
    stdio: 'ignore',
    shell: process.platform === 'win32',
  });
  return status === 0;
}

function startDesktop(folder) {
  const args = [
    '--new-window',
    '--wait',
    `--extensionDevelopmentPath=${root}`,
    folder,
    join(folder, 'shapes.py'),
  ];
  const child = spawn('code', args, { stdio: 'inherit', shell: process.platform === 'win32' });
  stop = async () => child.kill();
  child.on('exit', (code) => process.exit(stopping ? 0 : (code ?? 0)));
  console.log('Headlight is open in Visual Studio Code');
  // Some versions of `code` come back at once: stay, as promised, until Ctrl+C.
  setInterval(() => {}, 60_000);
}

async function startServer(folder) {
  const { startEditor, workbenchUrl } = await import('./editor.mjs');
  const { makePackage, vsixPath } = await import('./package.mjs');
  console.log('Packaging');
  const problem = (await makePackage()).find((step) => step.problem);
  if (problem) console.warn(`${problem.name}: not so.\n${problem.problem}`);
  if (stopping) return;
  const editor = await startEditor({ extensions: [await vsixPath()], port });
  stop = editor.stop;
  if (stopping) return void (await stop());
  const url = workbenchUrl(editor, { folder, openFile: join(folder, 'shapes.py') });
  if (open && hasScreen) openBrowser(url);
  console.log(
    `Headlight is open at ${url}\nSelect some text, press F1 and run "Show Attention". Ctrl+C ends.`,
  );
}

/** Opens the person's own browser; where that fails the printed address is enough. */
function openBrowser(url) {
  const [command, ...args] = {
    darwin: ['open', url],
    win32: ['rundll32', 'url.dll,FileProtocolHandler', url],
  }[process.platform] ?? ['xdg-open', url];
  spawn(command, args, { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}

function parse(args) {
  const at = args.indexOf('--port');
  const wanted = at < 0 ? 0 : Number(args[at + 1]);
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65535) {
    console.error('--port wants a number from 1 to 65535.');
    process.exit(2);
  }
  return { port: wanted, open: !args.includes('--no-open') };
}
