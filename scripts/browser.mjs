/** Finds a Chromium for the tests, or fetches one with what the machine has: apt, else Playwright's own download. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { root } from './npm.mjs';

const advice =
  'No Chromium was found and none could be fetched. Install one (Debian: apt-get install chromium-headless-shell; elsewhere: ' +
  'npx playwright-core install chromium), or name yours in the environment variable HEADLIGHT_CHROMIUM.';

/** First the one without a browser's own window, tabs and start page, which took half of every start. */
const usual = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Fonts too: without any a page is blank boxes, and pictures are compared with some made in these. */
const debianPackages = [
  'chromium-headless-shell',
  'fonts-dejavu',
  'fonts-liberation',
  'fonts-noto-color-emoji',
];

let found;

/** The path of a Chromium; throws a sentence that says what to install. */
export function findBrowser() {
  found ??= named() ?? present() ?? (fetchWithApt() || fetchWithPlaywright() ? present() : undefined);
  if (!found) throw new Error(advice);
  return found;
}

/**
 * Options for Playwright's `chromium.launch`.
 * `webgpu` gives a software adapter (right results, in seconds); without it there is no adapter at all.
 * `timed`: WebAssembly is optimised as early as in a user's browser.
 */
export function launchOptions({ webgpu = false, timed = false } = {}) {
  return { executablePath: findBrowser(), headless: true, args: flags({ webgpu, timed }) };
}

function flags({ webgpu, timed }) {
  return [
    // Most tests run a model once or twice: to optimise the engine for that takes longer than all they run.
    ...(timed ? [] : ['--js-flags=--wasm-tiering-budget=180000000']),
    // Chromium's sandbox refuses to run as root, as in most containers.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ...(webgpu ? ['--enable-unsafe-webgpu'] : ['--disable-gpu']),
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    // Pictures are compared: text must not depend on the screen of the machine.
    '--force-device-scale-factor=1',
    '--font-render-hinting=none',
    '--disable-lcd-text',
  ];
}

function named() {
  const path = process.env.HEADLIGHT_CHROMIUM;
  if (path && !existsSync(path)) throw new Error(`HEADLIGHT_CHROMIUM names ${path}, which does not exist.`);
  return path;
}

function present() {
  return [chromium.executablePath(), ...usual].find((path) => path && existsSync(path));
}

function fetchWithApt() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  // Ubuntu's package of that name is an empty one that wants snap.
  if (!/^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'))) return false;
  console.log('Installing Chromium (apt-get)');
  const apt = (...args) =>
    spawnSync('apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      timeout: 300_000,
    }).status === 0;
  return apt('update') && apt('install', '-y', '--no-install-recommends', ...debianPackages);
}

function fetchWithPlaywright() {
  console.log('Fetching Chromium (playwright-core install)');
  const cli = join(root, 'node_modules', 'playwright-core', 'cli.js');
  const libraries = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get') ? ['--with-deps'] : [];
  try {
    execFileSync(process.execPath, [cli, 'install', ...libraries, 'chromium'], {
      stdio: 'inherit',
      timeout: 600_000,
    });
    return true;
  } catch {
    return false;
  }
}
