import { expect, test } from 'vitest';
import { isEqual } from '../../program/equal.ts';

test.each<[string | Uint8Array, string | Uint8Array, boolean]>([
  ['secret', 'secret', true],
  ['secret', 'secrets', false],
  ['secret', 'secreT', false],
  ['\u00e9', 'e\u0301', false],
  ['', '', true],
  [Uint8Array.of(1, 2), Uint8Array.of(1, 2), true],
  [Uint8Array.of(1, 2), Buffer.of(1, 2), true],
  [Uint8Array.of(1, 2), Uint8Array.of(1, 3), false],
  [Uint8Array.of(1, 2), Uint8Array.of(1), false],
])('%s and %s: %s', (one, other, same) => {
  expect(isEqual(one, other)).toBe(same);
});
