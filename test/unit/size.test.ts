/** Sizes as people say them, of downloads and of exports alike. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sizeOf } from '../../src/models/size';

test('in the unit that makes them short', () => {
  const told = [0, 999, 1000, 130_000, 99_900_000, 256e6, 2.4e9, 12e12].map(sizeOf);
  const wanted = ['0 bytes', '999 bytes', '1.0 KB', '130 KB', '99.9 MB', '256 MB', '2.4 GB', '12000 GB'];
  assert.deepEqual(told, wanted);
});
