/** Installs the dependencies when they are missing or older than package-lock.json. Imports nothing from npm. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { npm, root } from './npm.mjs';

// The stamp holds the lock file's hash: a checkout gives files new times, so times tell nothing.
const stamp = join(root, 'node_modules', '.headlight-lock');

export async function install() {
  const lock = await readFile(join(root, 'package-lock.json'));
  const wanted = createHash('sha256').update(lock).digest('hex');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return;
  // npm itself keeps a copy of the lock it installed; where that is newer, someone ran `npm install` by hand.
  if (await installedByHand(lock)) return writeFile(stamp, wanted);
  console.log('Installing dependencies (npm ci)');
  await npm(['ci', '--no-audit', '--no-fund'], { failure: 'The dependencies could not be installed.' });
  await writeFile(stamp, wanted);
}

/** True when node_modules/.package-lock.json names exactly the packages that package-lock.json does. */
async function installedByHand(lock) {
  const hidden = await readFile(join(root, 'node_modules', '.package-lock.json'), 'utf8').catch(() => null);
  if (hidden === null) return false;
  const installed = JSON.parse(hidden).packages;
  return Object.entries(JSON.parse(lock).packages).every(
    ([path, entry]) => path === '' || entry.optional || installed[path]?.version === entry.version,
  );
}
