/** From the hub to the disk, against a server that speaks the hub's API: what goes well, and all that does not. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { snapshotAt } from '../../src/models/hub/cache';
import { HubError, type HubProblem } from '../../src/models/hub/error';
import { isModelId, isRevision, listFiles, listRevisions, type Listing } from '../../src/models/hub/listing';
import type { Hub } from '../../src/models/hub/request';
import { DiskCache } from '../../src/models/node/cache';
import { type Fault, gitSha1, type HubModel, listing, sha256, TestHub } from '../hub/server';

const bytes = (length: number, seed: number) =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + seed * 31 + (i >> 8)) & 255);
const weights = bytes(300_000, 1);
const model: HubModel = {
  id: 'owner/name',
  commit: 'a'.repeat(40),
  revisions: ['main', 'refs/pr/1'],
  large: { 'onnx/model.onnx': weights, 'onnx/model_fp16.onnx': bytes(1000, 2) },
  small: { 'config.json': bytes(100, 3), 'tokenizer.json': bytes(0, 4) },
};

let server: TestHub;
let root: string;
let cache: DiskCache;
/** Waits that were asked for, in ms; none is waited out. */
let waits: number[];
let hub: Hub;
const never = new AbortController().signal;

before(async () => {
  server = await TestHub.start();
});
after(() => server.stop());
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'headlight-hub-'));
  cache = new DiskCache(root);
  waits = [];
  hub = hubWith(null);
  server.models.splice(0, Infinity, model);
  server.asked.length = 0;
  server.fault = () => false;
  server.token = null;
  server.gated = 'files';
  server.ranges = true;
});
afterEach(() => rm(root, { recursive: true, force: true }));

const hubWith = (token: string | null): Hub => ({
  endpoint: server.endpoint,
  token,
  silence: 30_000,
  async wait(ms, signal) {
    waits.push(ms);
    if (signal.aborted) throw new HubError('cancelled', 'cancelled');
    await new Promise((done) => setTimeout(done, 5));
  },
});

const list = (revision = 'main') => listFiles(hub, 'owner/name', revision, never);
const blobs = () => join(root, 'models--owner--name', 'blobs');
const blobOf = (content: Uint8Array) => join(blobs(), sha256(content));

async function download(told: number[] = []): Promise<string> {
  const found = await list();
  return cache.fetch(hub, found, found.files, (there) => void told.push(there), never);
}

/** What is there of the large file is what an earlier try left. */
async function begin(content: Uint8Array): Promise<void> {
  await rm(join(root, 'models--owner--name'), { recursive: true, force: true });
  await mkdir(blobs(), { recursive: true });
  await writeFile(`${blobOf(weights)}.incomplete`, content);
}

async function assertWhole(snapshot: string): Promise<void> {
  for (const [path, content] of Object.entries({ ...model.large, ...model.small }))
    assert.ok(Buffer.from(content).equals(await readFile(join(snapshot, path))), path);
  const left = (await readdir(blobs())).filter((name) => name.endsWith('.incomplete'));
  assert.deepEqual([...left, ...(await readdir(join(root, '.locks', 'models--owner--name')))], []);
}

const fails = (work: Promise<unknown>, problem: HubProblem) =>
  assert.rejects(work, (error) => error instanceof HubError && error.problem === problem);

const isWeights = (url: string) => url.includes('/onnx/model.onnx');
const ofWeights = () => server.asked.filter(({ host, url }) => host === 'store' && isWeights(url));

/** So many times the store sends 20,000 bytes of what is asked for of the weights, and then does `end`. */
function inParts(times: number, end: (response: ServerResponse) => void): Fault {
  return ({ url, range, host }, response, content) => {
    if (host !== 'store' || !isWeights(url) || times-- <= 0) return false;
    const from = Number(/\d+/.exec(range ?? '0')![0]);
    response.writeHead(range ? 206 : 200, {
      'content-length': content!.length - from,
      ...(range && { 'content-range': `bytes ${from}-${content!.length - 1}/${content!.length}` }),
    });
    response.write(content!.subarray(from, from + 20_000), () => end(response));
    return true;
  };
}

test('files with their sizes and hashes, by branch, pull request and commit', async () => {
  for (const revision of ['main', 'refs/pr/1', model.commit]) {
    const { commit, files } = await list(revision);
    assert.equal(commit, model.commit);
    assert.deepEqual(
      files.map(({ path, size, hash }) => [path, size, hash.kind]),
      [
        ['config.json', 100, 'git'],
        ['tokenizer.json', 0, 'git'],
        ['onnx/model.onnx', 300_000, 'sha256'],
        ['onnx/model_fp16.onnx', 1000, 'sha256'],
      ],
    );
  }
});

