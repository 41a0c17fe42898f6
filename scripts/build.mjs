/** Builds dist/, the way `npm run build` does. */
import { spawn } from 'node:child_process';
import { root } from './npm.mjs';

export async function build({ production = false } = {}) {
  const args = ['esbuild.mjs', ...(production ? ['--production'] : [])];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error('The build failed; what is wrong is above.');
}
