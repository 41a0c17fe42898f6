/** Transitions of what is looked at. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Head, Matrix } from '../../webview/core/attention';
import { lookName, seenBy, sourcesOf } from '../../webview/core/look';
import type { Scope } from '../../webview/choices';
import type { Picture } from '../../webview/picture';
import type { State } from '../../webview/state';
import { restoreView, SCOPES } from '../../webview/choices';
import { restoreWishes } from '../../webview/wanted';
import * as Changes from '../../webview/changes';
import * as Pointing from '../../webview/pointing';
import * as States from '../../webview/state';
import * as Told from '../../webview/told';
import { heads, layers, n, picture } from './picture';

const matrix: Matrix = { queries: n, keys: n, weights: new Float32Array(n * n) };
for (let query = 0; query < n; query++)
  matrix.weights.fill(1 / (query + 1), query * n, query * n + query + 1);

/** The numbers of what is looked at come, as the runner would send them. */
const answered = (state: State): State => {
  const look = States.lookOf(state.view, state.scene!);
  return Changes.receive(
    picture.key,
    seenBy(
      look,
      sourcesOf(look, 'causal').map(() => matrix),
    ),
  )(state);
};
const shown = answered(
  Changes.show(picture, seenBy({ kind: 'head', head: { layer: 2, head: 3 } }, [matrix]))(States.initial),
);
const after = (...changes: ((state: State) => State)[]): State =>
  changes.reduce((state, change) => answered(change(state)), shown);
const named = (state: State) => lookName(States.lookOf(state.view, state.scene!));
const at = (layer: number, head: number): Head => ({ layer, head });

test('the most telling head is looked at first', () => assert.equal(named(shown), '2.3'));

test('a look at a layer follows the head in focus and the one pointed at', () => {
  const layer = after(Changes.chooseScope('layer average'));
  assert.equal(named(layer), 'average of layer 2');
  assert.equal(named(Changes.previewHead(at(0, 1))(layer)), 'average of layer 0');
  assert.equal(named(Changes.focusHead(at(1, 1))(layer)), 'average of layer 1');
});

test('from a look at many heads, pointing at one previews it and choosing it looks at it alone', () => {
  for (const scope of ['average', 'maximum', 'overlay'] as Scope[]) {
    const state = after(Changes.overlayHead(at(0, 0)), Changes.chooseScope(scope));
    const before = named(state);
    assert.notEqual(before, '2.3');
    const pointing = Changes.previewHead(at(1, 2))(state);
    assert.equal(named(pointing), '1.2');
    assert.equal(named(Changes.previewHead(null)(pointing)), before);
    assert.equal(named(Changes.focusHead(at(1, 2))(state)), '1.2');
  }
});

test('heads are pinned for the overlay in order, taken off again, and never more than there are colours for', () => {
  const two = after(Changes.overlayHead(at(0, 1)));
  assert.equal(named(two), '2.3 + 0.1', 'the head in focus comes with the first');
  assert.equal(named(Changes.overlayHead(at(2, 3))(two)), '0.1');
  assert.equal(
    named(Changes.overlayHead(at(0, 1))(Changes.overlayHead(at(2, 3))(two))),
    '2.3',
    'none is left',
  );
  const many = after(
    ...Array.from({ length: 8 }, (_, i) => Changes.overlayHead(at(i % 2, Math.floor(i / 2)))),
  );
  assert.equal(named(many), '2.3 + 0.0 + 1.0 + 0.1 + 1.1');
  const byKeys = after(
    Changes.focusHead(at(0, 0)),
    Changes.overlayHead(at(0, 0)),
    Changes.focusHead(at(0, 1)),
    Changes.overlayHead(at(0, 1)),
  );
  assert.equal(named(byKeys), '0.0 + 0.1');
});

test('a difference is of one head or of what is brought together, not of an overlay, and needs a mask that can change', () => {
  assert.equal(named(after(Changes.chooseDifference(true))), '2.3, causal − bidirectional');
  const average = after(Changes.chooseScope('average'), Changes.chooseDifference(true));
  assert.equal(named(average), 'average of all heads, causal − bidirectional');
  const overlay = after(Changes.overlayHead(at(0, 1)), Changes.chooseDifference(true));
  assert.equal(named(overlay), '2.3 + 0.1');
  const fixed = { ...picture, model: { ...picture.model, fixedMask: 'It cannot be changed.' } };
  assert.equal(named({ ...average, scene: { ...average.scene!, picture: fixed } }), 'average of all heads');
});