test('branches and tags, the main one first; what is no name of one is left out', async () => {
  assert.deepEqual(await listRevisions(hub, 'owner/name', never), ['main', 'refs/pr/1']);
  await fails(listRevisions(hub, 'owner/other', never), 'not found');
  server.fault = ({ url }, response) => {
    if (!url.endsWith('/refs')) return false;
    const branches = [{ name: 'v2' }, { name: '../up' }, { name: 7 }, {}, { name: 'main' }];
    response.end(JSON.stringify({ branches, tags: [{ name: 'v1.0' }, { name: 'v2' }] }));
    return true;
  };
  assert.deepEqual(await listRevisions(hub, 'owner/name', never), ['main', 'v2', 'v1.0']);
  server.fault = (_, response) => {
    response.end('<html>');
    return true;
  };
  await fails(listRevisions(hub, 'owner/name', never), 'not a hub');
});

test('all files, in the hub’s layout; the second time nothing is asked for', async () => {
  const told: number[] = [];
  const snapshot = await download(told);
  assert.equal(snapshot, join(root, 'models--owner--name', 'snapshots', model.commit));
  await assertWhole(snapshot);
  const hashes = [...Object.values(model.large).map(sha256), ...Object.values(model.small).map(gitSha1)];
  assert.deepEqual((await readdir(blobs())).sort(), hashes.sort());
  assert.equal(await readFile(join(root, 'models--owner--name', 'refs', 'main'), 'utf8'), model.commit);
  const link = join(snapshot, 'onnx', 'model.onnx');
  if ((await lstat(link)).isSymbolicLink())
    assert.equal(await readlink(link), join('..', '..', '..', 'blobs', sha256(weights)));
  assert.deepEqual(
    told,
    [...told].sort((a, b) => a - b),
  );
  assert.equal(told.at(-1), 301_100);

  server.asked.length = 0;
  await download();
  assert.equal(server.asked.length, 1, 'the list alone');
  assert.equal(await cache.snapshot('owner/name', 'main'), snapshot);
  assert.equal(await cache.snapshot('owner/name', model.commit), snapshot);
  assert.equal(await cache.snapshot('owner/name', 'other'), null);
  assert.deepEqual(await cache.list(), [{ id: 'owner/name', bytes: 301_100 }]);
  await cache.remove('owner/name');
  assert.deepEqual(await cache.list(), []);
});

test('a file that two revisions share comes once', async () => {
  await download();
  const second = { ...model, commit: 'b'.repeat(40), small: { ...model.small, 'config.json': bytes(90, 9) } };
  server.models.splice(0, 1, second);
  server.asked.length = 0;
  await download();
  assert.deepEqual(
    server.asked.map(({ url }) => url.replace(/\?.*/, '')),
    ['/api/models/owner/name/revision/main', `/owner/name/resolve/${second.commit}/config.json`],
  );
});

test('the token goes to the endpoint and nowhere else', async () => {
  server.token = 'hf_secret';
  for (const [gated, work] of [
    ['files', download],
    ['all', list],
  ] as const) {
    server.gated = gated;
    hub = hubWith(null);
    await fails(work(), 'gated');
    hub = hubWith('wrong');
    await fails(work(), 'unauthorized');
  }
  hub = hubWith('hf_secret');
  await assertWhole(await download());
  const store = server.asked.filter(({ host }) => host === 'store');
  assert.equal(store.length, 2);
  assert.ok(store.every(({ authorization }) => authorization === undefined));
});

test('cut in the middle, again and again: it is gone on with', async () => {
  server.fault = inParts(8, (response) => response.destroy());
  await assertWhole(await download());
  assert.equal(ofWeights().length, 9);
  const [first, ...rest] = ofWeights().map(({ range }) => range);
  assert.equal(first, undefined);
  assert.ok(rest.every((range) => /^bytes=\d+-$/.test(range!)));
});

test('cut before anything comes, each time: it is given up, and what was there stays', async () => {
  await begin(weights.subarray(0, 1234));
  server.fault = ({ host }, response) => host === 'store' && !!response.destroy();
  await fails(download(), 'network');
  assert.equal((await readFile(`${blobOf(weights)}.incomplete`)).length, 1234);
  server.fault = () => false;
  await assertWhole(await download());
  assert.equal(ofWeights().at(-1)!.range, 'bytes=1234-');
});

test('silent in the middle: gone on with just the same', { timeout: 20_000 }, async () => {
  hub = { ...hub, silence: 200 };
  // The connection stays, and nothing more comes.
  server.fault = inParts(3, () => {});
  await assertWhole(await download());
  assert.deepEqual(
    ofWeights().map(({ range }) => range),
    [undefined, 'bytes=20000-', 'bytes=40000-', 'bytes=60000-'],
  );
});

