import { expect, test } from 'vitest';
import { UsedProofs } from '../../../data-plane/authenticate/dpop/replay.ts';

const START_MS = 1_700_000_000_000;
const S = START_MS / 1000;
const PROOF = { caller: 'ada', key: 'key', jti: 'a' };

const LIMITS = { all: 100, each: 4 };
const NOW_MS = START_MS + 10_000;

/** Uses proofs of a caller by their seconds since the start: which were taken. */
function use(used: UsedProofs, caller: string, jtis: string, second: number, nowMs = NOW_MS): string {
  return Array.from(jtis, (jti) =>
    used.use({ caller, key: 'key', jti, issuedS: S + second }, nowMs) ? jti : '-',
  ).join('');
}

test('proofs of the last minute are remembered, however many there are', () => {
  const used = new UsedProofs(START_MS);
  const later = START_MS + 30_000;
  for (const isNew of [true, false]) {
    for (let index = 0; index < 1_000; index += 1) {
      expect(used.use({ caller: 'ada', key: 'key', jti: `${index}`, issuedS: S + 1 }, later)).toBe(isNew);
    }
  }
});

test('one is known by its key and its name', () => {
  const used = new UsedProofs(START_MS);
  const proof = { caller: 'ada', key: 'one', jti: 'a', issuedS: S + 1 };
  const all = [proof, { ...proof, key: 'two' }, { ...proof, jti: 'b' }];
  expect([...all, ...all].map((each) => used.use(each, NOW_MS))).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('when there are too many of all, those of the oldest second are taken no more, used or not', () => {
  const used = new UsedProofs(START_MS, { all: 3, each: 3 });
  for (const second of [1, 2, 3]) expect(use(used, `caller ${second}`, 'a', second)).toBe('a');
  expect(use(used, 'caller 4', 'a', 4)).toBe('a');
  expect(use(used, 'caller 1', 'an', 1)).toBe('--');
  expect(use(used, 'caller 2', 'ab', 2)).toBe('-b');
});

test('who floods has their own oldest refused, used or not, and nobody else has', () => {
  const used = new UsedProofs(START_MS, LIMITS);
  expect(use(used, 'ada', 'ab', 1)).toBe('ab');
  expect(use(used, 'eve', 'ab', 1)).toBe('ab');
  expect(use(used, 'eve', 'cdef', 2)).toBe('cdef');
  expect(use(used, 'eve', 'abx', 1)).toBe('---');
  expect(use(used, 'ada', 'abx', 1)).toBe('--x');
  // What was made after it goes on.
  expect(use(used, 'eve', 'cg', 3)).toBe('cg');
  expect(use(used, 'eve', 'cg', 3)).toBe('--');
});

test('a flood within one second takes that second from who made it, until it is over', () => {
  const used = new UsedProofs(START_MS, LIMITS);
  expect(use(used, 'eve', 'abcdefgh', 5)).toBe('abcde---');
  expect(use(used, 'eve', 'abcde', 5)).toBe('-----');
  expect(use(used, 'ada', 'a', 5)).toBe('a');
  expect(use(used, 'eve', 'a', 6)).toBe('a');
  // After a minute no proof of theirs would be taken by its age alone; what is new is as ever.
  const later = START_MS + 120_000;
  expect(use(used, 'eve', 'a', 5, later)).toBe('-');
  expect(use(used, 'eve', 'abcd', 119, later)).toBe('abcd');
  expect(use(used, 'eve', 'abcd', 119, later)).toBe('----');
  expect(use(used, 'eve', 'abcde', 240, START_MS + 240_000)).toBe('abcde');
});

test('many who flood leave nothing behind when their time is over', () => {
  const used = new UsedProofs(START_MS, { all: 100, each: 1 });
  for (let round = 0; round < 5; round += 1) {
    const second = 100 * round + 5;
    const nowMs = START_MS + 1_000 * second;
    for (let caller = 0; caller < 40; caller += 1)
      expect(use(used, `${caller}`, 'ab', second, nowMs)).toBe('ab');
    expect(use(used, 'ada', 'a', second, nowMs)).toBe('a');
  }
});

test('numbers that are no times are refused', () => {
  const used = new UsedProofs(START_MS);
  for (const iat of [Number.NaN, Number.POSITIVE_INFINITY, -1, 0, S - 61, S + 6]) {
    expect(used.use({ ...PROOF, issuedS: iat }, START_MS)).toBe(false);
  }
  expect(used.use({ ...PROOF, issuedS: S + 0.5 }, START_MS)).toBe(true);
});

test('a clock that was ahead for a moment takes nothing away afterwards, and makes nothing good twice', () => {
  const used = new UsedProofs(START_MS);
  expect(use(used, 'ada', 'a', 10)).toBe('a');
  expect(use(used, 'ada', 'b', 10, START_MS + 86_400_000)).toBe('-');
  expect(use(used, 'ada', 'ac', 10, START_MS + 11_000)).toBe('--');
  expect(use(used, 'ada', 'c', 11, START_MS + 11_000)).toBe('c');
  expect(use(used, 'ada', 'c', 11, START_MS + 11_000)).toBe('-');
});

test('a clock that was ahead at the start is set right, and what was used before the start stays refused', () => {
  const used = new UsedProofs(START_MS + 86_400_000);
  expect(use(used, 'ada', 'ab', 9)).toBe('--');
  expect(use(used, 'ada', 'ab', 10)).toBe('ab');
  expect(use(used, 'ada', 'ab', 10)).toBe('--');
  expect(use(used, 'ada', 'a', 70, START_MS + 70_000)).toBe('a');
});
