import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { spoken, visible } from '../../webview/core/names';

test('white space is spelled out for the ear', () => {
  assert.equal(spoken('\n'), 'newline');
  assert.equal(spoken('\r\n'), 'newline');
  assert.equal(spoken('    '), '4 spaces');
  assert.equal(spoken('\t'), 'tab');
  assert.equal(spoken('\t\t'), '2 tabs');
  assert.equal(spoken('\n    '), 'newline 4 spaces');
  assert.equal(spoken(' total'), 'space total');
  assert.equal(spoken('total'), 'total');
  assert.equal(spoken('\0'), 'null character');
  assert.equal(spoken('\u00a0'), 'U+00A0');
  assert.equal(spoken('\u200b\u200d'), 'U+200B U+200D');
});

test('white space is made visible for the eye', () => {
  assert.equal(visible(' a\n\tb\r\n'), '·a⏎⇥b⏎');
  assert.equal(visible('\u0000\u202e'), 'U+0000U+202E');
});

test('no text is silent or unseen', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }), (text) => {
      assert.ok(spoken(text).trim().length > 0);
      assert.ok(!/[\n\r\t]/.test(spoken(text) + visible(text)));
    }),
    { numRuns: 500 },
  );
});
