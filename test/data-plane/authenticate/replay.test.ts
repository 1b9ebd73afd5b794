import { expect, test } from 'vitest';
import { UsedProofs } from '../../../data-plane/authenticate/dpop/replay.ts';

const START_MS = 1_700_000_000_000;
const S = START_MS / 1000;

test('proofs of the last minute are remembered, however many there are', () => {
  const used = new UsedProofs(START_MS);
  const later = START_MS + 30_000;
  for (let index = 0; index < 1_000; index += 1) expect(used.use('key', `${index}`, S + 1, later)).toBe(true);
  for (let index = 0; index < 1_000; index += 1)
    expect(used.use('key', `${index}`, S + 1, later)).toBe(false);
});

test('when there are too many, those of the oldest second are taken no more, used or not', () => {
  const used = new UsedProofs(START_MS, 3);
  const now = START_MS + 10_000;
  for (const [jti, second] of [
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ] as const) {
    expect(used.use('key', jti, S + second, now)).toBe(true);
  }
  expect(used.use('key', 'd', S + 4, now)).toBe(true);
  expect(used.use('key', 'a', S + 1, now)).toBe(false);
  expect(used.use('key', 'new', S + 1, now)).toBe(false);
  expect(used.use('key', 'b', S + 2, now)).toBe(false);
  expect(used.use('key', 'e', S + 2, now)).toBe(true);
});

test('numbers that are no times are refused', () => {
  const used = new UsedProofs(START_MS);
  for (const iat of [Number.NaN, Number.POSITIVE_INFINITY, -1, 0, S - 61, S + 6]) {
    expect(used.use('key', 'a', iat, START_MS)).toBe(false);
  }
  expect(used.use('key', 'a', S + 0.5, START_MS)).toBe(true);
});