test('numbers never belong to another look than the one that is named', () => {
  const head = fc.record({ layer: fc.nat(layers - 1), head: fc.nat(heads - 1) });
  const changes = fc.oneof(
    head.map(Changes.focusHead),
    fc.option(head).map(Changes.previewHead),
    head.map(Changes.overlayHead),
    fc.constantFrom(...SCOPES).map(Changes.chooseScope),
    fc.boolean().map(Changes.chooseDifference),
    fc.boolean().map(Changes.hideSink),
    fc.constant(answered),
  );
  fc.assert(
    fc.property(fc.array(changes, { maxLength: 20 }), (all) => {
      let state = shown;
      for (const change of all) {
        state = change(state);
        const { seen } = state.scene!;
        if (seen) assert.equal(lookName(seen.look), named(state));
      }
    }),
  );
});

test('a difference that was given up while its run was under way is off again', () => {
  const asked = Changes.chooseDifference(true)(shown);
  assert.equal(asked.scene!.seen, null);
  assert.equal(Changes.settle(asked).view.difference, false);
  assert.equal(Changes.settle(answered(asked)).view.difference, true);
});

test('a second text and a target that were given up are those of the picture that stands again', () => {
  const typed = { kind: 'typed', text: 'b' } as const;
  const pair: Picture = { ...picture, second: { text: 'b', offset: null, line: 0 }, wish: typed };
  const { second, target } = Changes.settle(
    Changes.wantTarget({ kind: 'generated' })(
      Changes.wantSecond({ kind: 'selected' })({ ...shown, scene: { ...shown.scene!, picture: pair } }),
    ),
  );
  assert.deepEqual([second, target], [typed, typed]);
  assert.deepEqual(Changes.settle(Changes.wantSecond(typed)(shown)).second, { kind: 'selected' });
});

test('an image is read with no second text', () => {
  const typed = Changes.wantSecond({ kind: 'typed', text: 'b' })(shown);
  const { subject } = picture;
  assert.equal(States.wantedSecond(typed, subject)!.text, 'b');
  const image = { name: 'a.png', bytes: new Uint8Array() };
  assert.equal(States.wantedSecond(typed, { ...subject, image }), null);
});

test('no threshold, scale or hidden sink changes a number that is told', () => {
  const told = (state: State) => [...Told.toldOf(state)!.weights];
  const before = after(Pointing.point(1));
  const changed = after(
    Pointing.point(1),
    Changes.chooseThreshold(0.9),
    Changes.hideSink(true),
    Changes.chooseScale('log'),
  );
  assert.deepEqual(told(changed), told(before));
  assert.deepEqual(
    [...Told.toldOf(before)!.row.strengths].map((one) => one > 0),
    [true, true, false, false],
  );
  assert.deepEqual(
    [...Told.toldOf(changed)!.row.strengths].map((one) => one > 0),
    [false, true, false, false],
  );
});

test('what is told is made once for each state, however many ask', () => {
  const state = after(Pointing.point(1), Changes.overlayHead(at(0, 1)));
  assert.equal(Told.toldOf(state), Told.toldOf(state));
  assert.notEqual(Told.toldOf(Changes.reverse(true)(state)), Told.toldOf(state));
  assert.equal(Told.toldOf(Pointing.free(state)), null);
});

test('a view survives a reload as it was, and nonsense does not', () => {
  const { view } = after(
    Changes.overlayHead(at(0, 1)),
    Changes.chooseThreshold(0.05),
    Changes.hideSink(true),
    Changes.chooseLines(true),
    Changes.chooseDifference(true),
  );
  assert.deepEqual(restoreView(JSON.parse(JSON.stringify(view))), view);
  const nonsense = {
    scope: 'x',
    threshold: -1,
    overlaid: [{ layer: -1, head: 0 }, null],
    lines: 1,
    focus: 3,
  };
  assert.deepEqual(restoreView(nonsense), States.initial.view);
  assert.deepEqual(restoreView(null), States.initial.view);
});

test('what is typed survives a reload as it was; nonsense, and what is too long to keep, does not', () => {
  const second = { kind: 'typed', text: 'It was tired.' } as const;
  const { target } = after(Changes.wantTarget({ kind: 'generated' }));
  assert.deepEqual(restoreWishes(JSON.parse(JSON.stringify({ second, target }))), { second, target });
  const { second: selected, target: copied } = States.initial;
  for (const nonsense of [
    null,
    3,
    { second: 'x', target: { kind: 'typed' } },
    { second: { kind: 'generated' } },
  ])
    assert.deepEqual(restoreWishes(nonsense), { second: selected, target: copied });
  const long = { kind: 'typed', text: 'x'.repeat(20_000) };
  assert.deepEqual(restoreWishes({ second: long, target: long }), { second: selected, target: copied });
});

