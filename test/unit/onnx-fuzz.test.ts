/** Damaged files: opened, or refused in one sentence. `npm run fuzz` goes through more, and runs some. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { damaged } from '../fuzz/mutate';
import { originals, outcomeOf } from '../fuzz/outcome';
import { parse, write } from '../fuzz/tree';

const trees = originals(60_000);

test('a file that is taken apart and put together is the same file', () => {
  for (const tree of trees.slice(0, 5)) {
    const bytes = write(tree);
    assert.deepEqual(write(parse(bytes)), bytes);
    assert.equal(outcomeOf(bytes).kind, 'opened');
  }
});

describe('2,000 damaged files', () => {
  for (let first = 0; first < 2000; first += 250)
    test(`${first} to ${first + 249}: opened, or refused in one sentence`, () => {
      const counts = { opened: 0, refused: 0 };
      for (let seed = first; seed < first + 250; seed++) {
        const { bytes, damage } = damaged(trees, seed);
        const outcome = outcomeOf(bytes);
        assert.ok(
          outcome.kind !== 'failed',
          outcome.kind === 'failed' ? `seed ${seed} (${damage.join(', ')}): ${outcome.detail}` : '',
        );
        counts[outcome.kind]++;
      }
      // Damage that always or never shows would test nothing.
      assert.ok(counts.opened > 20 && counts.refused > 20, JSON.stringify(counts));
    });
});
