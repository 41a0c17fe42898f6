/** A lock that windows share: a file that its holder touches while it is at work. One that is left behind grows old. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm, stat, utimes } from 'node:fs/promises';
import { setInterval, clearInterval } from 'node:timers';

const touched = 2_000;
/** A lock that was not touched for so long, in ms, has lost its holder. */
const old = 15_000;

/**
 * Runs `work` while no other process runs anything under the same lock.
 * @param waiting is called now and then while another has it, and says when to ask again by resolving
 */
export async function locked<T>(
  path: string,
  waiting: () => Promise<void>,
  work: () => Promise<T>,
): Promise<T> {
  while (!(await taken(path))) await waiting();
  const timer = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), touched);
  timer.unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await rm(path, { force: true });
  }
}

async function taken(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx')).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (!(await isOld(path))) return false;
  // Of several that find it old one moves it away; the others find it gone, or new, and wait their turn.
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => {});
  await rm(aside, { force: true });
  return false;
}

async function isOld(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs > old;
}
