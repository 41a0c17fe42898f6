/** Runs npm, the one that started this script if one did, and says in a sentence when it fails. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The repository's folder: every path in these scripts starts here, wherever they are called from. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

/**
 * @param {string[]} args
 * @param {{ cwd?: string, failure: string }} options `failure` opens the sentence of a failed call
 * @returns {Promise<string>} what npm wrote to standard output
 */
export async function npm(args, { cwd = root, failure }) {
  // npm tells its children where it is; the plain name is a shell script on Windows.
  const script = process.env.npm_execpath;
  const [command, first] = script?.endsWith('npm-cli.js') ? [process.execPath, [script]] : ['npm', []];
  const child = spawn(command, [...first, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: command === 'npm' && process.platform === 'win32',
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (errors += chunk));
  const code = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', resolve);
  });
  if (code === 0) return output;
  const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/.test(errors);
  const reason = offline ? 'The npm registry cannot be reached.' : `npm ${args[0]} ended with ${code}.`;
  const details = errors.split('\n').filter((line) => /npm error \S/.test(line));
  throw new Error([`${failure} ${reason}`, ...details.slice(0, offline ? 3 : 12)].join('\n'));
}
