/** `npm run pictures`: makes the README's pictures, from the packaged extension in a real VS Code. Look at them after. */
import { pathToFileURL } from 'node:url';
import { install } from './install.mjs';

await install();
const { build } = await import('./build.mjs');
const { bundle } = await import('./bundle.mjs');
const { makePackage } = await import('./package.mjs');
await build({ production: true });
await makePackage();
const [pictures] = await bundle(['test/host/pictures.ts'], { level: 'pictures' });
await import(pathToFileURL(pictures).href);
process.exit();
