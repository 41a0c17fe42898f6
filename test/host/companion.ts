/** Packages the small extension in test/host/companion/, which brings what the test editor lacks. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { root } from '../../scripts/npm.mjs';

/** The path of the .vsix, for `openWorkbench`. */
export async function companion(): Promise<string> {
  const folder = join(root, '.cache', 'run');
  await mkdir(folder, { recursive: true });
  const packagePath = join(folder, `companion-${process.pid}.vsix`);
  const log = console.log;
  console.log = () => {}; // vsce prints the whole archive
  try {
    await createVSIX({
      cwd: join(root, 'test', 'host', 'companion'),
      packagePath,
      dependencies: false,
      allowMissingRepository: true,
      skipLicense: true,
      allowStarActivation: true,
    });
  } finally {
    console.log = log;
  }
  return packagePath;
}