test('silent each time, in a file or in the list: it is given up', { timeout: 20_000 }, async () => {
  hub = { ...hub, silence: 50 };
  const silent: Fault = (_, response) => {
    response.writeHead(200, { 'content-length': 1e6 }).flushHeaders();
    return true;
  };
  server.fault = (asked, ...rest) => asked.host === 'store' && silent(asked, ...rest);
  await fails(download(), 'network');
  server.fault = silent;
  await fails(list(), 'network');
  await fails(listRevisions(hub, 'owner/name', never), 'network');
});

test('a server without ranges: the whole file once more', async () => {
  server.ranges = false;
  await begin(weights.subarray(0, 50_000));
  await assertWhole(await download());
});

test('what was begun and is wrong, or too long, is begun anew', async () => {
  for (const length of [50_000, 300_000, 400_000]) {
    await begin(bytes(length, 77));
    await assertWhole(await download());
  }
});

test('bytes that are not what the hub’s hash says are never kept', async () => {
  server.fault = ({ host, url }, response, content) => {
    if (host !== 'store' || !isWeights(url)) return false;
    const wrong = content!.slice();
    wrong[150_000]! ^= 1;
    response.end(wrong);
    return true;
  };
  await fails(download(), 'damaged');
  assert.ok(!existsSync(blobOf(weights)) && !existsSync(`${blobOf(weights)}.incomplete`));
  for (const wrong of [
    (content: Uint8Array) => Buffer.concat([content, Buffer.from('more')]),
    (content: Uint8Array) => content.map((byte) => byte ^ 1),
  ]) {
    server.fault = ({ url }, response, content) =>
      url.endsWith('config.json') && !!response.end(wrong(content!));
    await rm(join(root, 'models--owner--name'), { recursive: true });
    await fails(download(), 'damaged');
  }
});

test('busy: the hub’s own wait is kept to; one too long is told at once', async () => {
  let busy = 2;
  server.fault = (_, response) => busy-- > 0 && !!response.writeHead(429, { 'retry-after': '7' }).end();
  await list();
  assert.deepEqual(waits, [7000, 7000]);
  server.fault = (_, response) => !!response.writeHead(429, { 'retry-after': '3600' }).end();
  await fails(list(), 'busy');
  assert.equal(waits.length, 2);
  server.fault = (_, response) => !!response.writeHead(429).end();
  await fails(list(), 'busy');
});

test('5xx passes, or does not', async () => {
  let failing = 3;
  server.fault = (_, response) => failing-- > 0 && !!response.writeHead(503).end();
  await list();
  assert.deepEqual(waits, [1000, 2000, 4000]);
  server.fault = (_, response) => !!response.writeHead(500).end();
  await fails(list(), 'server');
});

test('404, 403, no hub at all, and nobody there', async () => {
  await fails(listFiles(hub, 'owner/other', 'main', never), 'not found');
  await fails(list('v9'), 'not found');
  server.fault = (_, response) => !!response.writeHead(403).end();
  await fails(list(), 'gated');
  for (const body of [
    '<html>',
    '{}',
    'null',
    '[]',
    '{"sha":"abc","siblings":[]}',
    '{"sha":1,"siblings":1}',
  ]) {
    server.fault = (_, response) => !!response.end(body);
    await fails(list(), 'not a hub');
  }
  const { port } = new URL(server.endpoint);
  hub = { ...hub, endpoint: `http://127.0.0.1:${port === '9' ? 11 : 9}` };
  await fails(list(), 'network');
});

test('redirects in a circle', async () => {
  server.fault = ({ url }, response) => !!response.writeHead(302, { location: url }).end();
  await fails(list(), 'not a hub');
});

test('cancelled: what has come stays, and is gone on with', async () => {
  const controller = new AbortController();
  const found = await list();
  server.fault = ({ host, url }, response, content) => {
    if (host !== 'store' || !isWeights(url)) return false;
    response.writeHead(200, { 'content-length': content!.length });
    return response.write(content!.subarray(0, 100_000)) || true;
  };
  const stop = (there: number) => there > 50_000 && controller.abort();
  await fails(cache.fetch(hub, found, found.files, stop, controller.signal), 'cancelled');
  assert.ok((await readFile(`${blobOf(weights)}.incomplete`)).length > 0);
  server.fault = () => false;
  await assertWhole(await download());
  assert.match(ofWeights().at(-1)!.range!, /^bytes=\d+-$/);
});

