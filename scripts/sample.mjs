/** The sample folder that editors open: a fresh copy of test/samples, so that whatever is typed there is lost. */
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './npm.mjs';

export async function copySample(target = join(root, '.cache', 'sample')) {
  await rm(target, { recursive: true, force: true });
  await cp(join(root, 'test', 'samples'), target, { recursive: true });
  return target;
}
