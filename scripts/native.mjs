/** Fetches onnxruntime-node from npm for the bench: onnxruntime as a program of this machine, not in a browser. */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { unpack } from './fetch.mjs';
import { root } from './npm.mjs';

/** The version of onnxruntime-web in package.json. What it asks for besides is at hand, or for its installation only. */
const runtime = {
  name: 'onnxruntime-node@1.30.0',
  integrity:
    'sha512-twhs1C2C/BFkz1yc5OY0KIU2GUq6DURO7hD4bx5Q2Qy3nAMJwRXW8xU3NVczE29VA9lolLOYepoD8fjTGOfIqw==',
};

/** @returns {Promise<typeof import('onnxruntime-common')>} throws a sentence where there is none for this machine */
export async function fetchNative() {
  const folder = join(root, '.cache', 'native', runtime.name);
  if (!existsSync(folder)) {
    console.log(`Fetching ${runtime.name} from npm (about 100 MB, once)`);
    const work = `${folder}.${process.pid}`;
    await rm(work, { recursive: true, force: true });
    try {
      await mkdir(work, { recursive: true });
      await unpack(runtime, work, join(work, 'package'), 'package');
      await rename(join(work, 'package'), folder).catch((error) => {
        if (!existsSync(folder)) throw error;
      });
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
  return createRequire(import.meta.url)(folder);
}
