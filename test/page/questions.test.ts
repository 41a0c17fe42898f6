/** What the host asks the page: the card of a token, the facts of a report; and what a text that continues another keeps. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Card, Fact } from '../../src/protocol';
import { PanelPage } from './browser';

const text = 'The cat sat on the mat because it was tired';

let panel: PanelPage;
before(async () => void (panel = await PanelPage.open()));
after(() => panel.close());

const card = async (id: number, offset: number) => (await panel.ask('card', { id, offset })) as Card | null;

test('being asked points, and the card tells the f32 values that the page tells', async () => {
  const id = await panel.show(text, { offset: 300 });
  const answered = (await card(id, 300 + text.indexOf('tired')))!;
  const weights = await panel.weights();
  const tokens = await panel.tokens();
  const told = panel.page.locator('.token.told');
  assert.equal(Number(await told.getAttribute('data-start')), answered.place[0]);
  assert.equal(answered.mask, 'causal');
  assert.match(answered.look, /^head \d\.\d$/);
  assert.equal(answered.links.length, 5);
  const strongest = [...weights].sort((a, b) => b - a).slice(0, 5);
  assert.deepEqual(
    answered.links.map(({ weight }) => weight),
    strongest,
  );
  for (const { place, weight } of answered.links) {
    const token = tokens.findIndex(({ start, end }) =>
      place === 'no text' ? start === end : start === place[0] && end === place[1],
    );
    assert.equal(weights[token], weight);
  }
});

test('the first token has but one link, and the other direction is told as such', async () => {
  const id = await panel.show(text);
  // `The` sees itself and <s>: no more than two weigh anything.
  const first = (await card(id, 0))!;
  assert.ok(first.links.length <= 2 && first.links.every(({ weight }) => weight > 0));
  const reversed = panel.page.getByRole('switch', { name: 'Who attends to me' });
  await reversed.click();
  const other = (await card(id, 0))!;
  assert.equal(other.reversed, true);
  assert.ok(other.links.length > 2);
  await reversed.click();
});

test('no card of another text, of a place outside, or of a text that has changed', async () => {
  const id = await panel.show(text, { offset: 10 });
  assert.equal(await card(id - 1, 12), null);
  assert.equal(await card(id, 3), null);
  assert.notEqual(await card(id, 12), null);
  await panel.post({ type: 'stale', id, why: 'edited' });
  assert.equal(await card(id, 12), null);
});

test('the facts: names and values, and nothing of the text', async () => {
  await panel.show(text);
  const facts = (await panel.ask('facts', null)) as Fact[];
  const named = Object.fromEntries(facts);
  assert.match(named['Model']!, /^headlight-small, 5 layers × 8 heads, trained causal and bidirectional$/);
  assert.equal(
    named['Text'],
    `${(await panel.tokens()).length} tokens, ${text.length} of ${text.length} units`,
  );
  assert.match(named['Run']!, /^causal, wasm, \d+ ms$/);
  assert.equal(named['WebGPU'], 'no adapter');
  assert.ok(!facts.some(([, value]) => /mat because|tired/.test(value)));
});

test('a text that continues another keeps the head, and the pin by its place in the document', async () => {
  await panel.show(text, { offset: 100 });
  const head = panel.page.locator('.head h2 strong');
  const focused = await head.textContent();
  const pinned = () => panel.page.locator('.tokens [aria-selected=true]');
  const at = 100 + text.indexOf(' mat');
  await panel.page.locator(`[role=option][data-start="${at}"]`).click();
  const cut = text.indexOf('sat');
  await panel.show(text.slice(cut), { offset: 100 + cut, continues: true });
  assert.equal(await head.textContent(), focused);
  assert.equal(await pinned().getAttribute('data-start'), String(at));
  assert.equal(await panel.page.locator('.token.told').getAttribute('data-start'), String(at));

  await panel.show('because it was tired', { offset: 500, continues: true });
  assert.equal(await head.textContent(), focused);
  assert.equal(await pinned().count(), 0);
});

test('what follows the selection is the host’s to know: the switch asks, and shows what it is told', async () => {
  const follows = panel.page.getByRole('switch', { name: 'Follow selection' });
  assert.equal(await follows.getAttribute('aria-checked'), 'false');
  await follows.click();
  assert.deepEqual((await panel.sent()).at(-1), { type: 'follow', on: true });
  assert.equal(await follows.getAttribute('aria-checked'), 'false');
  await panel.post({ type: 'follows', on: true });
  assert.equal(await follows.getAttribute('aria-checked'), 'true');
});
