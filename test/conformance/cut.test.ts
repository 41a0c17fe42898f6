/** One site alone, fed what a run fed it, gives what the run gave: of all heads at once, and of each. */
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { test } from 'node:test';
import * as ort from 'onnxruntime-web/wasm';
import { type HeadMeasures, meanMeasures, measureHeads } from '../../webview/core/measures';
import type { CutSite, Site } from '../../webview/onnx';
import { cutSite, rewrite } from '../../webview/onnx';
import { readCase } from './case';
import { casesIn, onDisk } from './disk';
import { asFloats, type Feeds, feed } from './feeds';
import { everywhere, forwards, load, nowhere, open, pairs, type Pairs } from './opened';
import { worst } from './tensors';

/** Exports with the number of heads in a shape, or heads in another place: they give all heads of a layer at once. */
const WHOLE = [
  'bloom-torchscript-eager-padded',
  'deberta-v2-torchscript-eager-padded',
  'xlnet-torchscript-eager',
];
/** Where one tensor is handed out in half precision that the run itself keeps in single. */
const HALF = 1e-3;
const SINGLE = 1e-5;

for (const path of casesIn('test/fixtures/onnx'))
  test(basename(path), async (context) => {
    const folder = onDisk(path);
    const stated = await readCase(folder);
    if (stated.kind === 'none') return context.skip('it has no attention');
    const cached = Object.values(stated.inputs).some(
      ({ type, data }) => type === 'bool' && Number(data[0]) === 1,
    );
    const read = (file: string) => folder.read(file);
    const opened = await open(stated.model, { read, cached });
    const { model, plan, masks } = opened;
    const files = await Promise.all(
      model.externalPaths.map(async (path) => ({ path, data: await read(path.replace(/^\.\//, '')) })),
    );
    const given = feed(stated.inputs);
    const what = ['probabilities', 'measures', 'thumbnails'] as const;
    const rewritten = rewrite(model, plan, masks, { tensors: what.map((one) => ({ what: one })), fed: true });
    const session = await load(rewritten, files);
    const cell = new ort.Tensor('int64', BigInt64Array.of(3n), [1]);
    const sizes = new Map<string, readonly number[]>();
    for (const site of plan.sites)
      sizes.set(
        site.kind,
        stated.attention
          .find(({ layer, kind }) => layer === site.layer && (kind === site.kind || site.kind === 'self'))!
          .shape.slice(-2),
      );
    const maskFeeds = ({ maskInputs }: Pick<CutSite, 'maskInputs'>, opening: Pairs): Feeds => {
      const feeds: Feeds = {};
      for (const { kind, allow, open } of maskInputs) {
        const [queries, keys] = sizes.get(kind)!;
        if (allow !== null) feeds[allow] = pairs(queries, everywhere, keys);
        if (open !== null) feeds[open] = pairs(queries, opening, keys);
      }
      return feeds;
    };
    const own = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, given[name]]));
    const most = /half|fp16/.test(path) ? HALF : SINGLE;
    let single = true;
    for (const opening of masks.causal === 'patched' ? [nowhere, forwards] : [nowhere]) {
      const feeds = { ...own(rewritten.inputs), ...maskFeeds(rewritten, opening) };
      if (rewritten.cellInput !== null) feeds[rewritten.cellInput] = cell;
      const run = await session.run(feeds);
      const shown = (one: string, site: Site) => {
        const found = rewritten.outputs.find(
          ({ what, kind, layer }) => what === one && kind === site.kind && layer === site.layer,
        );
        return found && run[found.name];
      };
      for (const site of plan.sites) {
        const expected = shown('probabilities', site)!;
        const weights = asFloats(expected);
        const [queries, keys] = expected.dims.slice(-2);
        const measures = shown('measures', site);
        if (measures) {
          const flat = (all: HeadMeasures[]) =>
            Float32Array.from(all.flatMap(({ distance, sink, confidence }) => [distance, sink, confidence]));
          const first = site.kind === 'cross' ? 0 : keys - queries;
          const whole = measureHeads(weights, 0, { queries, keys }, first);
          const perQuery = asFloats(measures);
          const told = whole.map(({ head }) =>
            meanMeasures(perQuery.subarray(3 * queries * head, 3 * queries * (head + 1)), { layer: 0, head }),
          );
          assert.ok(worst(flat(told), flat(whole)) < 1e-4, 'measures');
        } else assert.ok((model.opsets.get('') ?? 0) < 11);
        const alone = async (single: boolean) => {
          const cut = cutSite(model, plan, masks, site, run, { single });
          const cutSession = await load(cut, files);
          const all: Feeds = { ...own(cut.inputs), ...maskFeeds(cut, opening) };
          for (const name of cut.fed) all[name] = run[name];
          return {
            async run(head: number) {
              if (cut.headInput !== null)
                all[cut.headInput] = new ort.Tensor('int64', BigInt64Array.of(BigInt(head)), [1]);
              return (await cutSession.run(all))[cut.output];
            },
            end: () => cutSession.release(),
          };
        };
        const whole = await alone(false);
        const all = await whole.run(0);
        await whole.end();
        assert.deepEqual(all.dims, expected.dims);
        const error = worst(asFloats(all), weights);
        assert.ok(error < most, `${site.kind} ${site.layer} is off by ${error}`);
        const heads = expected.dims.at(-3)!;
        const size = queries * keys;
        const one = await alone(true);
        for (let head = 0; head < heads && single; head++) {
          const found = await one.run(head).then(asFloats, () => null);
          single = found?.length === weights.length / heads;
          for (let i = 0; single && i < found!.length; i += size) {
            const at = ((i / size) * heads + head) * size;
            const error = worst(found!.subarray(i, i + size), weights.subarray(at, at + size));
            assert.ok(error < most, `head ${site.kind} ${site.layer}.${head} is off by ${error}`);
          }
        }
        await one.end();
      }
    }
    assert.equal(single, !WHOLE.includes(basename(path)), 'heads one by one');
    await session.release();
    await opened.close();
  });
