/** The function or block around a line, by indentation alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockAround } from '../../src/block';

/** The block around the line that holds `mark`. */
function around(text: string, mark: string): string | null {
  const lines = text.split('\n');
  const line = lines.findIndex((one) => one.includes(mark));
  const block = blockAround({ count: lines.length, at: (i) => lines[i]! }, line);
  return block && lines.slice(block[0], block[1] + 1).join('\n');
}

const python = `import os

def first(a,
          b
) -> int:
    for x in a:
        if x:

            print(x)
    return 0


def second():
    pass
`;
const first = python.slice(python.indexOf('def first'), python.indexOf('\n\n\ndef second'));

test('a caret in a loop gives the function, header of many lines and all', () => {
  for (const mark of ['print', 'for x', 'if x', 'return 0']) assert.equal(around(python, mark), first, mark);
});

test('a caret on the header gives its block', () => {
  assert.equal(around(python, 'def second'), 'def second():\n    pass');
  assert.equal(around(python, 'def first'), first);
});

test('lines at the margin are a paragraph', () => {
  assert.equal(around(python, 'import os'), 'import os');
  assert.equal(around('one\ntwo\n\nthree', 'one'), 'one\ntwo');
});

const braces = `class A {
\tx = 1;

\trun(list)
\t{
\t\tif (list) {
\t\t\tgo();
\t\t} else {
\t\t\tstop();
\t\t}
\t}

\tother() { }
}`;

test('braces close what they belong to, on their own line or not', () => {
  const run = braces.slice(braces.indexOf('\trun'), braces.indexOf('\n\n\tother'));
  for (const mark of ['go()', 'stop()', 'else', 'if (list)']) assert.equal(around(braces, mark), run, mark);
  assert.equal(around(braces, 'x = 1'), braces);
});

test('a block of control flow without a function is shown whole', () => {
  assert.equal(around('a\nif b:\n  for c in d:\n    e\n', 'e'), 'if b:\n  for c in d:\n    e');
});

test('a blank line belongs to the text below it, and a blank document has no block', () => {
  const lines = ['def f():', '  a', '', '  b', ''];
  const at = (line: number) => blockAround({ count: lines.length, at: (i) => lines[i]! }, line);
  assert.deepEqual(at(2), [0, 3]);
  assert.deepEqual(at(4), [0, 3]);
  assert.equal(blockAround({ count: 2, at: () => '  ' }, 1), null);
});

test('a paragraph or block without an end in sight is none', () => {
  const flat = { count: 1e6, at: () => 'text' };
  assert.equal(blockAround(flat, 5e5), null);
  assert.equal(blockAround(flat, 0), null);
  const deep = { count: 1e6, at: (i: number) => (i === 0 ? 'def f():' : '  text') };
  assert.equal(blockAround(deep, 100), null);
});
