import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Token } from '../../webview/engine/engine';
import { sharedWord } from '../../webview/inquiry';

const tokens = (...ids: readonly [id: number, text: string, special?: boolean][]): Token[] =>
  ids.map(([id, text, special = false]) => ({
    id,
    text,
    special,
    span: { start: 0, end: text.length },
    type: 0,
    segment: special ? null : 0,
  }));

test('the rarest word that both texts hold, at its last place in each', () => {
  const first = tokens([0, '<s>', true], [5, 'the'], [900, ' bank'], [5, 'the'], [7, '.']);
  const second = tokens([0, '<s>', true], [900, ' bank'], [6, ' by'], [5, 'the'], [7, '.']);
  assert.deepEqual(sharedWord([first, second]), [2, 1]);
});

test('no word in common: the last tokens', () => {
  const texts = [tokens([0, '<s>', true], [1, 'a']), tokens([0, '<s>', true], [2, 'b'], [3, '.'])] as const;
  assert.deepEqual(sharedWord(texts), [1, 2]);
});