test('a pin stays while its tokens are the ones that are told, whatever attention or target is shown', () => {
  const kinds = ['encoder', 'decoder', 'cross'] as const;
  const target = (text: string) => ({
    ...{ text, covered: 2 },
    tokens: picture.tokens.map((token) => ({ ...token, id: token.id + text.length })),
  });
  const of = (kind: (typeof kinds)[number], text = 'xy'): Picture => ({
    ...picture,
    ...{ key: `${kind} ${text}`, kind, kinds, target: target(text) },
  });
  const look = { kind: 'head', head: { layer: 2, head: 3 } } as const;
  const to = (next: Picture) => (state: State) => Changes.show(next, seenBy(look, [matrix]))(state);
  const pinned = (...changes: ((state: State) => State)[]) =>
    changes.reduce((state, change) => change(state), States.initial).scene!.pinned;
  const encoder = [to(of('encoder')), Pointing.pin(1)];
  const decoder = [to(of('decoder')), Pointing.pin(1, 'target')];
  const across = [to(of('cross')), Pointing.pin(1, 'target')];
  assert.equal(pinned(...encoder, to(of('encoder', 'another target'))), 1);
  assert.equal(pinned(...encoder, to(of('decoder'))), null);
  assert.equal(pinned(...encoder, to(of('cross'))), null);
  assert.equal(pinned(...decoder, to(of('cross'))), 1);
  assert.equal(pinned(...across, to(of('decoder'))), 1);
  assert.equal(pinned(...across, to(of('cross', 'another target'))), null);
  // Reversed, keys are told: across they are the source's.
  const keys = [to(of('cross')), Pointing.pin(1, 'source')];
  assert.equal(pinned(...keys, to(of('encoder'))), 1);
  assert.equal(pinned(...keys, to(of('cross', 'another target'))), 1);
  const pair: Picture = { ...picture, second: { text: 'c', offset: null, line: 0 } };
  assert.equal(pinned(to(picture), Pointing.pin(1), to(pair)), null, 'read with another text');
});

test('the picture that stands, shown again, keeps what was fetched for it; another one has it fetched anew', () => {
  const lengths = Array.from({ length: layers }, () => new Float32Array(heads * n));
  const seen = seenBy({ kind: 'head', head: { layer: 2, head: 3 } }, [matrix]);
  const shown = Changes.receiveLengths(
    picture.key,
    lengths as never,
  )(Changes.show(picture, seen)(States.initial));
  assert.equal(Changes.show(picture, seen)(shown).scene!.lengths, lengths);
  assert.equal(Changes.show({ ...picture, mask: 'bidirectional' }, seen)(shown).scene!.lengths, null);
});

test('what went stale stays stale, whichever text was told of first, until nobody can come back to it', () => {
  const next = { ...picture, subject: { ...picture.subject, id: 2 } };
  const busy = Changes.accept(2, 'Starting')(shown);
  for (const order of [
    [1, 2],
    [2, 1],
  ]) {
    const edited = order.reduce((state, id) => Changes.goStale(id, 'edited')(state), busy);
    assert.equal(States.staleness(Changes.settle(edited)), 'edited');
    const come = Changes.show(next, seenBy({ kind: 'head', head: at(2, 3) }, [matrix]))(edited);
    assert.equal(States.staleness(come), 'edited');
    assert.deepEqual(Object.keys(Changes.goStale(3, 'closed')(come).stale), ['2', '3']);
  }
});

test('numbers that cannot be had are told, until others come; a request that failed stays told', () => {
  const look = { kind: 'head', head: at(0, 1) } as const;
  const waiting = Changes.focusHead(look.head)(shown);
  const told = Changes.lack(picture.key, look, 'Too large.')(waiting);
  assert.equal(told.work.kind === 'failed' && told.work.sentence, 'Too large.');
  assert.equal(Changes.lack(picture.key, look, 'Too large.')(shown).work.kind, 'idle', 'of another head');
  assert.equal(Changes.receive(picture.key, seenBy(look, [matrix]))(told).work.kind, 'idle');
  const failed = Changes.fail('No.')(waiting);
  assert.equal(Changes.receive(picture.key, seenBy(look, [matrix]))(failed).work.kind, 'failed');
});
