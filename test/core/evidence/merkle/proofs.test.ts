import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readFrontier } from '#core/evidence/merkle/frontier.ts';
import { EMPTY_ROOT, leafHash, nodeHash } from '#core/evidence/merkle/hash.ts';
import { consistencyProof, inclusionProof } from '#core/evidence/merkle/prove.ts';
import { rootOf } from '#core/evidence/merkle/root.ts';
import { verifyConsistency, verifyInclusion } from '#core/evidence/merkle/verify.ts';
import { rejected, thrown } from '../thrown.ts';
import { alter, change, flip, leaves, storeNodes } from './trees.ts';

const MAX_SIZE = 300;
const ALL = leaves(MAX_SIZE);
const STORE = storeNodes(ALL);
const ROOTS = Array.from({ length: MAX_SIZE + 1 }, (_, size) => rootOf(ALL.slice(0, size)));
const headOf = (size: number) => ({ size, root: ROOTS[size] ?? EMPTY_ROOT });

/** A leaf of a tree. */
const place = fc
  .integer({ min: 1, max: MAX_SIZE })
  .chain((size) => fc.record({ size: fc.constant(size), index: fc.nat(size - 1) }));

/** Two sizes of a tree, the smaller first. */
const growth = fc
  .tuple(fc.integer({ min: 1, max: MAX_SIZE }), fc.integer({ min: 1, max: MAX_SIZE }))
  .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));

async function prove(index: number, size: number) {
  const proof = await inclusionProof(index, size, STORE.read);
  return { leafHash: ALL[index] ?? EMPTY_ROOT, index, proof, head: headOf(size) };
}

async function proveGrowth(from: number, to: number) {
  return { from: headOf(from), to: headOf(to), proof: await consistencyProof(from, to, STORE.read) };
}

test('every leaf of every small tree is proved', async () => {
  for (let size = 1; size <= 40; size++) {
    for (let index = 0; index < size; index++) verifyInclusion(await prove(index, size));
  }
  expect((await prove(0, 1)).proof).toEqual([]);
});

test('every growth of every small tree is proved', async () => {
  for (let to = 0; to <= 40; to++) {
    for (let from = 0; from <= to; from++) verifyConsistency(await proveGrowth(from, to));
  }
  expect((await proveGrowth(0, 7)).proof).toEqual([]);
});

test('an inclusion proof with any change is refused', async () => {
  await fc.assert(
    fc.asyncProperty(place, change, fc.nat(255), async ({ index, size }, anyChange, bit) => {
      const inclusion = await prove(index, size);
      verifyInclusion(inclusion);
      const { leafHash: leaf, head, proof } = inclusion;
      const changed = alter(proof, anyChange);
      if (changed !== undefined) {
        expect(thrown(() => verifyInclusion({ ...inclusion, proof: changed }))).toBe('proof_refused');
      }
      expect(thrown(() => verifyInclusion({ ...inclusion, leafHash: flip(leaf, bit) }))).toBe(
        'proof_refused',
      );
      const root = flip(head.root, bit);
      expect(thrown(() => verifyInclusion({ ...inclusion, head: { size, root } }))).toBe('proof_refused');
    }),
    { numRuns: 300 },
  );
});

