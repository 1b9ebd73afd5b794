import { expect, test } from 'vitest';
import { shareOut } from '../../../control-plane/log/share-out.ts';

const AT = new Date(0);
const waiting = (plane: string, epoch: bigint, loggedSeq: bigint, seq: bigint) => ({
  plane,
  epoch,
  seq,
  loggedSeq,
  updateTime: AT,
});
const counts = (shares: ReturnType<typeof shareOut>) =>
  shares.map(({ plane, epoch, first, last, count }) => `${plane}/${epoch} ${first}-${last} ${count}`);

test('everything, where there is room', () => {
  const epochs = [waiting('a', 1n, 0n, 5n), waiting('a', 2n, 3n, 4n), waiting('b', 1n, 7n, 7n)];
  expect(counts(shareOut(epochs, 100))).toEqual(['a/1 1-5 5', 'a/2 4-4 1']);
});

test('the small backlogs whole, the large ones what is left, alike', () => {
  const epochs = [waiting('a', 1n, 0n, 500n), waiting('b', 1n, 0n, 3n), waiting('c', 1n, 0n, 900n)];
  expect(counts(shareOut(epochs, 103))).toEqual(['b/1 1-3 3', 'a/1 1-500 50', 'c/1 1-900 50']);
});

test('a later epoch of a plane only after all of the earlier one', () => {
  const epochs = [waiting('a', 1n, 0n, 10n), waiting('a', 2n, 0n, 10n)];
  expect(counts(shareOut(epochs, 10))).toEqual(['a/1 1-10 10']);
  expect(counts(shareOut(epochs, 15))).toEqual(['a/1 1-10 10', 'a/2 1-10 5']);
});

test('never more than the limit, and never nothing, however many planes there are', () => {
  const epochs = Array.from({ length: 50 }, (_, n) => waiting(`p${n}`, 1n, 0n, 9n));
  const shares = shareOut(epochs, 20);
  expect(shares.reduce((sum, { count }) => sum + count, 0)).toBe(20);
  expect(shareOut([], 20)).toEqual([]);
});
