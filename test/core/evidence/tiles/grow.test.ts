import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readFrontier } from '#core/evidence/merkle/frontier.ts';
import { consistencyProof, inclusionProof } from '#core/evidence/merkle/prove.ts';
import { rootOf } from '#core/evidence/merkle/root.ts';
import { verifyConsistency, verifyInclusion } from '#core/evidence/merkle/verify.ts';
import { growTiles } from '#core/evidence/tiles/grow.ts';
import { tilePath } from '#core/evidence/tiles/path.ts';
import { type ReadTile, readNodes, tileRoot } from '#core/evidence/tiles/read.ts';
import { grownTiles, type TileId, tileWidth } from '#core/evidence/tiles/tile.ts';
import { leaves, storeNodes } from '../merkle/trees.ts';
import { rejected, thrown } from '../thrown.ts';

const MAX_SIZE = 1_400;
const ALL = leaves(MAX_SIZE);
const NODES = storeNodes(ALL);

/** Tiles by path, as a log serves them. */
class TileStore {
  readonly tiles = new Map<string, Uint8Array>();
  readonly asked: string[] = [];
  size = 0;

  readonly read: ReadTile = (id) => {
    this.asked.push(tilePath(id));
    const bytes = this.tiles.get(tilePath(id));
    if (bytes === undefined) throw new Error(`there is no ${tilePath(id)}`);
    return bytes;
  };

  async grow(count: number): Promise<TileId[]> {
    const grown = await growTiles(this.size, ALL.slice(this.size, this.size + count), this.read);
    for (const { id, bytes } of grown) this.tiles.set(tilePath(id), bytes);
    this.size += count;
    return grown.map(({ id }) => id);
  }
}

const steps = fc
  .array(fc.oneof(fc.nat(5), fc.nat(400)), { minLength: 1, maxLength: 6 })
  .filter((all) => all.reduce((sum, step) => sum + step, 0) <= MAX_SIZE);

test('a tree grown by tiles has the root of the plain one, and proves the same', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(), async (all, pick) => {
      const store = new TileStore();
      for (const step of all) {
        const { size } = store;
        expect(await store.grow(step)).toEqual(grownTiles(size, size + step));
        const head = (await readFrontier(store.size, readNodes(store.size, store.read))).head();
        expect(head).toEqual({ size: store.size, root: rootOf(ALL.slice(0, store.size)) });
        const proof = await consistencyProof(size, store.size, readNodes(store.size, store.read));
        verifyConsistency({ from: { size, root: rootOf(ALL.slice(0, size)) }, to: head, proof });
        if (store.size === 0) continue;
        const index = pick % store.size;
        const inclusion = await inclusionProof(index, store.size, readNodes(store.size, store.read));
        verifyInclusion({ leafHash: ALL[index] ?? new Uint8Array(0), index, proof: inclusion, head });
      }
    }),
    { numRuns: 40 },
  );
});

test('growing in one step or in many gives the same tiles at the end', async () => {
  const [whole, parts] = [new TileStore(), new TileStore()];
  await whole.grow(700);
  for (const step of [1, 255, 1, 254, 2, 187]) await parts.grow(step);
  for (const [path, bytes] of whole.tiles) expect(parts.tiles.get(path), path).toEqual(bytes);
  expect([...whole.tiles.keys()]).toEqual(['tile/0/000', 'tile/0/001', 'tile/0/002.p/188', 'tile/1/000.p/2']);
});

test('every complete node is read from tiles', async () => {
  const store = new TileStore();
  await store.grow(1_300);
  const read = readNodes(1_300, store.read);
  for (const [level, index] of [
    [0, 0],
    [0, 1_299],
    [3, 161],
    [7, 9],
    [8, 4],
    [9, 1],
    [10, 0],
  ] as const) {
    expect(await read(level, index)).toEqual(await NODES.read(level, index));
  }
  for (const [level, index] of [
    [0, 1_300],
    [3, 162],
    [8, 5],
    [10, 1],
    [11, 0],
  ] as const) {
    expect(await rejected(async () => read(level, index)), `${level}/${index}`).toBe('out_of_range');
  }
});

test('a reader asks for a tile once, and takes a full one for a partial one', async () => {
  const store = new TileStore();
  await store.grow(1_300);
  const asked: string[] = [];
  const read = readNodes(300, async (id) => {
    asked.push(tilePath(id));
    return store.read({ ...id, width: tileWidth(1_300, id.level, id.index) });
  });
  const proof = await inclusionProof(290, 300, read);
  const head = { size: 300, root: rootOf(ALL.slice(0, 300)) };
  verifyInclusion({ leafHash: ALL[290] ?? new Uint8Array(0), index: 290, proof, head });
  expect(asked.sort()).toEqual(['tile/0/001.p/44', 'tile/1/000.p/1']);
});

test('growing asks for the partial tiles at the edge alone', async () => {
  const store = new TileStore();
  await store.grow(513);
  store.asked.length = 0;
  await store.grow(255);
  expect(store.asked).toEqual(['tile/0/002.p/1', 'tile/1/000.p/2']);
});

test('a tree of 70,000 leaves has the tiles that the C2SP page counts', () => {
  const counts = new Map<string, number>();
  for (const { level, width } of grownTiles(0, 70_000)) {
    const key = `${level} ${width}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  expect(Object.fromEntries(counts)).toEqual({
    '0 256': 273,
    '0 112': 1,
    '1 256': 1,
    '1 17': 1,
    '2 1': 1,
  });
  expect(grownTiles(255, 256)).toEqual([
    { level: 0, index: 0, width: 256 },
    { level: 1, index: 0, width: 1 },
  ]);
});

test('nothing grows where nothing is appended, and no tree shrinks', async () => {
  expect(grownTiles(300, 300)).toEqual([]);
  expect(await growTiles(300, [], () => new Uint8Array(0))).toEqual([]);
  expect(thrown(() => grownTiles(2, 1))).toBe('out_of_range');
  expect(thrown(() => tileWidth(10, 64, 0))).toBe('out_of_range');
});

test('the largest tree is reached exactly', () => {
  const largest = Number.MAX_SAFE_INTEGER;
  expect(grownTiles(largest - 1, largest)).toEqual([{ level: 0, index: 2 ** 45 - 1, width: 255 }]);
  expect(tileWidth(largest, 6, 0)).toBe(31);
});

test('tiles that are too short and hashes of another length are malformed', async () => {
  const leaf = ALL[0] ?? new Uint8Array(0);
  expect(await rejected(() => growTiles(1, [leaf], () => leaf.subarray(1)))).toBe('malformed');
  expect(await rejected(() => growTiles(0, [leaf.subarray(1)], () => leaf))).toBe('malformed');
  expect(await rejected(async () => readNodes(2, () => leaf)(0, 0))).toBe('malformed');
  expect(thrown(() => tileRoot(leaf))).toBe('malformed');
});