test('an inclusion proof is refused for every other leaf', async () => {
  await fc.assert(
    fc.asyncProperty(place, async ({ index, size }) => {
      const inclusion = await prove(index, size);
      const others = Array.from({ length: size }, (_, other) => other).filter((other) => other !== index);
      const codes = others.map((other) => thrown(() => verifyInclusion({ ...inclusion, index: other })));
      expect(codes.every((code) => code === 'proof_refused')).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('a consistency proof with any change is refused', async () => {
  await fc.assert(
    fc.asyncProperty(growth, change, fc.nat(255), async ({ from, to }, anyChange, bit) => {
      const consistency = await proveGrowth(from, to);
      verifyConsistency(consistency);
      const proof = alter(consistency.proof, anyChange);
      if (proof !== undefined) {
        expect(thrown(() => verifyConsistency({ ...consistency, proof }))).toBe('proof_refused');
      }
      const earlier = { size: from, root: flip(consistency.from.root, bit) };
      expect(thrown(() => verifyConsistency({ ...consistency, from: earlier }))).toBe('proof_refused');
      const later = { size: to, root: flip(consistency.to.root, bit) };
      expect(thrown(() => verifyConsistency({ ...consistency, to: later }))).toBe('proof_refused');
    }),
    { numRuns: 300 },
  );
});

test('a tree in which an earlier leaf is another is not consistent', async () => {
  await fc.assert(
    fc.asyncProperty(growth, fc.nat(), async ({ from, to }, at) => {
      const forged = [...ALL.slice(0, to)];
      forged[at % from] = leafHash(Buffer.from('another'));
      const { read, frontier } = storeNodes(forged);
      const proof = await consistencyProof(from, to, read);
      const code = thrown(() => verifyConsistency({ from: headOf(from), to: frontier.head(), proof }));
      expect(code).toBe('proof_refused');
    }),
    { numRuns: 60 },
  );
});

/** A tree whose leaves are all one, so that one hash stands for every node of a level. */
const SAME = [leafHash(Buffer.from('the same'))];
for (let level = 0; level < 53; level++)
  SAME.push(nodeHash(SAME[level] ?? EMPTY_ROOT, SAME[level] ?? EMPTY_ROOT));
const readSame = (level: number): Uint8Array => SAME[level] ?? EMPTY_ROOT;

test.each([2 ** 53 - 1, 2 ** 52, 2 ** 52 + 1, 2 ** 33 + 5])('proofs are exact at %d leaves', async (size) => {
  const headAt = async (leaves: number) => (await readFrontier(leaves, readSame)).head();
  const [head, earlier] = [await headAt(size), await headAt(size - 3)];
  for (const index of [0, 1, size - 2, size - 1, 2 ** 32 + 1]) {
    const proof = await inclusionProof(index, size, readSame);
    verifyInclusion({ leafHash: readSame(0), index, proof, head });
    const longer = [...proof, readSame(0)];
    expect(thrown(() => verifyInclusion({ leafHash: readSame(0), index, proof: longer, head }))).toBe(
      'proof_refused',
    );
  }
  const proof = await consistencyProof(size - 3, size, readSame);
  verifyConsistency({ from: earlier, to: head, proof });
  expect(thrown(() => verifyConsistency({ from: earlier, to: head, proof: proof.slice(1) }))).toBe(
    'proof_refused',
  );
});

test.each([
  [0, 0],
  [1, 1],
  [-1, 5],
  [5, 5],
  [0.5, 5],
  [Number.NaN, 5],
  [0, 2 ** 53],
  [0, Number.POSITIVE_INFINITY],
])('there is no leaf %d in a tree of %d', async (index, size) => {
  expect(await rejected(() => inclusionProof(index, size, STORE.read))).toBe('out_of_range');
  const head = { size, root: EMPTY_ROOT };
  expect(thrown(() => verifyInclusion({ leafHash: EMPTY_ROOT, index, proof: [], head }))).toBe(
    'out_of_range',
  );
});

test.each([
  [2, 1],
  [-1, 1],
  [1.5, 2],
  [1, 2 ** 53],
])('no tree grows from %d to %d', async (from, to) => {
  expect(await rejected(() => consistencyProof(from, to, STORE.read))).toBe('out_of_range');
  const heads = { from: { size: from, root: EMPTY_ROOT }, to: { size: to, root: EMPTY_ROOT } };
  expect(thrown(() => verifyConsistency({ ...heads, proof: [] }))).toBe('out_of_range');
});

test('every tree begins with the one of no leaves, which has one root and needs no proof', () => {
  const [empty, some] = [headOf(0), headOf(3)];
  verifyConsistency({ from: empty, to: some, proof: [] });
  expect(thrown(() => verifyConsistency({ from: empty, to: some, proof: [some.root] }))).toBe(
    'proof_refused',
  );
  const forged = { size: 0, root: some.root };
  expect(thrown(() => verifyConsistency({ from: forged, to: some, proof: [] }))).toBe('proof_refused');
  expect(thrown(() => verifyConsistency({ from: forged, to: forged, proof: [] }))).toBe('proof_refused');
});

test('a proof is no longer than the size says, also to a root that fits', async () => {
  const [left, right] = [leafHash(Buffer.from('left')), leafHash(Buffer.from('right'))];
  const deep = { size: 1, root: nodeHash(left, right) };
  expect(thrown(() => verifyInclusion({ leafHash: right, index: 0, proof: [left], head: deep }))).toBe(
    'proof_refused',
  );
  const { from, to, proof } = await proveGrowth(3, 4);
  const deeper = {
    from: { size: 3, root: nodeHash(left, from.root) },
    to: { size: 4, root: nodeHash(left, to.root) },
    proof: [...proof, left],
  };
  expect(thrown(() => verifyConsistency(deeper))).toBe('proof_refused');
});

test('hashes of another length are malformed', async () => {
  const inclusion = await prove(2, 5);
  const short = EMPTY_ROOT.subarray(1);
  expect(thrown(() => verifyInclusion({ ...inclusion, leafHash: short }))).toBe('malformed');
  expect(thrown(() => verifyInclusion({ ...inclusion, proof: [short] }))).toBe('malformed');
  expect(thrown(() => verifyInclusion({ ...inclusion, head: { size: 5, root: short } }))).toBe('malformed');
  const consistency = await proveGrowth(3, 5);
  expect(thrown(() => verifyConsistency({ ...consistency, proof: [short] }))).toBe('malformed');
});
