/** Every question to the page settles once: with its answer, too late, given up, or with the page's end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ask } from '../../src/protocol';
import { Asking, Cancelled } from '../../src/questions';
import { Refusal, sentences } from '../../src/sentences';

/** Asks, and keeps what was posted; `listens` false is a panel without a page. */
function asked(listens = true) {
  const posted: Ask[] = [];
  const asking = new Asking((message) => listens && posted.push(message) > 0);
  return { asking, posted };
}

const place = { id: 1, offset: 7 };

function token() {
  const listeners = new Set<() => void>();
  return {
    listeners,
    isCancellationRequested: false,
    onCancellationRequested(listener: () => void) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
  };
}

test('answers find their questions, in whatever order they come', async () => {
  const { asking, posted } = asked();
  const [first, second] = [asking.ask('card', place), asking.ask('facts', null)];
  assert.deepEqual(
    posted.map(({ name, asked }) => [name, asked]),
    [
      ['card', place],
      ['facts', null],
    ],
  );
  asking.answered({ type: 'answer', question: posted[1]!.question, ok: [['a', 'b']] });
  asking.answered({ type: 'answer', question: posted[0]!.question, ok: null });
  assert.deepEqual(await second, [['a', 'b']]);
  assert.equal(await first, null);
});

test('a page that does not answer in time is not waited for, and its late answer is dropped', async () => {
  const { asking, posted } = asked();
  const late = asking.ask('card', place, { deadline: 5 });
  await assert.rejects(late, new Refusal(sentences.noAnswer));
  asking.answered({ type: 'answer', question: posted[0]!.question, ok: null });
});

test('a refusal is the page’s sentence; without a page, and at its end, it is ours', async () => {
  const { asking, posted } = asked();
  const refused = asking.ask('facts', null);
  asking.answered({ type: 'answer', question: posted[0]!.question, refused: 'Not now.' });
  await assert.rejects(refused, new Refusal('Not now.'));
  await assert.rejects(asked(false).asking.ask('facts', null), new Refusal(sentences.noPanel));
  const open = [asking.ask('facts', null), asking.ask('card', place)];
  asking.end();
  for (const one of open) await assert.rejects(one, new Refusal(sentences.noPanel));
});

test('what is given up settles at once, and leaves no listener', async () => {
  const { asking } = asked();
  const cancel = token();
  const given = asking.ask('card', place, { cancel });
  cancel.listeners.forEach((listener) => listener());
  await assert.rejects(given, Cancelled);
  assert.equal(cancel.listeners.size, 0);
  await assert.rejects(
    asking.ask('card', place, { cancel: { ...cancel, isCancellationRequested: true } }),
    Cancelled,
  );
});