test('two windows at once: each file comes once', async () => {
  const found = await list();
  server.asked.length = 0;
  const both = [cache, new DiskCache(root)].map((one) => one.fetch(hub, found, found.files, () => {}, never));
  await Promise.all(both);
  await assertWhole(await both[0]!);
  const files = server.asked.filter(({ host }) => host === 'hub').map(({ url }) => url);
  assert.equal(new Set(files).size, files.length);
});

test('a lock that a dead window left behind', async () => {
  const locks = join(root, '.locks', 'models--owner--name');
  await mkdir(locks, { recursive: true });
  const lock = join(locks, `${sha256(weights)}.lock`);
  await writeFile(lock, '');
  await utimes(lock, new Date(0), new Date(0));
  await assertWhole(await download());
});

test('a disk that fills', { skip: existsSync('/dev/full') ? false : 'there is no /dev/full' }, async () => {
  await mkdir(blobs(), { recursive: true });
  await symlink('/dev/full', `${blobOf(weights)}.incomplete`);
  await fails(download(), 'disk full');
});

test('a disk that is too small is told of before anything comes', async () => {
  const found = await list();
  const huge: Listing = { ...found, files: [{ ...found.files[0]!, size: 2 ** 52 }] };
  server.asked.length = 0;
  await fails(
    cache.fetch(hub, huge, huge.files, () => {}, never),
    'disk full',
  );
  assert.equal(server.asked.length, 0);
});

test('paths that lead out of the folder, and hashes that are none, are not taken', async () => {
  const hostile = ['../x', '/etc/passwd', 'a/../../x', 'C:\\x', 'a//b', '.', 'a/\0b', '..\\x', ''];
  const { siblings, ...rest } = listing(model);
  const more = hostile.map((rfilename) => ({ ...siblings[0]!, rfilename }));
  const noHash = [
    { ...siblings[0]!, rfilename: 'b', blobId: '../../x' },
    { rfilename: 'c', size: -1 },
    null,
    5,
  ];
  const answer = JSON.stringify({ ...rest, siblings: [...siblings, ...more, ...noHash] });
  server.fault = (_, response) => !!response.end(answer);
  const paths = (await list()).files.map(({ path }) => path);
  assert.deepEqual(paths, [...Object.keys(model.small), ...Object.keys(model.large)]);
});

test('a model that cannot be deleted is still listed', async () => {
  await download();
  const locks = join(root, '.locks');
  await rm(locks, { recursive: true });
  await writeFile(locks, 'no folder');
  await fails(cache.remove('owner/name'), 'disk');
  assert.deepEqual(await cache.list(), [{ id: 'owner/name', bytes: 301_100 }]);
  await rm(locks);
  await cache.remove('owner/name');
  assert.deepEqual(await cache.list(), []);
});

test('a snapshot, in whoever’s cache, is known by its path', async () => {
  const commit = 'a'.repeat(40);
  assert.deepEqual(snapshotAt(await download()), { id: 'owner/name', commit });
  const elsewhere = `/home/me/.cache/huggingface/hub/models--gpt2/snapshots/${commit}`;
  assert.deepEqual(snapshotAt(`${elsewhere}/`), { id: 'gpt2', commit });
  for (const path of [
    `${elsewhere}/onnx`,
    `/home/me/gpt2/snapshots/${commit}`,
    '/models--gpt2/snapshots/last',
  ])
    assert.equal(snapshotAt(path), null, path);
});

test('names of models and revisions', () => {
  for (const id of ['gpt2', 'Xenova/gpt2', 'onnx-community/Qwen2.5-Coder-0.5B-Instruct', 'a_b/c.d'])
    assert.ok(isModelId(id), id);
  for (const id of [
    '',
    '/',
    'a/b/c',
    '../x',
    'a/..',
    'a b',
    'a/.git',
    'a--b/c',
    'a/b?x',
    'ä/b',
    'a/',
    'a\\b',
  ])
    assert.ok(!isModelId(id), id);
  for (const name of ['main', 'v1.0', 'refs/pr/12', 'c'.repeat(40)]) assert.ok(isRevision(name), name);
  for (const name of ['', '..', 'a/../b', '/a', 'a//b', 'x.lock', '%2e%2e'])
    assert.ok(!isRevision(name), name);
  const isSafe = (text: string) =>
    /^[\w./-]+$/.test(text) && text.split('/').every((part) => part !== '' && !part.startsWith('.'));
  const property = (text: string) => assert.ok(isSafe(text) || (!isModelId(text) && !isRevision(text)));
  fc.assert(fc.property(fc.string({ unit: 'binary' }), property), { numRuns: 10_000 });
});
