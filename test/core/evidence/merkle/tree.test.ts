import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Frontier, readFrontier } from '#core/evidence/merkle/frontier.ts';
import { EMPTY_ROOT, leafHash, nodeHash } from '#core/evidence/merkle/hash.ts';
import { coveringNodes, splitPoint } from '#core/evidence/merkle/node.ts';
import { rootOf } from '#core/evidence/merkle/root.ts';
import { thrown } from '../thrown.ts';
import { definedRoot, leaves, storeNodes } from './trees.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('the hashes of nothing are those of SHA-256', () => {
  expect(hex(EMPTY_ROOT)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(hex(leafHash(new Uint8Array(0)))).toBe(
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  );
});

test.each(Array.from({ length: 70 }, (_, size) => size))('the root of %d leaves is as defined', (size) => {
  expect(hex(rootOf(leaves(size)))).toBe(hex(definedRoot(leaves(size), EMPTY_ROOT)));
});

test('a tree of a hundred thousand leaves needs no deep stack, and holds 53 hashes at most', () => {
  const leaf = leafHash(Buffer.from('the same'));
  let full = leaf;
  for (let level = 0; level < 17; level++) full = nodeHash(full, full);
  const frontier = new Frontier();
  for (let index = 0; index < 2 ** 17; index++) frontier.append(leaf);
  expect(hex(frontier.root())).toBe(hex(full));
  expect(frontier.peaks).toHaveLength(1);
});

test('appending tells every node that it completes', () => {
  const frontier = new Frontier();
  const places = leaves(4).map((leaf) =>
    frontier.append(leaf).map(({ level, index }) => `${level}/${index}`),
  );
  expect(places).toEqual([['0/0'], ['0/1', '1/0'], ['0/2'], ['0/3', '1/1', '2/0']]);
});

test('a frontier read from stored nodes goes on like the one that stored them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(300), fc.nat(20), async (size, more) => {
      const all = leaves(size + more);
      const { read } = storeNodes(all.slice(0, size));
      const frontier = await readFrontier(size, read);
      for (const leaf of all.slice(size)) frontier.append(leaf);
      expect(frontier.head()).toEqual({ size: size + more, root: rootOf(all) });
    }),
  );
});

test('nothing is appended to a full tree', () => {
  const peaks = coveringNodes(0, Number.MAX_SAFE_INTEGER).map(() => EMPTY_ROOT);
  const frontier = new Frontier(Number.MAX_SAFE_INTEGER, peaks);
  expect(thrown(() => frontier.append(EMPTY_ROOT))).toBe('out_of_range');
});

test.each([
  [-1, [], 'out_of_range'],
  [0.5, [], 'out_of_range'],
  [2 ** 53, [EMPTY_ROOT], 'out_of_range'],
  [3, [EMPTY_ROOT], 'malformed'],
  [2, [EMPTY_ROOT, EMPTY_ROOT], 'malformed'],
  [1, [EMPTY_ROOT.subarray(1)], 'malformed'],
] as const)('there is no frontier of %d leaves with these subtrees', (size, peaks, code) => {
  expect(thrown(() => new Frontier(size, peaks))).toBe(code);
});

test('hashes of another length are refused', () => {
  const short = EMPTY_ROOT.subarray(1);
  expect(thrown(() => nodeHash(short, EMPTY_ROOT))).toBe('malformed');
  expect(thrown(() => nodeHash(EMPTY_ROOT, short))).toBe('malformed');
  expect(thrown(() => new Frontier().append(short))).toBe('malformed');
});

test('sizes count exactly up to the largest', () => {
  const largest = Number.MAX_SAFE_INTEGER;
  const nodes = coveringNodes(0, largest);
  expect(nodes).toHaveLength(53);
  expect(nodes[0]).toEqual({ level: 52, index: 0 });
  expect(nodes.at(-1)).toEqual({ level: 0, index: largest - 1 });
  expect(splitPoint(largest)).toBe(2 ** 52);
  expect(splitPoint(2 ** 52)).toBe(2 ** 51);
  expect([2, 3, 4, 5].map(splitPoint)).toEqual([1, 2, 2, 4]);
});
