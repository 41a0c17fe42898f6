/** Which passes are kept, and what tells runs apart. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unchanged } from '../../webview/engine/engine';
import type { Experiment } from '../../webview/engine/engine';
import type { Place } from '../../webview/launch';
import { Passes, runName } from '../../webview/passes';
import type { Wanted } from '../../webview/wanted';
import { picture } from './picture';

const folder = { ...picture.model, base: '', files: [], graphs: { model: '' }, bytes: 0, memoryLimit: 0 };
const place: Place = { folder, reads: 'text', build: 'wasm' };
const wanted = (experiment: Experiment, id = 1): Wanted => ({
  ...{ subject: { ...picture.subject, id }, second: null, model: folder, device: 'wasm' },
  ...{ mask: 'causal', experiment, kind: null, target: { kind: 'copied' } },
});
const of = ({ subject, experiment }: Wanted) => [{ ...picture, subject, experiment }];

test('what stands is kept when the pass of something that nobody wants any more is done', () => {
  const narrow = wanted({ ...unchanged, window: 16 });
  for (const overtaken of [wanted({ ...unchanged, window: 8 }), wanted(unchanged, 2)]) {
    const passes = new Passes();
    const stands = passes.keep(narrow, place, of(narrow), narrow);
    passes.keep(overtaken, place, of(overtaken), narrow);
    assert.equal(passes.made(narrow, 'causal'), stands);
    const next = wanted({ ...unchanged, window: 4 });
    passes.keep(next, place, of(next), next);
    assert.equal(passes.has(stands), false);
  }
});

test('targets of one text and other tokens are other runs', () => {
  const written = (...ids: number[]) => ({
    ...picture,
    target: { text: 'the', tokens: ids.map((id) => ({ ...picture.tokens[0], id })), covered: 3 },
  });
  assert.notEqual(runName(written(7)), runName(written(7, 8)));
  assert.equal(runName(written(7, 8)), runName(written(7, 8)));
});
