/**
 * `npm test`: everything that proves Headlight, in levels from cheap to dear. Fetches what it uses.
 *
 *   npm test                       all levels
 *   npm test -- unit page          these levels only
 *   npm test -- page --grep colour only files with that in their name
 */
import { install } from './install.mjs';

const levels = {
  check: 'types, formatting, and who may import whom',
  unit: 'pure code in Node',
  conformance: 'models against golden attention',
  package: 'the .vsix',
  page: 'the real bundle in a real browser',
  host: 'the packaged extension in a real VS Code',
  suite: "Mocha inside VS Code's extension host",
  training: 'what makes the bundled model',
};

const { wanted, grep } = parse(process.argv.slice(2));
await install();
// Only now is there anything from npm to import.
const { runLevels } = await import('./levels.mjs');
process.exitCode = await runLevels({ levels, wanted, grep });
// A server or browser that a level left behind must not keep this process.
setTimeout(() => process.exit(), 2000).unref();

function parse(args) {
  const at = args.indexOf('--grep');
  const pattern = at < 0 ? '' : (args.splice(at, 2)[1] ?? '');
  const unknown = args.find((name) => !(name in levels));
  if (unknown !== undefined) {
    console.error(`There is no test level "${unknown}". The levels are ${Object.keys(levels).join(', ')}.`);
    process.exit(2);
  }
  return { wanted: args.length ? args : Object.keys(levels), grep: pattern };
}
